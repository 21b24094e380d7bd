"""Which workers of a study are alive.

Each worker, a process in which a search runs, writes a growing number into the study
every few seconds. Others judge by their own clock: a worker whose number has not grown
for a while is gone. One of this machine whose process has ended is gone at once.
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
# How storages fail: databases, journals that cannot be read or written.
OUTAGES = (StorageInternalError, SQLAlchemyError, OSError, ValueError)


def machine() -> str:
    """Name this machine, or rather what its process numbers count in."""
    host = socket.gethostname()
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{host}/{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:  # not Linux
        return host


def started_at(pid: int) -> str | None:
    """Say when a process began, so that a number used again is seen."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "" if _has_number(pid) else None
    state, *others = stat.rsplit(")", 1)[1].split()
    return None if state == "Z" else others[18]  # Z: ended, and not yet waited for


def _has_number(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


@dataclass
class Seen:
    """What was last seen of another worker."""

    beat: int
    at: float  # when it was first seen so, by this process's clock


class Worker:
    """This process's part in a study, alive while it is entered."""

    def __init__(self, study: optuna.Study) -> None:
        self.name = uuid.uuid4().hex
        self._study = study
        self._seen: dict[str, Seen] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self._beat, name="skdl-heartbeat", daemon=True
        )

    def __enter__(self) -> Self:
        """Begin to be alive."""
        self._write(0)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Say that this worker has ended, so that nobody waits for it."""
        self._ended.set()
        self._thread.join()
        outages = () if error is None else OUTAGES  # do not hide what went wrong
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
            with suppress(*OUTAGES):  # who cannot be reached may be so the next time
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
            self._seen[name] = Seen(record["beat"], now)
            return True
        return now - seen.at < GRACE_SECONDS
