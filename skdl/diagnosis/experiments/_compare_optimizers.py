"""Compare optimizers on one network, each at a learning rate that suits it.

An optimizer at a rate tuned for another one tells little. So each optimizer first tries
a few rates with one seed, and then trains with several seeds at its best rate. Runs
that differ only in rate or seed train together, as banks.
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
# How far the first rates go below and above the usual one, with two places per power of
# ten. The rates of "sgd", "adagrad" and "adadelta" end where their ranges in
# skdl.search end, at 1.0 and 10.0.
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
            f"of optimizers ({known}), or a mapping from names to parameters of the "
            f"network. Got {optimizers!r} instead."
        )
    names = list(map(str, optimizers))
    twice = [name for name in variants if names.count(name) > 1]
    if twice:
        raise ParameterError(
            "The 'optimizers' parameter of compare_optimizers must contain each name "
            f"once. Got {twice[0]!r} more than once. To compare an optimizer with "
            "itself, pass a mapping from your own names to parameters."
        )
    for name, given in variants.items():
        given.setdefault("optimizer", network.optimizer)
        _check_variant(name, given, network)
    return variants


def _check_variant(name: str, given: Mapping[str, Any], network: Any) -> None:
    """Refuse parameters that the network lacks or that this function tunes."""
    own = set(network.get_params()) - {"learning_rate"}
    for wrong in sorted(set(given) - own):
        more = "; pass the rates to try as 'rates'."
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
            "The 'optimizers' parameter of compare_optimizers must contain any of "
            f"{', '.join(map(repr, RATES))}. Got {given['optimizer']!r} instead{more}"
        )


def _meant(wrong: Any, known: Iterable[str]) -> str:
    near = nearest_names(wrong, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else "."


def _rates(rates: Any, variants: Variants) -> dict[str, np.ndarray | None]:
    """Ascending rates by the name of the optimizer; None for the default rates."""
    if not isinstance(rates, Mapping):
        rates = {} if rates is None else dict.fromkeys(variants, rates)
    unknown = sorted(set(rates) - set(variants))
    if unknown:
        raise ParameterError(
            "The 'rates' parameter of compare_optimizers may only name optimizers that "
            f"are compared, {list(variants)}. Got {unknown} as well."
        )
    found: dict[str, np.ndarray | None] = dict.fromkeys(variants)
    for name, wanted in rates.items():
        is_sequence = isinstance(wanted, Sequence | np.ndarray)
        if not is_sequence or not len(wanted) or not all(map(_is_rate, wanted)):
            raise ParameterError(
                "The 'rates' parameter of compare_optimizers must be a sequence of "
                "numbers above 0, or a mapping from optimizers to such sequences. Got "
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
    """The rates, and the lowest validation loss at each; nan if training diverged.

    Without given rates, it tries the default ones, and more of them as long as the best
    one is at an end.
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
    """Rates beyond the end at which the best one is; none if it is not at an end."""
    losses = list(tried.values())
    has_finished = not np.isnan(losses).all()
    rate = list(tried)[int(np.nanargmin(losses))] if has_finished else min(tried)
    power = math.floor(math.log10(rate) + 1e-9)
    is_one = rate < 2 * 10.0**power  # default rates are 1 and 3 times a power of ten
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
        One of skdl's networks, or a pipeline that ends in one. It is not changed. Its
        other parameters, such as "momentum" and "learning_rate_schedule", apply to all
        optimizers that support them.
    X : array-like of shape (n_samples, n_features)
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    optimizers : sequence of str, mapping of str to mapping, or None, default=None
        The optimizers to compare. A mapping gives parameters of the network under names
        of your choice, such as ``{"momentum": {"optimizer": "sgd", "momentum": 0.9}}``.
        None compares all nine.
    rates : sequence of float, mapping of str to such, or None, default=None
        Learning rates to try, for all optimizers or by name. None tries six around the
        usual one, two per power of ten, and up to two more powers of ten if the best
        one is the lowest or highest, or all diverged.
    n_repeats : int, default=5
        Number of seeds (initial weights, order of rows, dropout) to train each
        optimizer with. All optimizers use the same seeds.
    X_val, y_val : array-like, default=None
        Rows to measure the validation loss on. If None, some of X and y are held out.
    validation_fraction : float, default=0.2
        Share of the rows to hold out, stratified by class for classifiers of one
        output.
    random_state : int, RandomState or None, default=None
        Seed of the held-out rows and of the networks' seeds.
    progress : bool or None, default=None
        Whether to show a progress bar. None shows one in a terminal if it takes more
        than two seconds.

    Returns
    -------
    comparison : OptimizerComparison
        One run per optimizer, the best first, and parameters for ``set_params``.

    Raises
    ------
    ParameterError
        If the estimator does not end in one of skdl's networks, or an optimizer, a rate
        or a number is invalid.
    DataError
        If rows cannot be held out.

    Notes
    -----
    The tuned rate of an optimizer is the one with the lowest validation loss in any
    epoch, for one seed that is not among the `n_repeats`. The rate and the best epoch
    are chosen on the same validation rows that the curves show, so the losses of the
    best epochs are slightly too low, for all optimizers alike. Test the network you
    choose on other rows.

    Early stopping is off, so every curve covers all epochs; the best epoch shows where
    each would have stopped. Seeds for which training diverged are listed, and no mean
    includes their curves.

    Losses include the penalties of the network, as in its ``history_``.

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
