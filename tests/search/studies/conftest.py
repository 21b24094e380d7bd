"""Real processes that search, and a real PostgreSQL."""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

HERE = Path(__file__).parent
SCRIPT = HERE / "search_in_process.py"
ROOT = HERE.parents[2]
SECONDS_TO_WAIT = 60
POSTGRESQL = "/usr/lib/postgresql"  # where Debian puts its programs


def load_script():
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("search_in_process", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class SearchProcess:
    """A process that fits a search."""

    def __init__(self, pid, out):
        self.pid = pid
        self._out = out

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def has_ended(self):
        return not Path(f"/proc/{self.pid}").exists()

    def wait(self):
        """Wait for its end; what it found, None if it was killed."""
        until = time.monotonic() + SECONDS_TO_WAIT
        while not self.has_ended():
            assert time.monotonic() < until, "the process did not end"
            time.sleep(0.01)
        return json.loads(self._out.read_text()) if self._out.exists() else None


class Farm:
    """Starts processes that search."""

    def __init__(self, folder):
        self._folder = folder
        self._n_started = 0
        self._script = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )

    def start(self, search, **command):
        """Start a process; returns when it is about to search."""
        self._n_started += 1
        out = self._folder / f"{self._n_started}.json"
        order = {"search": search, "out": str(out), **command}
        print(json.dumps(order), file=self._script.stdin, flush=True)
        answer = json.loads(self._script.stdout.readline())
        return SearchProcess(answer["pid"], out)

    def close(self):
        self._script.stdin.close()
        self._script.wait(SECONDS_TO_WAIT)
        self._script.stdout.close()


@pytest.fixture
def farm(tmp_path):
    processes = Farm(tmp_path)
    yield processes
    processes.close()


@pytest.fixture(scope="session")
def uninterrupted():
    """What the search finds in one process, in memory."""
    script = load_script()
    found = {}

    def find(*, is_network=False, **settings):
        key = json.dumps([is_network, settings], sort_keys=True)
        if key not in found:
            if is_network:
                search = script.make_network_search(**settings)
            else:
                search = script.make_search(seconds=0, **settings)
            found[key] = script.findings(search.fit(*load_iris(return_X_y=True)))
        return found[key]

    return find


def _program(name):
    found = shutil.which(name) or max(
        map(str, Path(POSTGRESQL).glob(f"*/bin/{name}")), default=None
    )
    if found is None:
        pytest.fail(
            f"This test needs PostgreSQL's '{name}': apt-get install postgresql"
        )
    return found


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a database in a throw-away cluster on a free port of this machine."""
    initdb, server, ready = map(_program, ("initdb", "postgres", "pg_isready"))
    # The server refuses to be run by root.
    user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    folder = tempfile.mkdtemp(prefix="skdl-postgresql-")
    try:
        if user:
            shutil.chown(folder, **user)
        data, port = f"{folder}/data", str(_free_port())
        quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, **user}
        command = [initdb, "-D", data, "-U", "skdl", "-A", "trust", "--no-sync"]
        subprocess.run(command, check=True, **quiet)
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", folder]
        process = subprocess.Popen(
            [server, "-D", data, "-p", port, *options],
            stderr=subprocess.DEVNULL,
            **quiet,
        )
        try:
            until = time.monotonic() + SECONDS_TO_WAIT
            while subprocess.run(
                [ready, "-q", "-h", "127.0.0.1", "-p", port]
            ).returncode:
                assert time.monotonic() < until, "PostgreSQL did not start"
                time.sleep(0.05)
            yield f"postgresql+psycopg://skdl@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # "fast shutdown"
            process.wait(SECONDS_TO_WAIT)
    finally:
        shutil.rmtree(folder)
