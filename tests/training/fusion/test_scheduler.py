"""Calls of joblib that scikit-learn does not make, and when training starts.

Training is a stub.
"""

import contextvars
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from joblib import Parallel, delayed, parallel_config
from joblib.parallel import get_active_backend

import skdl
from skdl.training import train
from skdl.training._fusion.scheduler import (
    FusionScheduler,
    IllegalTransitionError,
    TaskState,
)

SECONDS = 10  # for what takes less than one


def trained(*jobs):
    """The outcomes of the stub."""
    return [("trained", job) for job in jobs]


def returned(value):
    return value


def call_of(*jobs, **parameters):
    """A call of joblib whose tasks train one job each."""
    return Parallel(**parameters)(delayed(train)([job]) for job in jobs)


def test_tasks_train_together(stub_training):
    with skdl.fuse() as fusion:
        outcomes = call_of("a", "b", "c")

    assert outcomes == [trained("a"), trained("b"), trained("c")]
    assert stub_training == [["a", "b", "c"]]
    assert fusion.banks == [3]


def test_a_task_trains_again_and_again(stub_training):
    def task(name):
        first = train([name])
        return first + train([f"{name}2", f"{name}3"])

    with skdl.fuse():
        outcomes = Parallel()(delayed(task)(name) for name in "ab")

    assert outcomes == [trained("a", "a2", "a3"), trained("b", "b2", "b3")]
    assert stub_training == [["a", "b"], ["a2", "a3", "b2", "b3"]]


def test_max_waiting_limits_banks(stub_training):
    with skdl.fuse(max_waiting=2):
        call_of(*range(7))

    assert [len(jobs) for jobs in stub_training] == [2, 2, 2, 1]


def test_training_outside_a_task_does_not_wait(stub_training):
    with skdl.fuse() as fusion:
        assert train(["a", "b"]) == trained("a", "b")

    assert fusion.banks == [2]


def test_a_training_error_reaches_every_waiting_task(monkeypatch):
    def fails(jobs, **_):
        raise MemoryError("no memory for the bank")

    def task(name):
        with pytest.raises(MemoryError, match="no memory for the bank"):
            train([name])
        return name

    monkeypatch.setattr("skdl.training._fusion.fuse.train_banks", fails)
    monkeypatch.setattr("skdl.training._fusion.fuse.rows_bytes", lambda jobs: 0)
    with skdl.fuse():
        assert Parallel()(delayed(task)(name) for name in "ab") == ["a", "b"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_errors_that_end_programs(error, stub_training, in_time):
    def task(i):
        train([i])
        if i == 1:
            raise error("of the task")

    def run():
        with skdl.fuse():
            Parallel()(delayed(task)(i) for i in range(3))

    with pytest.raises(error, match="of the task"):
        in_time(run, SECONDS)


def test_nothing_trains_for_a_failed_call():
    """The owner of a failed call stops waiting a moment before joblib aborts it."""
    banks, failed = [], threading.Event()

    def train_banks(jobs, *, is_cancelled):
        banks.append(jobs)
        return trained(*jobs)

    def fail():
        raise ValueError("of the task")

    scheduler = FusionScheduler(
        train_banks, max_waiting=8, n_bytes=lambda jobs: 0, max_bytes=1
    )
    call = scheduler.open_call()
    scheduler.submit(call, lambda: train(["wanted by nobody"]), returned)
    scheduler.submit(call, fail, lambda task: failed.set())
    scheduler.wait_begins(call)
    assert failed.wait(SECONDS)
    scheduler.wait_ends(call)
    time.sleep(0.05)
    scheduler.abort(call)
    scheduler.close_call(call)

    assert banks == []


def test_arguments_that_call_joblib(stub_training, in_time):
    """The tasks come from a generator that makes a call of its own for each task."""

    def run():
        with skdl.fuse():
            return Parallel()(delayed(returned)(call_of(i, i)) for i in range(3))

    assert in_time(run, SECONDS) == [2 * [trained(i)] for i in range(3)]


def test_arguments_that_train(stub_training, in_time):
    """The tasks come from a generator that trains, outside of any task."""

    def run():
        with skdl.fuse():
            return Parallel()(delayed(returned)(train([i])) for i in range(3))

    assert in_time(run, SECONDS) == [trained(i) for i in range(3)]


def test_arguments_that_train_in_a_task(stub_training, in_time):
    """A task makes a call whose arguments are trained while it submits."""

    def task(name):
        arguments = (train([f"{name}{i}"]) for i in range(12))
        return Parallel()(delayed(returned)(argument) for argument in arguments)

    def run():
        with skdl.fuse(max_waiting=4):
            return Parallel()(delayed(task)(name) for name in "ab")

    first, second = in_time(run, SECONDS)
    assert first == [trained(f"a{i}") for i in range(12)]
    assert second == [trained(f"b{i}") for i in range(12)]


def between(what):
    """What the caller does between two results of a generator."""
    if "trains" in what:
        assert train(["c"]) == trained("c")
    if "calls" in what:
        assert call_of("a", "b") == [trained("a"), trained("b")]


WHAT = ["waits", "trains", "calls", "calls and trains"]


@pytest.mark.parametrize("what", WHAT)
def test_results_as_a_generator(what, stub_training, in_time):
    def run():
        with skdl.fuse(max_waiting=2):
            for i, outcome in enumerate(call_of(*range(9), return_as="generator")):
                assert outcome == trained(i)
                between(what)
            assert get_active_backend()[0]._scheduler._calls == []
            return i

    assert in_time(run, SECONDS) == 8


@pytest.mark.parametrize("what", WHAT)
def test_results_as_a_generator_in_a_task(what, stub_training, in_time):
    def task():
        for i, outcome in enumerate(call_of(*range(9), return_as="generator")):
            assert outcome == trained(i)
            between(what)
        return i

    def run():
        with skdl.fuse():
            return Parallel()(delayed(task)() for _ in range(2))

    assert in_time(run, SECONDS) == [8, 8]


def test_a_generator_that_is_dropped(stub_training, in_time):
    def task(i):
        time.sleep(0.02)  # so that not all are done when the first is
        return train([i])

    def drop():
        tasks = (delayed(task)(i) for i in range(9))
        outcomes = Parallel(return_as="generator")(tasks)
        assert next(outcomes) == trained(0)
        outcomes.close()

    def run():
        with skdl.fuse(max_waiting=2):
            with pytest.warns(UserWarning, match="could benefit from adjusting"):
                drop()
            return call_of("a", "b")

    assert in_time(run, SECONDS) == [trained("a"), trained("b")]


def test_several_calls_of_one_parallel(stub_training, in_time):
    def run():
        with skdl.fuse(), Parallel(n_jobs=2) as parallel:
            return [parallel(delayed(train)([i]) for i in range(3)) for _ in range(3)]

    assert in_time(run, SECONDS) == 3 * [[trained(0), trained(1), trained(2)]]
    assert [sorted(jobs) for jobs in stub_training] == 3 * [[0, 1, 2]]


def test_a_call_without_tasks(stub_training, in_time):
    def run():
        with skdl.fuse():
            nested = Parallel()(delayed(call_of)() for _ in range(2))
            return [call_of(), nested]

    assert in_time(run, SECONDS) == [[], [[], []]]


def test_many_more_tasks_than_max_waiting(stub_training, in_time):
    def run():
        with skdl.fuse(max_waiting=16):
            return call_of(*range(300))

    assert in_time(run, SECONDS) == [trained(i) for i in range(300)]
    assert max(len(jobs) for jobs in stub_training) == 16


@pytest.mark.parametrize("nested", ["threading", "sequential"])
def test_another_backend_inside_a_task(nested, stub_training, in_time):
    def task(name):
        with parallel_config(backend=nested, n_jobs=2):
            squares = Parallel()(delayed(pow)(i, 2) for i in range(3))
        return squares + train([name])

    def run():
        with skdl.fuse():
            return Parallel()(delayed(task)(name) for name in "ab")

    squares = [0, 1, 4]
    outcomes = in_time(run, SECONDS)
    assert outcomes == [squares + trained("a"), squares + trained("b")]
    assert stub_training == [["a", "b"]]


def test_fuse_inside_a_task(stub_training, in_time):
    """An inner `fuse` collects banks of its own."""

    def task(name):
        with skdl.fuse() as inner:
            outcomes = call_of(f"{name}1", f"{name}2")
        return [*outcomes, inner.banks, train([name])]

    def run():
        with skdl.fuse():
            return Parallel()(delayed(task)(name) for name in "ab")

    def expected(name):
        outcomes = [trained(f"{name}1"), trained(f"{name}2")]
        return [*outcomes, [2], trained(name)]

    assert in_time(run, SECONDS) == [expected("a"), expected("b")]
    assert stub_training == [["a1", "a2"], ["b1", "b2"], ["a", "b"]]


def test_threads_that_a_task_starts(stub_training, in_time):
    """They train by themselves; for the scheduler, the task computes."""

    def task(name):
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(train, [[f"{name}1"], [f"{name}2"]]))
        return [*outcomes, train([name])]

    def run():
        with skdl.fuse():
            return Parallel()(delayed(task)(name) for name in "ab")

    def expected(name):
        return [trained(f"{name}1"), trained(f"{name}2"), trained(name)]

    assert in_time(run, SECONDS) == [expected("a"), expected("b")]
    assert stub_training[-1] == ["a", "b"]


def test_n_jobs_limits_what_computes(stub_training, in_time):
    n_computing, most = [], []

    def task(i):
        n_computing.append(i)
        most.append(len(n_computing))
        time.sleep(0.005)
        n_computing.remove(i)
        return train([i])

    def run(n_jobs):
        most.clear()
        with skdl.fuse() as fusion:
            Parallel(n_jobs=n_jobs)(delayed(task)(i) for i in range(6))
        return fusion.banks, max(most)

    assert in_time(lambda: run(1), SECONDS) == ([6], 1)
    assert in_time(lambda: run(None), SECONDS) == ([6], 1)
    banks, n_at_once = in_time(lambda: run(2), SECONDS)
    assert banks == [6]
    assert n_at_once <= 2


def test_warning_filters_of_two_tasks_that_run_at_once(stub_training, in_time):
    is_inside = threading.Event()

    def first():
        with warnings.catch_warnings():
            own, deadline = warnings.filters, time.monotonic() + 0.5
            is_inside.set()
            while warnings.filters is own and time.monotonic() < deadline:
                time.sleep(0.001)
            warnings.filterwarnings("ignore", "of a task", append=True)

    def second():
        is_inside.wait(SECONDS)
        return train(["b"])

    def run():
        with skdl.fuse():
            return Parallel(n_jobs=2)(delayed(task)() for task in (first, second))

    with warnings.catch_warnings():
        before = list(warnings.filters)
        assert in_time(run, SECONDS) == [None, trained("b")]
        assert warnings.filters == before


def test_a_generator_dropped_by_another_thread(stub_training, in_time):
    def task(name):
        outcomes = call_of(*range(4), return_as="generator")
        next(outcomes)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib warns about both, as it should
            thread = threading.Thread(target=outcomes.close)
            thread.start()
            thread.join()
            while helper := joblib_helper():
                helper.join()
        return train([name])

    def joblib_helper():
        names = {each.name: each for each in threading.enumerate()}
        return names.get("GeneratorExitThread")

    def run():
        with skdl.fuse():
            first = Parallel()(delayed(task)("a") for _ in range(1))
            return first + call_of("b", "c")

    assert in_time(run, SECONDS) == [trained("a"), trained("b"), trained("c")]


def test_an_illegal_change_of_state_ends_the_tasks_that_wait(monkeypatch):
    monkeypatch.setattr("skdl.training._fusion.scheduler.PATIENCE_SECONDS", 0.05)
    scheduler = FusionScheduler(
        lambda jobs, **_: trained(*jobs),
        max_waiting=8,
        n_bytes=lambda jobs: 0,
        max_bytes=1,
    )

    def wait_for_ever():
        scheduler._is_training = True  # so that no training starts
        is_aside.set()
        return train(["a"])

    is_aside, is_done = threading.Event(), threading.Event()
    call = scheduler.open_call()
    task = scheduler.submit(call, wait_for_ever, lambda task: is_done.set())
    assert is_aside.wait(SECONDS)
    while not scheduler._meetings:
        time.sleep(0.001)
    with pytest.raises(IllegalTransitionError, match="from ASIDE to DROPPED"):
        scheduler._change(task, TaskState.DROPPED)
    assert is_done.wait(SECONDS)
    assert isinstance(task.error, IllegalTransitionError)


def test_tasks_obey_context_variables_where_warnings_depend_on_them(
    monkeypatch, stub_training
):
    """As in free-threaded Python 3.14, which keeps warning filters per context."""
    for module in ("scheduler", "warning_state"):
        name = f"skdl.training._fusion.{module}.filters_belong_to_contexts"
        monkeypatch.setattr(name, lambda: True)
    variable = contextvars.ContextVar("variable", default="of nobody")

    def task(name):
        before = variable.get()
        variable.set(name)
        return [before, *train([name]), variable.get()]

    token = variable.set("of the caller")
    with skdl.fuse():
        outcomes = Parallel()(delayed(task)(name) for name in "ab")
    assert variable.get() == "of the caller"
    variable.reset(token)
    assert outcomes == [["of the caller", *trained(name), name] for name in ("a", "b")]
