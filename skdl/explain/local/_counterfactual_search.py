"""The search for a small change of a row that reaches a goal.

A candidate is a row whose cells come from the row itself or from rows of X, so that
every value occurs in X and every column keeps its type. The search is a beam over one,
two, three and four changed features, and starts from whole rows of X besides; then
needless changes are undone and numbers are moved back as far as the goal allows. It
draws nothing at random. All candidates of a stage are predicted together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skdl._progress import Progress
from skdl._responses import Response
from skdl._tables import Table, cells, column, take_rows
from skdl.explain._predicting.perturbation import respond
from skdl.explain.local._distances import CodedRows

PRICE_OF_A_CHANGE = 0.5  # steps; of two equally far changes the simpler one is nearer
MOST_VALUES = 32  # of a feature, of those that it may take
FEW_VALUES = 6  # of those between where it was and where it is
MOST_CANDIDATES = 10_000  # of a stage
BEAM = 20
DEPTH = 4
MOST_IMPROVED = 10
MOST_ROUNDS = 100
COPIES = 16  # a stage is predicted as this many copies of a table

# From the predictions for candidates to (whether the goal is reached, how close it is).
Judge = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass
class Search:
    """The candidates that were tried, and the changes that are allowed.

    A candidate is a row of `sources`: for each column the row of `table` that its cell
    comes from. Row 0 is the row to change; the others are those of X.
    """

    estimator: Any
    response: Response
    judge: Judge  # which predictions reach the goal, and how close they are
    table: Table  # (1 + n_samples, n_features) The row and those of X
    coded: CodedRows  # the same rows, for distances
    # for each feature the rows of `table` whose cells it may take, one per value, the
    # nearest first
    options: list[np.ndarray]
    max_changed: int
    # bytes that candidates may take, including what the estimator computes from them
    memory_bound: int
    known: dict[bytes, tuple[bool, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Measure the steps from the row once."""
        codes = self.coded.codes
        self._steps = self.coded.between(codes, codes[:1])

    def costs(self, sources: np.ndarray) -> np.ndarray:
        """Return what candidates cost: their steps, and a price for each change."""
        # sources: (n_candidates, n_features) -> (n_candidates,)
        steps = np.take_along_axis(self._steps, sources, axis=0)
        return steps.sum(axis=1) + PRICE_OF_A_CHANGE * (sources > 0).sum(axis=1)

    def evaluate(self, sources: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict the candidates that are new, and judge all of them."""
        # sources: (n_candidates, n_features) -> (n_candidates,), (n_candidates,)
        keys = [row.tobytes() for row in sources]
        new = {key: place for place, key in enumerate(keys) if key not in self.known}
        if new:
            is_reached, nearness = self.judge(
                self._predictions(sources[[*new.values()]])
            )
            answers = zip(is_reached.tolist(), nearness.tolist(), strict=True)
            self.known.update(zip(new, answers, strict=True))
        reached, near = zip(*(self.known[key] for key in keys), strict=True)
        return np.array(reached), np.array(near)

    def _predictions(self, sources: np.ndarray) -> np.ndarray:
        """Predict candidates, as copies of several rows each."""
        n_rows = -(-len(sources) // COPIES)
        places = np.flatnonzero((sources > 0).any(axis=0))
        columns = {int(p): cells(column(self.table, int(p))) for p in places}
        blocks = [
            np.resize(sources[start : start + n_rows], (n_rows, sources.shape[1]))
            for start in range(0, len(sources), n_rows)
        ]
        predictions = respond(
            self.estimator,
            self.response,
            take_rows(self.table, np.zeros(n_rows, dtype=int)),
            (
                {place: values[block[:, place]] for place, values in columns.items()}
                for block in blocks
            ),
            memory_bound=self.memory_bound,
        )
        return np.concatenate(list(predictions))[: len(sources)]

    def run(self, starts: np.ndarray, bar: Progress) -> np.ndarray:
        """Search."""
        # starts: (n_starts, n_features) -> (n_features,)
        self.evaluate(np.zeros((1, len(self.options)), dtype=int))
        found = [self._beam(bar)]
        if len(starts):
            is_reached, _ = self.evaluate(starts)
            reached = starts[is_reached]
            found.append(self._cheapest(reached))
        bar.advance()
        improved = self._improve(np.concatenate(found))
        bar.advance()
        allowed = improved[(improved > 0).sum(axis=1) <= self.max_changed]
        if len(allowed):
            return allowed[np.argmin(self.costs(allowed))]
        return self._best_attempt()

    def _beam(self, bar: Progress) -> np.ndarray:
        """Change one feature, then another one of the most promising candidates."""
        n_features = len(self.options)
        beam = np.zeros((1, n_features), dtype=int)
        moves = [
            (place, source)
            for place, options in enumerate(self.options)
            for source in _thinned(options, MOST_VALUES)
        ]
        cheapest = sorted(
            float(self._steps[options, place].min()) + PRICE_OF_A_CHANGE
            for place, options in enumerate(self.options)
            if len(options)
        )
        reached, best = beam[:0], np.inf
        for depth in range(1, min(self.max_changed, DEPTH, len(cheapest)) + 1):
            candidates = _expanded(beam, moves)
            costs = self.costs(candidates)
            candidates, costs = candidates[costs < best], costs[costs < best]
            if len(candidates) == 0:
                break
            is_reached, nearness = self.evaluate(candidates)
            reached = np.concatenate([reached, candidates[is_reached]])
            reached = self._cheapest(reached)
            if len(reached):
                best = float(self.costs(reached[:1])[0])
            if depth == 1:
                moves = self._most_promising(candidates, nearness, costs)
            beam = self._next_beam(
                candidates[~is_reached], nearness[~is_reached], costs[~is_reached]
            )
            bar.advance()
            if len(beam) == 0 or sum(cheapest[: depth + 1]) >= best:
                break
        return reached

    def _cheapest(self, candidates: np.ndarray) -> np.ndarray:
        order = np.argsort(self.costs(candidates), kind="stable")
        return candidates[order[:MOST_IMPROVED]]

    def _most_promising(
        self, singles: np.ndarray, nearness: np.ndarray, costs: np.ndarray
    ) -> list[tuple[int, int]]:
        """The single changes that later stages combine, if there are too many."""
        order = np.lexsort((costs, -nearness))[: MOST_CANDIDATES // BEAM]
        places = singles[order].argmax(axis=1)
        return [
            (int(place), int(source))
            for place, source in zip(places, singles[order].max(axis=1), strict=True)
        ]

    def _next_beam(
        self, candidates: np.ndarray, nearness: np.ndarray, costs: np.ndarray
    ) -> np.ndarray:
        """Half of it is nearest to the goal, half has come nearest for its cost."""
        _, (start,) = self.evaluate(np.zeros((1, candidates.shape[1]), dtype=int))
        gain = (nearness - start) / costs
        chosen = [
            *np.lexsort((costs, -nearness))[: BEAM // 2],
            *np.lexsort((costs, -gain))[: BEAM // 2],
        ]
        return np.unique(candidates[chosen], axis=0)

    def _improve(self, states: np.ndarray) -> np.ndarray:
        """Undo changes and move numbers back, while the goal stays reached."""
        for _ in range(MOST_ROUNDS):
            proposals = [self._nearer(state) for state in states]
            if not any(len(part) for part in proposals):
                break
            every = np.concatenate(proposals)
            is_reached, _ = self.evaluate(every)
            costs = self.costs(every)
            owners = np.repeat(np.arange(len(states)), [len(p) for p in proposals])
            better = states.copy()
            for owner in range(len(states)):
                mine = np.flatnonzero((owners == owner) & is_reached)
                if len(mine):
                    better[owner] = every[mine[np.argmin(costs[mine])]]
            if (better == states).all():
                break
            states = np.unique(better, axis=0)
        return states

    def _nearer(self, state: np.ndarray) -> np.ndarray:
        """The state with one feature nearer to where it was, or there."""
        proposals = []
        for place in np.flatnonzero(state):
            options = self.options[place]
            steps, now = self._steps[options, place], self._steps[state[place], place]
            for source in (0, *_thinned(options[steps < now], FEW_VALUES)):
                proposal = state.copy()
                proposal[place] = source
                proposals.append(proposal)
        return np.array(proposals, dtype=int).reshape(-1, len(state))

    def _best_attempt(self) -> np.ndarray:
        tried = np.array([np.frombuffer(key, dtype=int) for key in self.known])
        nearness = np.array([near for _, near in self.known.values()])
        is_allowed = (tried > 0).sum(axis=1) <= self.max_changed
        tried, nearness = tried[is_allowed], nearness[is_allowed]
        return tried[np.lexsort((self.costs(tried), -nearness))[0]]


def _thinned(options: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the options, at even steps, the first and last among them."""
    if len(options) <= most:
        return options
    return options[np.linspace(0, len(options) - 1, most).astype(int)]


def _expanded(beam: np.ndarray, moves: list[tuple[int, int]]) -> np.ndarray:
    """Each candidate with each further change."""
    if not moves:
        return beam[:0]
    places, sources = np.array(moves).T
    candidates = np.repeat(beam, len(moves), axis=0)
    places, sources = np.tile(places, len(beam)), np.tile(sources, len(beam))
    rows = np.arange(len(candidates))
    is_new = candidates[rows, places] == 0
    candidates[rows, places] = sources
    return np.unique(candidates[is_new], axis=0)
