"""The table of states is what calls and tasks obey, and what the docstring shows."""

import re
from enum import Enum
from itertools import product

import pytest

from skdl.training._fusion import states
from skdl.training._fusion.states import (
    CALL_TRANSITIONS,
    TASK_TRANSITIONS,
    CallState,
    IllegalTransitionError,
    TaskState,
)
from skdl.training._fusion.tasks import Call, Task

TABLES = {CallState: CALL_TRANSITIONS, TaskState: TASK_TRANSITIONS}
FIRST = {CallState: CallState.DISPATCHING, TaskState: TaskState.QUEUED}


def make(kind: type[Enum], state: Enum) -> Call | Task:
    """A call or a task in some state."""
    call = Call(None)
    if kind is CallState:
        call.state = state
        return call
    task = Task(None, call, lambda: None, lambda task: None)
    call.n_tasks[task.state] -= 1
    call.n_tasks[state] += 1
    task.state = state
    return task


PAIRS = [pair for kind in TABLES for pair in product(kind, repeat=2)]


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=str)
def test_every_change(old, new):
    kind = type(old)
    changed = make(kind, old)
    if new in TABLES[kind][old]:
        changed.become(new)
        assert changed.state is new
    else:
        name = {CallState: "call", TaskState: "task"}[kind]
        message = f"A {name} of skdl.fuse cannot change from {old.name} to {new.name};"
        with pytest.raises(IllegalTransitionError, match=message):
            changed.become(new)
        assert changed.state is old
    if kind is TaskState:
        counted = {state: n for state, n in changed.call.n_tasks.items() if n}
        assert counted == {changed.state: 1}


@pytest.mark.parametrize("kind", TABLES)
def test_every_state_is_reached_and_some_are_last(kind):
    table, reached = TABLES[kind], {FIRST[kind]}
    while found := {new for old in reached for new in table[old]} - reached:
        reached |= found
    assert reached == set(table) == set(kind)
    last = {state.name for state, following in table.items() if not following}
    assert last == ({"CLOSED"} if kind is CallState else {"DONE", "DROPPED"})


@pytest.mark.parametrize("kind", TABLES)
def test_the_docstring_shows_the_table(kind):
    """Each state's row names the states that may follow, in its last column."""
    name = {CallState: "call", TaskState: "task"}[kind]
    section = re.split(r"^(call|task) +meaning.*\n=.*\n", states.__doc__, flags=re.M)
    rows = section[section.index(name) + 1].split("\n====")[0].splitlines()
    shown, state = {}, None
    for row in rows:
        state = row[:12].strip() or state
        shown.setdefault(state, set()).update(re.findall(r"\b[A-Z]{4,}\b", row[60:]))
    assert shown == {
        state.name: {new.name for new in following}
        for state, following in TABLES[kind].items()
    }


def test_open_tasks_are_those_that_are_not_over():
    call = Call(None)
    tasks = [Task(None, call, lambda: None, lambda task: None) for _ in range(3)]
    assert call.n_open == 3
    tasks[0].become(TaskState.DROPPED)
    tasks[1].become(TaskState.RUNNING)
    tasks[1].become(TaskState.FINISHING)
    assert call.n_open == 2
    tasks[1].become(TaskState.DONE)
    assert call.n_open == 1


def test_a_call_inside_an_aborted_one_has_ended():
    outer = Call(None)
    inner = Call(Task(None, outer, lambda: None, lambda task: None))
    assert not inner.has_ended()
    outer.become(CallState.ABORTED)
    assert inner.has_ended()
