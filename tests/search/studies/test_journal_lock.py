"""The lock of a journal file ends with the process that has it."""

import subprocess
import sys

import pytest

from skdl.search._studies import journal_lock

HOLD = """
import sys
from skdl.search._studies.journal_lock import FileLock
FileLock(sys.argv[1]).acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_a_lock_ends_with_its_owner(tmp_path):
    path = str(tmp_path / "a.journal")
    open(path, "w").close()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD, path], **pipes) as owner:
        assert owner.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError):
            _try(path)
        owner.kill()
        lock = journal_lock.FileLock(path)
        assert lock.acquire()  # without waiting half a minute
        lock.release()


def _try(path):
    import fcntl

    with open(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
