"""A lock of a journal file that ends with its owner.

Optuna's locks are files, which a killed process leaves behind; the others then wait
half a minute. The operating system lets go of this one.
"""

from __future__ import annotations

import os
import threading

from optuna.storages.journal import JournalFileSymlinkLock

BLOCK = 1 << 16  # bytes that are read at a time, from the end

try:
    import fcntl
except ImportError:  # Windows
    HAS_LOCKS = False
else:
    HAS_LOCKS = True


def drop_torn_line(path: str) -> None:
    """Cut off the half of a line that somebody left who died while writing.

    Optuna passes over it as the last line, but not once another one follows.
    """
    with open(path, "rb+") as file:
        size = file.seek(0, os.SEEK_END)
        end, block = size, b""
        while end and b"\n" not in block:
            begin = max(0, end - BLOCK)
            file.seek(begin)
            block = file.read(end - begin)
            end = begin
        whole = end + block.rfind(b"\n") + 1
        if whole != size:
            file.truncate(whole)


class FileLock:
    """A lock of the journal file itself."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._descriptor = -1

    def __getstate__(self) -> str:
        """Pickle the place alone: who unpickles it does not have the lock."""
        return self._path

    def __setstate__(self, path: str) -> None:
        """Begin without the lock."""
        self.__init__(path)  # type: ignore[misc]

    def acquire(self) -> bool:
        """Wait until nobody else has the lock."""
        self._threads.acquire()
        try:
            self._descriptor = os.open(self._path, os.O_RDWR)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            drop_torn_line(self._path)  # of one who died while writing
        except BaseException:
            self._close()
            raise
        return True

    def release(self) -> None:
        """Let others have the lock."""
        self._close()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor != -1:
            os.close(descriptor)  # which also unlocks it
        self._threads.release()


JournalLock = FileLock | JournalFileSymlinkLock


def lock_of(path: str) -> JournalLock:
    """Choose a lock that works where a file lies."""
    if not HAS_LOCKS:
        return JournalFileSymlinkLock(path)
    lock = FileLock(path)
    try:
        lock.acquire()
    except OSError:
        return JournalFileSymlinkLock(path)
    lock.release()
    return lock
