"""A lock on a journal file that the operating system releases with its owner.

Optuna's locks are files. A killed process leaves them behind, and the others then wait
for half a minute.
"""

from __future__ import annotations

import os
import threading

from optuna.storages.journal import JournalFileSymlinkLock

BLOCK = 1 << 16  # bytes to read at a time, starting at the end

try:
    import fcntl
except ImportError:  # Windows
    HAS_LOCKS = False
else:
    HAS_LOCKS = True


def drop_torn_line(path: str) -> None:
    """Cut off an incomplete last line, left by a process that died while writing.

    Optuna ignores such a line at the end, but not once another one follows.
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
    """Lock on the journal file itself."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._descriptor = -1

    def __getstate__(self) -> str:
        """Pickle only the path: a copy does not hold the lock."""
        return self._path

    def __setstate__(self, path: str) -> None:
        """Start without holding the lock."""
        self.__init__(path)  # type: ignore[misc]

    def acquire(self) -> bool:
        """Wait for the lock."""
        self._threads.acquire()
        try:
            self._descriptor = os.open(self._path, os.O_RDWR)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            drop_torn_line(self._path)
        except BaseException:
            self._close()
            raise
        return True

    def release(self) -> None:
        """Release the lock."""
        self._close()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor != -1:
            os.close(descriptor)  # which also unlocks it
        self._threads.release()


JournalLock = FileLock | JournalFileSymlinkLock


def lock_of(path: str) -> JournalLock:
    """Choose a lock that the file's file system supports."""
    if not HAS_LOCKS:
        return JournalFileSymlinkLock(path)
    lock = FileLock(path)
    try:
        lock.acquire()
    except OSError:
        return JournalFileSymlinkLock(path)
    lock.release()
    return lock
