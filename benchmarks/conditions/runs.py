"""Trainings of known condition, made by breaking a sound one in one way.

For each run rows are drawn from a table, and a network that suits it. The condition is
then brought about (a network too narrow, a rate too high, rows of the validation part
copied from the training part, ...), and it is checked that it took effect: beside each
run a sound one of the same rows is trained (beside columns in units of their own, of
the same columns standardised), and where breaking it did not cost at least a tenth of
what there was to gain over a constant prediction, the run is dropped; so is a network
too narrow that has overfitted as well, and a sound one that is beaten by one four times
as wide. So the truth is known by what was done and by what it did, and not by any rule.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.cluster import KMeans

from conditions.tables import Table
from skdl import MLPClassifier, MLPRegressor, fuse
from skdl.exceptions import DivergenceWarning

SOUND = {"adam": 2e-3, "rmsprop": 1e-3, "sgd": 0.02}  # rates; "sgd" with momentum
LEAST_COST = 0.1  # of what there is to gain over a constant prediction


@dataclass(frozen=True, eq=False)
class Run:
    """A training to be judged.

    Parameters
    ----------
    condition : str
        Code of the verdict that is right.
    table, how : str
        What it was made from, and by what.
    X, y, X_val, y_val : ndarray
        Training and validation rows.
    X_new, y_new : ndarray
        Other rows drawn like the training rows.
    parameters : dict
        Of the network.
    sound : dict
        Parameters of the sound network beside it.
    sound_rows : tuple of ndarray
        Its X and X_val, where they are not those of the run.
    """

    condition: str
    table: str
    how: str
    X: np.ndarray
    y: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_new: np.ndarray
    y_new: np.ndarray
    parameters: dict[str, Any]
    sound: dict[str, Any] = field(default_factory=dict)
    sound_rows: tuple[np.ndarray, ...] = ()

    def network(self, parameters: dict[str, Any]) -> Any:
        """Return a network that is not fitted."""
        kind = MLPClassifier if self.y.dtype.kind == "i" else MLPRegressor
        return kind(**parameters)

    def fitted(self, parameters: dict[str, Any]) -> Any:
        """Return a network fitted to the rows, watched on the validation rows."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DivergenceWarning)
            return self.network(parameters).fit(
                self.X, self.y, X_val=self.X_val, y_val=self.y_val
            )

    def fitted_soundly(self) -> Any:
        """Return the sound network beside it, fitted."""
        X, X_val = self.sound_rows or (self.X, self.X_val)
        return replace(self, X=X, X_val=X_val).fitted(self.sound)


Maker = Callable[[Run, np.random.RandomState], Run]


def draw_run(table: Table, random: np.random.RandomState) -> Run:
    """Draw rows and a network that suits them."""
    order = random.permutation(len(table.y))
    n_train = min(int(random.choice([500, 1000, 2000])), len(order) * 5 // 10)
    n_val = min(600, (len(order) - n_train) * 6 // 10)
    parts = np.split(order, [n_train, n_train + n_val, n_train + n_val + 600])
    train, val, new = parts[:3]
    optimizer = str(random.choice(list(SOUND)))
    sizes = [(32,), (64,), (32, 32), (64, 64)][random.randint(4)]
    sound = {
        "hidden_layer_sizes": sizes,
        "optimizer": optimizer,
        "learning_rate": SOUND[optimizer] * float(np.exp(random.uniform(-0.5, 0.5))),
        "momentum": 0.9 if optimizer == "sgd" else 0.0,
        "epochs": 200,
        "early_stopping": True,
        "patience": 10,
        "random_state": int(random.randint(2**31)),
    }
    return Run(
        "good_fit",
        table.name,
        "early stopping",
        *(table.X[train], table.y[train]),
        *(table.X[val], table.y[val]),
        *(table.X[new], table.y[new]),
        sound,
        sound,
    )


def _change(run: Run, condition: str, how: str, **parameters: Any) -> Run:
    changed = {**run.parameters, **parameters}
    return replace(run, condition=condition, how=how, parameters=changed)


def good_fit(run: Run, random: np.random.RandomState) -> Run:
    """Leave all as it is, or take some dropout, or train for a fixed time."""
    rate = float(random.choice([0.0, 0.0, 0.1, 0.2]))
    wide = tuple(4 * size for size in run.parameters["hidden_layer_sizes"])
    run = replace(run, sound={**run.sound, "hidden_layer_sizes": wide})
    if random.randint(2):
        return _change(run, "good_fit", f"dropout {rate:g}", dropout=rate)
    epochs = int(random.choice([20, 40, 80]))
    return _change(
        run,
        "good_fit",
        f"dropout {rate:g}, {epochs} epochs",
        dropout=rate,
        early_stopping=False,
        epochs=epochs,
    )


def too_narrow(run: Run, random: np.random.RandomState) -> Run:
    """Take a network of few units, or none, and train it for long."""
    sizes = [(), (1,), (2,)][random.randint(3)]
    stops = bool(random.randint(2))
    return _change(
        run,
        "underfit_capacity",
        f"units {sizes}",
        hidden_layer_sizes=sizes,
        early_stopping=stops,
        epochs=200,
    )


def too_short(run: Run, random: np.random.RandomState) -> Run:
    """Train for few epochs, or at a rate far too low."""
    if random.randint(2):
        factor = float(np.exp(random.uniform(np.log(0.003), np.log(0.03))))
        return _change(
            run,
            "stopped_too_early",
            f"rate x {factor:.3f}",
            learning_rate=run.parameters["learning_rate"] * factor,
            early_stopping=False,
            epochs=int(random.randint(10, 40)),
        )
    epochs = int(random.randint(2, 8))
    return _change(
        run,
        "stopped_too_early",
        f"{epochs} epochs",
        early_stopping=False,
        epochs=epochs,
    )


def too_wide(run: Run, random: np.random.RandomState) -> Run:
    """Train a wide network for long on few rows, some of them noisy."""
    n = min(int(random.choice([100, 150, 250])), len(run.y))  # of small tables, all
    y = run.y[:n].copy()
    noisy = random.uniform(size=n) < random.choice([0.0, 0.1, 0.2])
    y[noisy] = random.permutation(y[noisy])
    sizes = [(256,), (128, 128), (256, 256)][random.randint(3)]
    run = replace(run, X=run.X[:n], y=y)
    return _change(
        run,
        "overfit_capacity",
        f"units {sizes}, {n} rows",
        hidden_layer_sizes=sizes,
        early_stopping=False,
        epochs=int(random.choice([100, 200, 300])),
    )


def too_fast(run: Run, random: np.random.RandomState) -> Run:
    """Train at a rate far too high, though not so high that losses overflow."""
    factor = float(np.exp(random.uniform(np.log(20), np.log(200))))
    return _change(
        run,
        "high_learning_rate",
        f"rate x {factor:.0f}",
        learning_rate=run.parameters["learning_rate"] * factor,
        early_stopping=False,
        epochs=int(random.choice([30, 60])),
    )


def unscaled(run: Run, random: np.random.RandomState) -> Run:
    """Give the columns units of their own, as raw tables have them."""
    scales = 10 ** random.uniform(0, 3, size=run.X.shape[1])
    shifts = random.normal(size=run.X.shape[1])
    parts = (run.X, run.X_val, run.X_new)
    X, X_val, X_new = ((scales * (part + shifts)).astype(np.float32) for part in parts)
    run = replace(run, X=X, X_val=X_val, X_new=X_new, sound_rows=parts[:2])
    stops = bool(random.randint(2))
    return _change(
        run,
        "unscaled_features",
        f"scales to {scales.max():.0f}",
        early_stopping=stops,
        epochs=200 if stops else 40,
    )


def exploding(run: Run, random: np.random.RandomState) -> Run:
    """Train at a rate at which losses overflow."""
    return _change(
        run,
        "diverged",
        "sgd, rate 30 to 3e4",
        optimizer="sgd",
        momentum=0.9,
        learning_rate=float(10 ** random.uniform(1.5, 4.5)),
        early_stopping=False,
        epochs=30,
    )


def other_rows(run: Run, random: np.random.RandomState) -> Run:
    """Validate on other rows than the training rows: sorted, clustered, by target."""
    X = np.vstack([run.X, run.X_val, run.X_new])
    y = np.concatenate([run.y, run.y_val, run.y_new])
    # Sorted by many classes, some would be among the validation rows alone.
    may_sort = y.dtype.kind == "f" or len(np.unique(y)) <= 3
    kind = ["sorted", "clustered", "by target"][random.randint(2 + may_sort)]
    if kind == "sorted":
        direction = X.T @ (y - y.mean()) / len(y)
        key = X @ (direction / np.abs(direction).max() + random.normal(size=X.shape[1]))
    elif kind == "clustered":
        centres = KMeans(2, n_init=3, random_state=random).fit(X)
        key = -centres.transform(X)[:, 0]
    else:
        key = y + 0.8 * y.std() * random.normal(size=len(y))
    order = np.argsort(key, kind="stable")
    # A quarter to validate on, and the quarter between left out; of the other half
    # some are kept as new rows of the training rows' kind.
    quarter = len(y) // 4
    half, val = random.permutation(order[: 2 * quarter]), order[-quarter:]
    new, train = half[: quarter // 2], half[quarter // 2 :]
    return replace(
        run,
        condition="unrepresentative_data",
        how=kind,
        X=X[train],
        y=y[train],
        X_val=X[val],
        y_val=y[val],
        X_new=X[new],
        y_new=y[new],
    )


def few_rows(run: Run, random: np.random.RandomState) -> Run:
    """Validate on a handful of rows."""
    n = int(random.randint(5, 16))
    return replace(
        run,
        condition="validation_too_small",
        how=f"{n} rows",
        X_val=run.X_val[:n],
        y_val=run.y_val[:n],
    )


def same_rows(run: Run, random: np.random.RandomState) -> Run:
    """Put copies of training rows among the validation rows, exact or nearly so."""
    n = int(len(run.y_val) * random.uniform(0.3, 1.0))
    n = min(n, len(run.y))
    X, y = run.X_val.copy(), run.y_val.copy()
    taken = random.permutation(len(run.y))[:n]
    X[:n], y[:n] = run.X[taken], run.y[taken]
    jitter = float(random.choice([0.0, 0.0, 1e-3]))
    X[:n] += (jitter * random.normal(size=X[:n].shape)).astype(np.float32)
    return replace(
        run,
        condition="too_alike",
        how=f"{n} of {len(y)} rows, jitter {jitter:g}",
        X_val=X,
        y_val=y,
    )


def nothing_to_learn(run: Run, random: np.random.RandomState) -> Run:
    """Shuffle the targets, so that features say nothing about them."""
    return replace(
        run,
        condition="no_better_than_baseline",
        how="targets shuffled",
        y=random.permutation(run.y),
        y_val=random.permutation(run.y_val),
        y_new=random.permutation(run.y_new),
    )


MAKERS: dict[str, Maker] = {
    "good_fit": good_fit,
    "underfit_capacity": too_narrow,
    "stopped_too_early": too_short,
    "overfit_capacity": too_wide,
    "high_learning_rate": too_fast,
    "unscaled_features": unscaled,
    "diverged": exploding,
    "unrepresentative_data": other_rows,
    "validation_too_small": few_rows,
    "too_alike": same_rows,
    "no_better_than_baseline": nothing_to_learn,
}


@dataclass(frozen=True, eq=False)
class Judged:
    """A run, trained, and the sound one beside it.

    Parameters
    ----------
    run : Run
        What was made.
    fitted, sound : estimator
        Fitted networks. Beside a good fit the sound one is four times as wide.
    """

    run: Run
    fitted: Any
    sound: Any

    @property
    def cost(self) -> float:
        """What the condition cost, as a share of what there was to gain."""
        return self._cost(kept_loss(self.fitted))

    def _cost(self, loss: float) -> float:
        best = kept_loss(self.sound)
        gain = constant_loss(self.run) - best
        return (loss - best) / gain if gain > 0 else np.nan

    def holds(self) -> bool:
        """Whether the condition took effect, and is the only one."""
        condition = self.run.condition
        if condition == "diverged":
            return "diverged" in self.fitted.status_
        if "diverged" in self.fitted.status_:
            return False
        best, constant = kept_loss(self.sound), constant_loss(self.run)
        learns = best < 0.95 * constant
        if condition == "no_better_than_baseline":
            return not learns
        if condition == "unrepresentative_data":
            here = row_losses(self.fitted, self.run.X_val, self.run.y_val)
            new = row_losses(self.fitted, self.run.X_new, self.run.y_new)
            error = np.hypot(here.std() / len(here) ** 0.5, new.std() / len(new) ** 0.5)
            return abs(here.mean() - new.mean()) > max(3 * error, 0.1 * new.mean())
        if condition in ("validation_too_small", "too_alike"):
            return True
        if condition == "good_fit":
            return bool(learns and abs(self.cost) < LEAST_COST / 2)
        if condition == "underfit_capacity":
            lowest = self._cost(float(self.fitted.history_["val_loss"].min()))
            is_alone = self.cost - lowest < LEAST_COST / 2
            return bool(learns and lowest > LEAST_COST and is_alone)
        return bool(learns and self.cost > LEAST_COST)


def row_losses(network: Any, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cross-entropy or squared error of each row."""
    if hasattr(network, "predict_proba"):
        places = np.searchsorted(network.classes_, y)
        chosen = network.predict_proba(X)[np.arange(len(y)), places]
        return -np.log(np.maximum(chosen, 1e-7))
    return (network.predict(X) - y) ** 2


def constant_loss(run: Run) -> float:
    """Loss on the validation rows of what is best without features."""
    if run.y.dtype.kind == "i":
        labels, counts = np.unique(run.y, return_counts=True)
        shares = dict(zip(labels, counts / counts.sum(), strict=True))
        return float(np.mean([-np.log(shares.get(label, 1e-7)) for label in run.y_val]))
    return float(np.mean((run.y_val - run.y.mean()) ** 2) / run.y.var())


def kept_loss(network: Any) -> float:
    """Validation loss of the epoch whose weights were kept."""
    if "val_loss" not in network.history_:  # diverged in the first epoch
        return np.inf
    losses = network.history_["val_loss"].to_numpy()
    if network.early_stopping and network.best_epoch_:
        return float(losses[network.best_epoch_ - 1])
    return float(losses[-1])


def make_runs(
    tables: Iterable[Table], *, n_seeds: int, first_seed: int
) -> tuple[list[Judged], dict[str, int]]:
    """Make and train runs of every condition, and drop those that did not take effect.

    Parameters
    ----------
    tables : iterable of Table
        What to make them on.
    n_seeds : int
        Runs per table and condition.
    first_seed : int
        Where the seeds begin.

    Returns
    -------
    judged : list of Judged
        Runs whose condition holds.
    dropped : dict of str to int
        How many were dropped, by condition.
    """
    judged: list[Judged] = []
    dropped = dict.fromkeys(MAKERS, 0)
    for table in tables:
        runs = []
        for seed in range(first_seed, first_seed + n_seeds):
            for number, make in enumerate(MAKERS.values()):
                random = np.random.RandomState([seed, number, len(table.y)])
                runs.append(make(draw_run(table, random), random))
        with fuse():
            fits = (
                fit
                for run in runs
                for fit in (
                    delayed(run.fitted)(run.parameters),
                    delayed(run.fitted_soundly)(),
                )
            )
            networks = list(Parallel()(fits))
        for run, fitted, sound in zip(runs, networks[::2], networks[1::2], strict=True):
            one = Judged(run, fitted, sound)
            if one.holds():
                judged.append(one)
            else:
                dropped[run.condition] += 1
    return judged, dropped
