"""The tables that trainings are made on: real ones and made-up ones.

Those of `FOR_THRESHOLDS` may be looked at while thresholds are set. Of those of
`FOR_TESTING` some never were, `UNSEEN`; of the others rows, networks and conditions are
drawn anew, by other seeds.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.datasets import (
    load_diabetes,
    load_digits,
    make_classification,
    make_friedman1,
    make_friedman2,
    make_gaussian_quantiles,
    make_hastie_10_2,
    make_moons,
    make_swiss_roll,
)
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer

DATA = Path(
    os.environ.get("SKDL_DATA")
    or Path(__file__).resolve().parents[3] / "shared" / "data"
)
N_MADE = 6000  # rows of a made-up table


@dataclass(frozen=True, eq=False)
class Table:
    """Rows to train on.

    Parameters
    ----------
    name : str
        What it is called.
    X : ndarray of shape (n_samples, n_features)
        Standardised features, float32.
    y : ndarray of shape (n_samples,)
        Labels (integers) or quantities (floats).
    """

    name: str
    X: np.ndarray
    y: np.ndarray

    @property
    def is_classification(self) -> bool:
        """Whether the targets are labels."""
        return self.y.dtype.kind == "i"


def _standardised(X: np.ndarray) -> np.ndarray:
    X = np.asarray(X, dtype=float)
    spread = X.std(axis=0)
    return ((X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)).astype(np.float32)


def _of_csv(file: str, target: str, dropped: tuple[str, ...] = ()) -> tuple:
    frame = pd.read_csv(DATA / file).drop(columns=list(dropped)).dropna()
    y = frame.pop(target)
    return pd.get_dummies(frame).to_numpy(dtype=float), y.to_numpy()


def _titanic() -> tuple:
    X, y = _of_csv("titanic_all_numeric.csv.gz", "survived")
    return X, y.astype(int)


def _california() -> tuple:
    X, y = _of_csv("california_housing.csv.gz", "median_house_value")
    return np.hstack([np.log1p(np.abs(X[:, 2:8])), X]), np.log(y)


def _bikes() -> tuple:
    dropped = ("instant", "dteday", "casual", "registered")
    X, y = _of_csv("bike_hour.csv.gz", "cnt", dropped)
    return X, np.log1p(y)


def _nba() -> tuple:
    dropped = ("SHOT_RESULT", "PTS_TYPE", "opposing_team", "author_split", "LOCATION")
    X, y = _of_csv("nba_shots.csv.gz", "FGM", dropped)
    return X, y.astype(int)


def _wages() -> tuple:
    X, y = _of_csv("hourly_wages.csv.gz", "wage_per_hour", ("part",))
    return X, np.log(y)


def _mnist() -> tuple:
    with np.load(DATA / "mnist_train.npz") as file:
        images, labels = file["x"][:8000], file["y"][:8000]
    pooled = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
    return pooled.reshape(len(images), -1), labels.astype(int)


def _rings(random: np.random.RandomState) -> tuple:
    return make_gaussian_quantiles(
        n_samples=N_MADE, n_features=4, n_classes=3, random_state=random
    )


def _moons(random: np.random.RandomState) -> tuple:
    return make_moons(n_samples=N_MADE, noise=0.25, random_state=random)


def _clusters(random: np.random.RandomState) -> tuple:
    return make_classification(
        n_samples=N_MADE,
        n_features=12,
        n_informative=6,
        n_classes=3,
        n_clusters_per_class=3,
        flip_y=0.03,
        random_state=random,
    )


def _friedman(random: np.random.RandomState) -> tuple:
    return make_friedman1(n_samples=N_MADE, noise=1.0, random_state=random)


def _waves(random: np.random.RandomState) -> tuple:
    X = random.uniform(-1, 1, size=(N_MADE, 3))
    y = np.sin(4 * X[:, 0]) + np.abs(X[:, 1]) * np.cos(3 * X[:, 2])
    return X, y + 0.15 * random.normal(size=N_MADE)


def _sums(random: np.random.RandomState) -> tuple:
    X = random.normal(size=(N_MADE, 6))
    y = X[:, 0] * X[:, 1] + np.maximum(X[:, 2], 0) - X[:, 3] ** 2 / 2
    return X, y + 0.3 * random.normal(size=N_MADE)


def _imdb() -> tuple:
    """Reviews as 50 directions of their words (latent semantic analysis)."""
    with np.load(DATA / "imdb_seq10k.npz") as file:
        words, ends, y = (file[f"{part}_train"] for part in ("tokens", "offsets", "y"))
    ones = np.ones(len(words), dtype=np.float32)
    counts = sparse.csr_matrix((ones, words.astype(np.int32), ends), (len(y), 10_000))
    some = np.random.RandomState(7).permutation(len(y))[:8000]
    weighted = TfidfTransformer(sublinear_tf=True).fit_transform(counts[some])
    return TruncatedSVD(50, random_state=0).fit_transform(weighted), y[some].astype(int)


def _squares(random: np.random.RandomState) -> tuple:
    """A chessboard of 3 x 3 fields, and two columns that say nothing."""
    X = random.uniform(0, 3, size=(N_MADE, 4))
    y = (X[:, 0].astype(int) + X[:, 1].astype(int)) % 2
    noisy = random.uniform(size=N_MADE) < 0.05
    return X, np.where(noisy, 1 - y, y)


def _resistance(random: np.random.RandomState) -> tuple:
    return make_friedman2(n_samples=N_MADE, noise=75.0, random_state=random)


def _spirals(random: np.random.RandomState) -> tuple:
    y = random.randint(3, size=N_MADE)
    radius = random.uniform(0.2, 1.0, size=N_MADE)
    angle = 4 * radius + 2 * np.pi * y / 3 + 0.25 * random.normal(size=N_MADE)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), y


def _spheres(random: np.random.RandomState) -> tuple:
    """Inside or outside of a sphere in ten dimensions (Hastie et al. 2009)."""
    X, y = make_hastie_10_2(n_samples=N_MADE, random_state=random)
    return X, (y > 0).astype(int)


def _rolls(random: np.random.RandomState) -> tuple:
    """How far along a rolled sheet a point lies."""
    return make_swiss_roll(n_samples=N_MADE, noise=0.5, random_state=random)


_REAL: dict[str, Callable[[], tuple]] = {
    "titanic": _titanic,
    "california": _california,
    "bikes": _bikes,
    "nba": _nba,
    "wages": _wages,
    "mnist": _mnist,
    "imdb": _imdb,
    "digits": lambda: load_digits(return_X_y=True),
    "diabetes": lambda: load_diabetes(return_X_y=True),
}
_MADE: dict[str, Callable[[np.random.RandomState], tuple]] = {
    "rings": _rings,
    "friedman": _friedman,
    "waves": _waves,
    "moons": _moons,
    "clusters": _clusters,
    "sums": _sums,
    "squares": _squares,
    "resistance": _resistance,
    "spirals": _spirals,
    "spheres": _spheres,
    "rolls": _rolls,
}
FOR_THRESHOLDS = (
    *("titanic", "california", "bikes", "nba", "wages", "mnist"),
    *("rings", "friedman", "clusters", "moons", "waves", "sums"),
)
UNSEEN = ("imdb", "squares", "resistance", "spirals", "spheres", "rolls")
FOR_TESTING = (*UNSEEN, "digits", "diabetes", "titanic", "california", "bikes", "mnist")


def load_table(name: str) -> Table:
    """Read or make a table.

    Parameters
    ----------
    name : str
        One of `FOR_THRESHOLDS` or `FOR_TESTING`.

    Returns
    -------
    Table
        Always the same rows.
    """
    made = _MADE.get(name)
    X, y = _REAL[name]() if made is None else made(np.random.RandomState(7))
    y = y.astype(int) if np.asarray(y).dtype.kind in "iub" else y.astype(float)
    return Table(name, _standardised(X), y)
