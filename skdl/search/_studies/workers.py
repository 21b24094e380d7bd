"""Heartbeats of the workers of a study.

A worker is a process that runs a search. Every few seconds it writes a growing number
to the study. A worker whose number has stopped growing for a while, by the clock of the
worker that looks, counts as dead. On the same machine a worker is dead as soon as its
process has ended.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import optuna
from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import SQLAlchemyError

HEARTBEAT_SECONDS = 10.0
GRACE_SECONDS = 60.0
PREFIX = "skdl:worker:"
# Errors of storages: of databases, and of journals that cannot be read or written.
OUTAGES = (StorageInternalError, SQLAlchemyError, OSError, ValueError)


def machine() -> str:
    """Name this machine, or the container in which process ids are unique."""
    host = socket.gethostname()
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{host}/{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:  # not Linux
        return host


def started_at(pid: int) -> str | None:
    """Return when a process started, to tell it from a later one with its id."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "" if _exists(pid) else None
    state, *others = stat.rsplit(")", 1)[1].split()
    return None if state == "Z" else others[18]  # Z: a zombie


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True


@dataclass
class Heartbeat:
    """The last heartbeat seen of another worker."""

    beat: int
    since: float  # when it was first seen, by this process's clock


class Worker:
    """This process as a worker of a study, alive inside a ``with`` block."""

    def __init__(self, study: optuna.Study) -> None:
        self.name = uuid.uuid4().hex
        self._study = study
        self._seen: dict[str, Heartbeat] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self._beat, name="skdl-heartbeat", daemon=True
        )

    def __enter__(self) -> Self:
        """Start the heartbeat."""
        self._write(0)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Mark this worker as ended, so that no other one waits for it."""
        self._ended.set()
        self._thread.join()
        outages = (
            () if error is None else OUTAGES
        )  # if there is an error, an outage must not hide it
        with suppress(*outages):
            self._write(0, has_ended=True)

    def _write(self, beat: int, *, has_ended: bool = False) -> None:
        pid = os.getpid()
        record = {
            "beat": beat,
            "machine": machine(),
            "pid": pid,
            "start": started_at(pid),
            "has_ended": has_ended,
        }
        self._study.set_user_attr(PREFIX + self.name, record)

    def _beat(self) -> None:
        beat = 0
        while not self._ended.wait(HEARTBEAT_SECONDS):
            beat += 1
            with suppress(*OUTAGES):  # the next attempt may succeed
                self._write(beat)

    def others_alive(self) -> set[str]:
        """Find the other workers that are alive."""
        now = time.monotonic()
        records = {
            key.removeprefix(PREFIX): record
            for key, record in self._study.user_attrs.items()
            if key.startswith(PREFIX)
        }
        return {
            name
            for name, record in records.items()
            if name != self.name and self._is_alive(name, record, now)
        }

    def _is_alive(self, name: str, record: dict[str, Any], now: float) -> bool:
        if record["has_ended"]:
            return False
        if record["machine"] == machine():
            start = started_at(record["pid"])
            if start is None or (start and start != record["start"]):
                return False
        seen = self._seen.get(name)
        if seen is None or seen.beat != record["beat"]:
            self._seen[name] = Heartbeat(record["beat"], now)
            return True
        return now - seen.since < GRACE_SECONDS
