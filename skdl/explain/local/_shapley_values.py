"""Shapley values: shap chooses coalitions of features and weighs their values.

In a coalition, some features are those of the row and the others those of background
rows, one after another, whose predictions are averaged. shap sees a game of ones and
zeros, so a row may hold text and missing values. Since shap uses the same coalitions
for every row, a few large predict calls cover all of them: shap runs once with values
of zero, to collect the coalitions, and then with the true values.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from skdl._progress import Progress
from skdl._responses import Response
from skdl._tables import Change, Table, cells, column, take_rows
from skdl.exceptions import MissingDependencyError, ParameterError
from skdl.explain._predicting.perturbation import MOST_ROWS, copies_at_once, respond

MOST_PLAYERS_EXACT = 10
N_PERMUTATIONS = 10  # shap's default
LEAST_PERMUTATIONS = 2  # for a standard error

Game = Callable[[np.ndarray], np.ndarray]

_state_of_numpy = threading.Lock()


@dataclass(frozen=True)
class Design:
    """The coalitions of features that are evaluated."""

    n_players: int  # features, or groups of features
    n_permutations: int  # how many are drawn; 0 for all coalitions
    seed: int
    # (n_coalitions, n_players) Truth values: whether a feature is that of the row
    coalitions: np.ndarray

    @classmethod
    def of(cls, n_players: int, max_evaluations: int | None, seed: int) -> Design:
        """Choose the coalitions for a number of features."""
        per_permutation = 2 * n_players + 1
        if max_evaluations is None:
            is_exact = n_players <= MOST_PLAYERS_EXACT
            n_permutations = N_PERMUTATIONS
        else:
            is_exact = 2**n_players <= max_evaluations
            n_permutations = max_evaluations // per_permutation
        if is_exact:
            n_permutations = 0
        elif n_permutations < LEAST_PERMUTATIONS:
            raise ParameterError(
                "The 'max_evaluations' parameter of attributions must be at least "
                f"{LEAST_PERMUTATIONS * per_permutation} for {n_players} features, "
                f"which is two permutations. Got {max_evaluations!r} instead. Raise "
                "it, or treat features together by 'groups'."
            )
        queried: list[np.ndarray] = []

        def listen(masks: np.ndarray) -> np.ndarray:
            queried.append(np.asarray(masks) > 0.5)
            return np.zeros((len(masks), 1))

        _run_shap(n_players, n_permutations, seed, listen)
        coalitions = np.unique(np.concatenate(queried), axis=0)
        return cls(n_players, n_permutations, seed, coalitions)

    def weigh(self, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Compute the Shapley values of many games at once."""
        # answers: (n_coalitions, n_games) -> (n_players, n_games), (n_players, n_games)
        places = {mask.tobytes(): place for place, mask in enumerate(self.coalitions)}

        def play(masks: np.ndarray) -> np.ndarray:
            found = [places[mask.tobytes()] for mask in np.asarray(masks) > 0.5]
            return answers[found]

        runs = _run_shap(self.n_players, self.n_permutations, self.seed, play)
        if self.n_permutations == 0:
            return runs[0], None
        spread = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
        return runs.mean(axis=0), spread


def _load_shap() -> Any:
    """Import shap, whose import warns of deprecated calls of its own."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import shap
    except ImportError as error:
        raise MissingDependencyError(
            "Shapley values need the package 'shap', which is not installed "
            f"({error}). Install it with: pip install 'skdl[shap]'"
        ) from error
    return shap


@contextmanager
def _own_state_of_numpy() -> Iterator[None]:
    """Restore NumPy's global generator, which shap seeds and draws from."""
    with _state_of_numpy:
        state = np.random.get_state()
        try:
            yield
        finally:
            np.random.set_state(state)


def _run_shap(n_players: int, n_permutations: int, seed: int, game: Game) -> np.ndarray:
    """Let shap explain a game; one result per permutation, or a single exact one."""
    shap = _load_shap()
    masker = shap.maskers.Independent(np.zeros((1, n_players)))
    row = np.ones((1, n_players))
    n_masks = 2 * n_players + 1 if n_permutations else 2**n_players
    options = {"max_evals": n_masks, "batch_size": n_masks, "silent": True}
    with _own_state_of_numpy():
        if n_permutations == 0:
            explainer = shap.explainers.ExactExplainer(game, masker)
            return explainer(row, **options).values
        # Called once per permutation (there and back), for the spread between them.
        explainer = shap.explainers.PermutationExplainer(game, masker, seed=seed)
        runs = [explainer(row, **options).values for _ in range(n_permutations)]
    return np.concatenate(runs)  # (n_permutations, n_players, n_games)


def shapley_values(
    estimator: Any,
    response: Response,
    X: Table,
    background: Table,
    *,
    design: Design,
    columns: list[tuple[int, ...]],
    outputs: list[int],
    memory_bound: int,
    progress: bool | None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Compute what each feature adds to the predictions of some rows."""
    # X: (n_samples, n_features); background: (n_background, n_features) -> (n_samples,
    # n_players, n_outputs), (n_samples, n_players, n_outputs)
    n_samples, n_coalitions = len(X), len(design.coalitions)
    n_rows = _rows_at_once(background, memory_bound, n_coalitions * len(outputs))
    starts = range(0, n_samples, n_rows)
    parts = []
    with Progress("Shapley values", n_coalitions * len(starts), shown=progress) as bar:
        for start in starts:
            rows = np.arange(start, min(start + n_rows, n_samples))
            base, changes = _coalitions_of(
                take_rows(X, rows), background, design.coalitions, columns
            )
            answers = np.empty((n_coalitions, len(rows), len(outputs)))
            predictions = respond(
                estimator, response, base, changes, memory_bound=memory_bound
            )
            for place, values in enumerate(predictions):
                each = values[:, outputs].reshape(len(rows), len(background), -1)
                answers[place] = each.mean(axis=1)
                bar.advance()
            parts.append(_weigh_rows(design, answers))
    values = np.concatenate([part for part, _ in parts])
    errors = [error for _, error in parts if error is not None]
    return values, np.concatenate(errors) if errors else None


def _rows_at_once(background: Table, memory_bound: int, n_answers: int) -> int:
    """How many rows are explained together: few enough for stacks and answers."""
    fitting = copies_at_once(background, memory_bound)
    # Some coalitions at least go into each call; shap copies the answers about 4 times.
    per_call = max(1, MOST_ROWS // 16 // len(background))
    return max(1, min(fitting, per_call, memory_bound // (8 * 4 * n_answers)))


def _coalitions_of(
    X: Table,
    background: Table,
    coalitions: np.ndarray,
    columns: list[tuple[int, ...]],
) -> tuple[Table, Iterator[Change]]:
    """The background once per row, and what each coalition changes in it."""
    n_background = len(background)
    base = take_rows(background, np.tile(np.arange(n_background), len(X)))
    repeated = take_rows(X, np.repeat(np.arange(len(X)), n_background))
    own = {
        place: cells(column(repeated, place)) for places in columns for place in places
    }
    changes = (
        {
            place: own[place]
            for player in np.flatnonzero(mask)
            for place in columns[player]
        }
        for mask in coalitions
    )
    return base, changes


def _weigh_rows(
    design: Design, answers: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """From coalitions, samples and outputs to samples, players and outputs."""
    _, n_samples, n_outputs = answers.shape
    values, errors = design.weigh(answers.reshape(len(answers), -1))

    def by_sample(found: np.ndarray) -> np.ndarray:
        return found.reshape(-1, n_samples, n_outputs).transpose(1, 0, 2)

    return by_sample(values), None if errors is None else by_sample(errors)
