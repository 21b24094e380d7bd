"""Storages of studies: memory, a file or a database."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from skdl._compat.optuna import JOURNAL_START, close_storage
from skdl.exceptions import (
    MissingDependencyError,
    ParameterTypeError,
    StorageError,
)
from skdl.search._studies.journal_lock import lock_of

SQLITE_SUFFIXES = (".db", ".sqlite", ".sqlite3")
LOCK_SECONDS = 60  # how long SQLite waits for other writers
N_TRIES, SECONDS_BETWEEN_TRIES = 4, 0.25
# Connections that were lost while a long batch trained are replaced.
ENGINE_OPTIONS = {"pool_pre_ping": True}


def open_storage(storage: str | os.PathLike | BaseStorage | None) -> BaseStorage:
    """Open the storage of a study."""
    if storage is None:
        return InMemoryStorage()
    if isinstance(storage, BaseStorage):
        return storage
    if not isinstance(storage, str | os.PathLike):
        raise ParameterTypeError(
            "The 'storage' parameter of OptunaSearchCV must be None, the URL of a "
            "database, a path or a storage of optuna.storages. Got "
            f"{storage!r} of type {type(storage).__name__} instead."
        )
    place = os.fspath(storage)
    if "://" in place:
        return _database(place)
    if Path(place).suffix in SQLITE_SUFFIXES:
        return _database(f"sqlite:///{place}")
    return _journal(place)


@contextmanager
def opened(storage: str | os.PathLike | BaseStorage | None) -> Iterator[BaseStorage]:
    """Open the storage of a study, and close its connections afterwards."""
    own = open_storage(storage)
    try:
        yield own
    finally:
        if own is not storage:
            close_storage(own)


def _database(url: str) -> BaseStorage:
    options: dict[str, Any] = dict(ENGINE_OPTIONS)
    try:
        parsed = make_url(url)
        shown = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite":
            options = {"connect_args": {"timeout": LOCK_SECONDS}}
        return _open_with_retries(url, options)
    except ImportError as error:  # of the driver, by SQLAlchemy or Optuna
        raise MissingDependencyError(
            f"The storage {shown!r} needs a driver that is not installed: "
            f'{_reason(error)}. For PostgreSQL: pip install "skdl[postgresql]", and '
            "use a URL that starts with 'postgresql+psycopg://'."
        ) from error
    except SQLAlchemyError as error:
        raise StorageError(
            f"The storage {_without_password(url)!r} cannot be reached: "
            f"{_reason(error)}. Expected the URL of a running database, such as "
            "'sqlite:///search.db' or 'postgresql+psycopg://user@host/name'."
        ) from error


def _open_with_retries(url: str, options: dict[str, Any]) -> BaseStorage:
    """Open a database, whose tables other workers may be creating at this moment."""
    for _ in range(N_TRIES - 1):
        try:
            return RDBStorage(url, engine_kwargs=options)
        except SQLAlchemyError:
            time.sleep(SECONDS_BETWEEN_TRIES)
    return RDBStorage(url, engine_kwargs=options)


def _journal(path: str) -> BaseStorage:
    try:
        open(path, "ab").close()  # the lock needs an existing file
        _check_is_journal(path)
        lock = lock_of(path)
        backend = JournalFileBackend(path, lock_obj=lock)  # type: ignore[arg-type]
        return JournalStorage(backend)
    except OSError as error:
        raise StorageError(
            f"The journal file {path!r} cannot be used: {_reason(error)}. Expected a "
            "path in a folder that exists and is writable."
        ) from error
    except ValueError as error:  # json.JSONDecodeError among them
        raise StorageError(
            f"The file {path!r} is not an Optuna journal: {_reason(error)}. Choose a "
            "new file. Only .db, .sqlite and .sqlite3 are opened as SQLite."
        ) from error


def _check_is_journal(path: str) -> None:
    with open(path, "rb") as file:
        start = file.read(len(JOURNAL_START))
    if not JOURNAL_START.startswith(start):
        raise ValueError("it does not start like one")


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "://".join([url.split("://")[0], "..."])


def _reason(error: Exception) -> str:
    """Return the first line of an error's message."""
    cause = error.__cause__ or getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    return lines[0].rstrip(".")
