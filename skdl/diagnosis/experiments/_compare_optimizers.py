"""Optimizers compared on one network, each at the learning rate that suits it.

An optimizer at another one's rate says little about it. So a few rates per optimizer
train first, with one seed; then each optimizer trains with several seeds at its best
rate. Runs that differ in rates or seeds alone train together, as banks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from skdl._checks import check_count, check_share
from skdl._compat.sklearn import num_samples
from skdl._nearest_names import nearest_names
from skdl._progress import Progress
from skdl.data import as_random_state
from skdl.diagnosis._usual_rates import USUAL_RATES, rate_at, rates_around
from skdl.diagnosis.experiments._folds import draw_seeds
from skdl.diagnosis.experiments._losses import has_diverged
from skdl.diagnosis.experiments._optimizer_comparison import OptimizerComparison
from skdl.diagnosis.experiments._optimizer_run import OptimizerRun
from skdl.diagnosis.experiments._prepared_data import (
    PreparedData,
    prepare,
    train_variants,
)
from skdl.exceptions import ParameterError

FUNCTION = "compare_optimizers"
# How far the first rates go below and above the usual one, two places per power of ten.
# Those of "sgd", "adagrad" and "adadelta" end where their ranges of skdl.search end, at
# 1.0 and 10.0.
PLACES = (2, 3)
OTHER_PLACES = {"sgd": (1, 4), "adagrad": (1, 4), "adadelta": (3, 2)}
RATES: dict[str, tuple[float, ...]] = {
    name: rates_around(name, *OTHER_PLACES.get(name, PLACES)) for name in USUAL_RATES
}
N_RATES = 1 + sum(PLACES)
MOST_EXTENSIONS = 2  # of one power of ten each
Variants = dict[str, dict[str, Any]]
Rates = Sequence[float] | Mapping[str, Sequence[float]]


def _variants(optimizers: Any, network: Any) -> Variants:
    """Parameters of the network by the name of the optimizer."""
    if optimizers is None:
        optimizers = tuple(RATES)
    known = f"any of {', '.join(map(repr, RATES))}"
    if isinstance(optimizers, Mapping):
        is_usable = all(isinstance(given, Mapping) for given in optimizers.values())
        named = optimizers.items() if is_usable else ()
        variants = {str(name): dict(given) for name, given in named}
    elif isinstance(optimizers, Sequence) and not isinstance(optimizers, str):
        variants = {str(name): {"optimizer": name} for name in optimizers}
    else:
        variants = {}
    if not variants:
        raise ParameterError(
            "The 'optimizers' parameter of compare_optimizers must be None, a sequence "
            f"of optimizers ({known}), or a mapping of a name to parameters of the "
            f"network. Got {optimizers!r} instead."
        )
    names = list(map(str, optimizers))
    twice = [name for name in variants if names.count(name) > 1]
    if twice:
        raise ParameterError(
            "The 'optimizers' parameter of compare_optimizers must have each name "
            f"once. Got {twice[0]!r} more than once. Pass a mapping of names of yours "
            "to parameters to compare an optimizer with itself."
        )
    for name, given in variants.items():
        given.setdefault("optimizer", network.optimizer)
        _check_variant(name, given, network)
    return variants


def _check_variant(name: str, given: Mapping[str, Any], network: Any) -> None:
    """Refuse parameters that the network has not, or that are not compared."""
    own = set(network.get_params()) - {"learning_rate"}
    for wrong in sorted(set(given) - own):
        more = "; say which rates to try with 'rates'."
        if wrong != "learning_rate":
            more = _meant(wrong, own)
        raise ParameterError(
            f"The 'optimizers' parameter of compare_optimizers must give {name!r} "
            f"parameters of {type(network).__name__} other than 'learning_rate', "
            f"which is tuned. Got {wrong!r} instead{more}"
        )
    if given["optimizer"] not in RATES:
        more = _meant(given["optimizer"], RATES)
        raise ParameterError(
            "The 'optimizers' parameter of compare_optimizers must have any of "
            f"{', '.join(map(repr, RATES))}. Got {given['optimizer']!r} instead{more}"
        )


def _meant(wrong: Any, known: Iterable[str]) -> str:
    near = nearest_names(wrong, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else "."


def _rates(rates: Any, variants: Variants) -> dict[str, np.ndarray | None]:
    """Ascending rates by the name of the optimizer; None for those in use."""
    if not isinstance(rates, Mapping):
        rates = {} if rates is None else dict.fromkeys(variants, rates)
    unknown = sorted(set(rates) - set(variants))
    if unknown:
        raise ParameterError(
            "The 'rates' parameter of compare_optimizers must name optimizers that are "
            f"compared, {list(variants)}. Got {unknown} as well."
        )
    found: dict[str, np.ndarray | None] = dict.fromkeys(variants)
    for name, wanted in rates.items():
        is_sequence = isinstance(wanted, Sequence | np.ndarray)
        if not is_sequence or not len(wanted) or not all(map(_is_rate, wanted)):
            raise ParameterError(
                "The 'rates' parameter of compare_optimizers must be learning rates, "
                "numbers above 0, or a mapping of optimizers to such. Got "
                f"{wanted!r} for {name!r}."
            )
        found[name] = np.unique(np.asarray(wanted, dtype=float))
    return found


def _is_rate(value: Any) -> bool:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and 0 < value < np.inf


def _losses(network: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Training and validation loss per epoch; None if training diverged."""
    history = network.history_
    if has_diverged(network) or "val_loss" not in history:
        return None
    loss, val_loss = history["loss"].to_numpy(), history["val_loss"].to_numpy()
    is_finite = np.isfinite(loss).all() and np.isfinite(val_loss).all()
    return (loss, val_loss) if is_finite else None


def _train(
    data: PreparedData, variants: list[dict[str, Any]], bar: Progress | None
) -> list[Any]:
    networks = train_variants(
        data, variants, description="one optimizer", progress=False
    )
    if bar is not None:
        bar.advance(len(variants))
    return [_losses(network) for network in networks]


def _tune(
    data: PreparedData,
    parameters: Mapping[str, Any],
    rates: np.ndarray | None,
    seed: int,
    bar: Progress,
) -> tuple[np.ndarray, np.ndarray]:
    """Rates, and the lowest validation loss at each; nan where training diverged.

    Without rates, those in use are tried, and further ones while the best is at an end.
    """
    further: Sequence[float] = RATES[parameters["optimizer"]]
    further = further if rates is None else rates.tolist()
    tried: dict[float, float] = {}
    for _ in range(1 if rates is not None else 1 + MOST_EXTENSIONS):
        variants = [
            {**parameters, "learning_rate": rate, "random_state": seed}
            for rate in further
        ]
        found = _train(data, variants, bar if not tried else None)
        losses = [np.nan if pair is None else float(pair[1].min()) for pair in found]
        tried.update(zip(further, losses, strict=True))
        tried = dict(sorted(tried.items()))
        further = _beyond(tried)
        if not further:
            break
    return np.array(list(tried)), np.array(list(tried.values()))


def _beyond(tried: Mapping[float, float]) -> list[float]:
    """Rates past the end where the best one is; none where it is not at an end."""
    losses = list(tried.values())
    has_finished = not np.isnan(losses).all()
    rate = list(tried)[int(np.nanargmin(losses))] if has_finished else min(tried)
    power = math.floor(math.log10(rate) + 1e-9)
    is_one = rate < 2 * 10.0**power  # the rates in use are 1 and 3 of each power of ten
    places = (-2, -1) if rate == min(tried) else (1, 2) if rate == max(tried) else ()
    return [rate_at(2 * power + (not is_one) + place) for place in places]


def _run(
    data: PreparedData,
    name: str,
    parameters: Mapping[str, Any],
    rates: np.ndarray,
    rate_losses: np.ndarray,
    seeds: Sequence[int],
    bar: Progress,
) -> OptimizerRun:
    """Train with all seeds at the best rate, if there is one."""
    rate, repeats, seconds = np.nan, [], 0.0
    if np.isnan(rate_losses).all():
        seeds = ()
    else:
        rate = float(rates[np.nanargmin(rate_losses)])
        parameters = {**parameters, "learning_rate": rate}
        since = time.perf_counter()
        repeats = _train(
            data, [{**parameters, "random_state": seed} for seed in seeds], bar
        )
        seconds = time.perf_counter() - since
    pairs = list(zip(seeds, repeats, strict=True))
    kept = [pair for pair in repeats if pair is not None]
    n_epochs = min((len(loss) for loss, _ in kept), default=0)
    shape = (len(kept), n_epochs)  # a callback may have stopped some
    return OptimizerRun(
        name=name,
        parameters=parameters,
        learning_rate=rate,
        rates=rates,
        rate_losses=rate_losses,
        seeds=tuple(seed for seed, pair in pairs if pair is not None),
        diverged=tuple(seed for seed, pair in pairs if pair is None),
        losses=np.array([loss[:n_epochs] for loss, _ in kept]).reshape(shape),
        val_losses=np.array([val[:n_epochs] for _, val in kept]).reshape(shape),
        seconds=seconds,
    )


def _rank(run: OptimizerRun) -> tuple[bool, bool, float]:
    loss = run.best_losses.mean() if run.has_finished else np.inf
    return not run.has_finished, bool(run.diverged), float(loss)


def compare_optimizers(
    estimator: Any,
    X: Any,
    y: Any,
    optimizers: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    *,
    rates: Rates | None = None,
    n_repeats: int = 5,
    X_val: Any = None,
    y_val: Any = None,
    validation_fraction: float = 0.2,
    random_state: int | np.random.RandomState | None = None,
    progress: bool | None = None,
) -> OptimizerComparison:
    """Train a network with several optimizers, each at its tuned learning rate.

    Parameters
    ----------
    estimator : estimator
        One of skdl's networks, or a pipeline that ends in one. It is left as it is. Its
        other parameters, "momentum" and "learning_rate_schedule" among them, hold for
        all optimizers that know them.
    X : array-like of shape (n_samples, n_features)
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    optimizers : sequence of str, mapping of str to mapping, or None, default=None
        Which ones. A mapping gives parameters of the network by a name of yours, such
        as ``{"momentum": {"optimizer": "sgd", "momentum": 0.9}}``. None takes all nine.
    rates : sequence of float, mapping of str to such, or None, default=None
        Learning rates to try, for all optimizers or by name. None takes six, two per
        power of ten, around those in use, and goes on by up to two powers of ten where
        the best one is the lowest or highest, or all diverged.
    n_repeats : int, default=5
        Seeds that each optimizer trains with: initial weights, orders, dropout. They
        are the same for all optimizers.
    X_val, y_val : array-like, default=None
        Rows to measure the validation loss on. If None, some of X and y are held out.
    validation_fraction : float, default=0.2
        Share of the rows held out, by class for classifiers of one output.
    random_state : int, RandomState or None, default=None
        Which rows are held out, and the seeds.
    progress : bool or None, default=None
        Whether to show a bar; None shows it on a terminal, after two seconds.

    Returns
    -------
    comparison : OptimizerComparison
        A run per optimizer, the best first, and what to give to ``set_params``.

    Raises
    ------
    ParameterError
        If the estimator is not a network of skdl, or an optimizer, a rate or a number
        cannot be used.
    DataError
        If rows cannot be held out.

    Notes
    -----
    The rate of an optimizer is the one with the lowest validation loss of any epoch,
    for one seed that is not among the `n_repeats`. It was tuned on the same validation
    rows that the curves are of, and so was the epoch: the losses of the best epochs are
    a little too good, for all optimizers alike. Measure the network you choose on other
    rows.

    Early stopping is off, so that all curves are of all epochs; where each would have
    stopped can be seen from its best epoch. Seeds with which training diverged are
    named, and their curves are not part of any mean.

    Losses contain the penalties of the network, as in its ``history_``.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdl import MLPClassifier
    >>> from skdl.diagnosis import compare_optimizers
    >>> X, y = load_iris(return_X_y=True)
    >>> network = MLPClassifier((8,), epochs=5)
    >>> comparison = compare_optimizers(
    ...     network, X, y, ["adam"], rates=[1e-4, 0.01], n_repeats=2, random_state=0
    ... )
    >>> comparison.best
    {'optimizer': 'adam', 'learning_rate': 0.01}
    """
    n_repeats = check_count(n_repeats, name="n_repeats", function=FUNCTION)
    check_share(validation_fraction, name="validation_fraction", function=FUNCTION)
    random = as_random_state(random_state)
    data = prepare(
        estimator,
        X,
        y,
        function=FUNCTION,
        X_val=X_val,
        y_val=y_val,
        validation_fraction=validation_fraction,
        random_state=random,
    )
    data.network.set_params(early_stopping=False)
    variants = _variants(optimizers, data.network)
    rates_of = _rates(rates, variants)
    tuning_seed, *seeds = draw_seeds((1 + n_repeats,), random)
    n_rates = sum(
        N_RATES if known is None else len(known) for known in rates_of.values()
    )
    n_fits = n_rates + n_repeats * len(variants)
    runs = []
    with Progress("comparing optimizers", n_fits, shown=progress) as bar:
        for name, given in variants.items():
            tried, lowest = _tune(data, given, rates_of[name], tuning_seed, bar)
            runs.append(_run(data, name, given, tried, lowest, seeds, bar))
    runs.sort(key=_rank)
    best = runs[0].parameters if runs[0].has_finished else {}
    return OptimizerComparison(
        runs=tuple(runs),
        best=data.outer(best),
        seeds=tuple(seeds),
        tuning_seed=tuning_seed,
        n_train=num_samples(data.X_train),
        n_val=num_samples(data.X_val),
    )
