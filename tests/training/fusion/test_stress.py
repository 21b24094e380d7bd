"""Random tasks in random calls of joblib: each gets its own outcomes; none hangs.

Training is a stub, so that a run takes a few hundredths of a second.
SKDL_STRESS_RUNS=1000 makes as many runs.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pytest
from joblib.parallel import get_active_backend
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, cross_val_score

import skdl
from skdl.training import train

N_RUNS = int(os.environ.get("SKDL_STRESS_RUNS", "30"))
SECONDS = 30  # for one run

X, y = np.zeros((12, 1)), np.arange(12) % 2


class DrawnError(Exception):
    """An error that a task was drawn to raise."""


@dataclass(frozen=True)
class Call:
    """A call of joblib, with its parameters and its tasks."""

    parameters: dict[str, Any]
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Task:
    """A task: its name, and pairs of what to do and with which argument."""

    name: str
    steps: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Expected:
    """The value that must be returned, or the errors one of which must be raised."""

    value: list
    errors: frozenset[str] = frozenset()


# Drawing tasks.


def draw_call(random, name, depth):
    """A call whose tasks make calls in turn, up to some depth."""

    def draw(*values):
        return values[random.integers(len(values))]

    parameters = {
        "n_jobs": draw(None, 1, 2, -1),
        "pre_dispatch": draw("all", "2*n_jobs", "n_jobs", 1, 3),
        "batch_size": draw("auto", "auto", 1, 2),
        "return_as": draw("list", "list", "generator", "generator_unordered"),
    }
    n_tasks = int(random.integers(1, 9 if depth == 2 else 5))
    return Call(
        parameters,
        tuple(draw_task(random, f"{name}.{i}", depth) for i in range(n_tasks)),
    )


def draw_task(random, name, depth):
    """A task of up to four steps."""
    kinds = {"sleep": 2.0, "train": 6.0, "fail": 0.2, "fail in training": 0.2}
    kinds |= {"score": 0.3, "search": 0.1}
    if depth:
        kinds |= {"call": 1.5, "call, and catch": 0.5}
    chances = np.array(list(kinds.values()))
    steps = []
    for i in range(random.integers(0, 5)):
        kind = str(random.choice(list(kinds), p=chances / chances.sum()))
        argument: Any = f"{name}:{i}"
        if kind == "sleep":
            argument = random.uniform(0, 0.004)
        elif kind == "train":
            argument = [f"{name}:{i}:{j}" for j in range(random.integers(1, 4))]
        elif kind.startswith("call"):
            argument = draw_call(random, argument, depth - 1)
        steps.append((kind, argument))
    return Task(name, tuple(steps))


# What they must return.


def expect_call(call):
    """What a call must return or raise."""
    ends = [expect_task(task) for task in call.tasks]
    values = [end.value for end in ends]
    if call.parameters["return_as"] == "generator_unordered":
        values.sort(key=repr)
    return Expected(values, frozenset().union(*(end.errors for end in ends)))


def expect_task(task):
    """What a task must return or raise."""
    value = [task.name]
    for kind, argument in task.steps:
        errors = frozenset()
        if kind.startswith("fail"):
            errors = frozenset([argument])
        elif kind == "train":
            value += [("trained", job) for job in argument]
        elif kind in ("score", "search"):
            value.append(1.0)
        elif kind.startswith("call"):
            end = expect_call(argument)
            errors = end.errors
            if errors and kind == "call, and catch":
                errors = frozenset()
                value.append("caught")
            else:
                value.append(end.value)
        if errors:
            return Expected([], errors)
    return Expected(value)


# Running them.


class Network(BaseEstimator):
    """An estimator whose score is 1 if it got its own outcome."""

    def __init__(self, name="", candidate=0):
        self.name = name
        self.candidate = candidate

    def fit(self, X, y):
        """Train a job that nobody else has."""
        job = (self.name, self.candidate, id(self))
        self.is_own_ = train([job]) == [("trained", job)]
        return self

    def score(self, X, y):
        """Return 1 if the outcome was that of the job."""
        return float(self.is_own_)


def make_call(call):
    """Make a drawn call of joblib."""
    values = joblib.Parallel(**call.parameters)(
        joblib.delayed(run_task)(task) for task in call.tasks
    )
    if call.parameters["return_as"] == "generator_unordered":
        return sorted(values, key=repr)
    return list(values)


def run_task(task):
    """Run a drawn task, and return its value."""
    value = [task.name]
    for kind, argument in task.steps:
        match kind:
            case "sleep":
                time.sleep(argument)
            case "train":
                value += train(argument)
            case "fail":
                raise DrawnError(argument)
            case "fail in training":
                train([argument, DrawnError(argument), argument])
            case "score":
                value.append(cross_val_score(Network(argument), X, y, cv=3).mean())
            case "search":
                grid = {"candidate": [1, 2]}
                search = GridSearchCV(Network(argument), grid, cv=2).fit(X, y)
                value.append(search.best_score_)
            case "call":
                value.append(make_call(argument))
            case "call, and catch":
                try:
                    value.append(make_call(argument))
                except DrawnError as error:
                    is_possible = str(error) in expect_call(argument).errors
                    value.append("caught" if is_possible else error)
    return value


def assert_quiet(scheduler):
    """Check that nothing runs or waits any more."""
    deadline = time.monotonic() + 5
    while True:
        busy = {
            "running": scheduler._n_running(),
            "training": scheduler._is_training,
            "calls": len(scheduler._calls),
            "queue": len(scheduler._queue),
            "meeting": len(scheduler._meetings),
            "ready": len(scheduler._ready),
            "waits": len(scheduler._waits),
        }
        if not any(busy.values()) or time.monotonic() > deadline:
            break
        time.sleep(0.001)  # the last task is done a moment before it is not counted
    assert not any(busy.values()), busy


def fused_run(seed):
    """Draw a call, make it inside `fuse`, and check what it returns or raises."""
    random = np.random.default_rng(seed)
    call = draw_call(random, f"run {seed}", depth=2)
    expected = expect_call(call)
    with skdl.fuse(max_waiting=int(random.choice([1, 2, 5, 128]))) as fusion:
        scheduler = get_active_backend()[0]._scheduler
        if expected.errors:
            with pytest.raises(DrawnError) as error:
                make_call(call)
            assert str(error.value) in expected.errors
        else:
            assert make_call(call) == expected.value
        assert_quiet(scheduler)
    return fusion


def test_random_tasks(stub_training, in_time):
    n_failed = n_networks = n_banks = 0

    for seed in range(N_RUNS):
        fusion = in_time(lambda seed=seed: fused_run(seed), SECONDS)
        n_networks += fusion.n_networks
        n_banks += fusion.n_banks
        call = draw_call(np.random.default_rng(seed), f"run {seed}", depth=2)
        n_failed += bool(expect_call(call).errors)

    # The draws are worth running: many networks train together, and some runs fail.
    assert sum(map(len, stub_training)) >= n_networks > 2 * n_banks
    assert 0.1 * N_RUNS < n_failed < 0.9 * N_RUNS


def interrupted_run(seed):
    """Press Ctrl-C at a random moment of a call; fail with all stacks if it hangs."""
    random = np.random.default_rng([seed, 1])
    call = draw_call(random, f"run {seed}", depth=2)
    stacks = []

    def press():
        time.sleep(moment)
        signal.pthread_kill(main, signal.SIGINT)
        if not ended.wait(SECONDS):
            with tempfile.TemporaryFile("w+") as file:
                faulthandler.dump_traceback(file)
                file.seek(0)
                stacks.append(file.read())
            signal.pthread_kill(main, signal.SIGINT)  # ends what hangs

    moment, ended = random.uniform(0, 0.06), threading.Event()
    main = threading.get_ident()
    presses = threading.Thread(target=press, daemon=True)
    with skdl.fuse(max_waiting=int(random.choice([1, 2, 5, 128]))):
        scheduler = get_active_backend()[0]._scheduler
        try:
            presses.start()
            with contextlib.suppress(DrawnError):
                make_call(call)
            time.sleep(1)  # where the call was faster
        except KeyboardInterrupt:
            ended.set()
        presses.join()
        if stacks:
            pytest.fail(f"It hangs.\n{stacks[0]}")
        assert ended.is_set()
        assert_quiet(scheduler)


def test_random_interruptions(stub_training, in_time):
    # Ctrl-C only reaches the main thread.
    assert threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for seed in range(N_RUNS):
            interrupted_run(seed)
            in_time(lambda seed=seed: fused_run(seed), SECONDS)
    finally:
        signal.signal(signal.SIGINT, handler)
