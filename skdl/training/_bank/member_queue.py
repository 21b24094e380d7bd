"""The queue that the lanes of a bank share: who waits, and how the others ended."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from skdl.training._bank.members import Member
from skdl.training._records import Outcome


class MemberQueue:
    """Members that wait for a seat, and the results of those that have left theirs."""

    def __init__(
        self,
        members: Sequence[Member],
        *,
        n_seats: int,
        n_first_seats: int,
        takes_turns: bool,
        is_cancelled: Callable[[int], bool],
    ) -> None:
        self._waiting = deque(members)
        self._n_seats = n_seats
        self._n_first_seats = n_first_seats  # so that every lane gets its share
        self._is_cancelled = is_cancelled
        self._is_stopped = False
        self._lock = threading.Lock()
        self.takes_turns = takes_turns
        # By the place of the job.
        self.results: dict[int, Outcome | BaseException] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no member waits."""
        return not self._waiting

    def admit(self, n_seated: int) -> list[Member]:
        """Give the next members to a lane that has some seats taken."""
        with self._lock:
            if self._is_stopped:
                return []
            n_seats = self._n_seats if n_seated else self._n_first_seats
            n_free = min(n_seats - n_seated, len(self._waiting))
            return [self._waiting.popleft() for _ in range(n_free)]

    def take_back(self, members: list[Member]) -> list[Member]:
        """Queue seated members again if they take turns; return those that stay."""
        with self._lock:
            if not (self.takes_turns and self._waiting):
                return members
            self._waiting.extend(members)
            return []

    def is_unwanted(self, place: int) -> bool:
        """Return whether nobody needs a member's outcome any more."""
        return self._is_stopped or self._is_cancelled(place)

    def finish(self, place: int, result: Outcome | BaseException) -> None:
        """Record how a member ended."""
        self.results[place] = result

    def stop(self) -> None:
        """Make every lane end after its current call."""
        self._is_stopped = True
