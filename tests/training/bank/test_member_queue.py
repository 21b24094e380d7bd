"""The queue that lanes share: seats, turns, and the end."""

from __future__ import annotations

import pytest

from skdl.training._bank.member_queue import MemberQueue


@pytest.fixture
def make_queue():
    """A queue of numbers in place of members, for lanes of 4 seats, 3 at first."""

    def make(n_members=9, *, takes_turns=False):
        return MemberQueue(
            range(n_members),
            n_seats=4,
            n_first_seats=3,
            takes_turns=takes_turns,
            is_cancelled=lambda place: place == 5,
        )

    return make


def test_members_are_admitted_in_order_while_seats_are_free(make_queue):
    queue = make_queue()
    assert queue.admit(0) == [0, 1, 2]
    assert queue.admit(3) == [3]
    assert queue.admit(4) == []
    assert not queue.is_empty
    assert queue.admit(0) == [4, 5, 6]
    assert queue.admit(1) == [7, 8]
    assert queue.is_empty


def test_members_that_take_turns_go_to_the_end_of_the_queue(make_queue):
    queue = make_queue(4, takes_turns=True)
    seated = queue.admit(0)
    assert queue.take_back(seated) == []
    assert queue.admit(0) == [3, 0, 1]
    alone = queue.admit(3)
    assert queue.take_back(alone) == alone  # nobody waits


def test_other_members_keep_their_seats(make_queue):
    assert make_queue().take_back([0, 1]) == [0, 1]


def test_a_stopped_queue_admits_nobody_and_wants_no_outcome(make_queue):
    queue = make_queue()
    assert [place for place in range(9) if queue.is_unwanted(place)] == [5]
    queue.stop()
    assert queue.admit(0) == []
    assert all(map(queue.is_unwanted, range(9)))
