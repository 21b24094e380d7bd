"""Who is told of every epoch: scikit-learn's callbacks, and the user by `verbose`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skdl.training import EpochReport, NetworkWeights


@dataclass(frozen=True)
class Passed:
    """What the user passed to fit, for callbacks that ask for it.

    Parameters
    ----------
    X, y : array-like
        The training rows, as passed.
    metadata : dict of str to object
        What else was passed.
    """

    X: Any
    y: Any
    metadata: dict[str, Any]


def epoch_observer(
    estimator: Any,
    context: Any,
    passed: Passed,
    *,
    fitted_attributes: Callable[[NetworkWeights], dict[str, Any]],
    metric: str,
) -> Callable[[EpochReport], bool] | None:
    """Make the function that hears of each epoch.

    Parameters
    ----------
    estimator : estimator
        Being fitted.
    context : sklearn.callback.CallbackContext
        Root context of the fit.
    passed : Passed
        What fit was given.
    fitted_attributes : callable
        From weights to the attributes of an estimator fitted so far.
    metric : str
        Name of the metric in the history.

    Returns
    -------
    callable or None
        None where nobody listens: the engine then trains many epochs per call.
    """
    has_callbacks = bool(getattr(estimator, "_skl_callbacks", None))
    if not has_callbacks and not estimator.verbose:
        return None

    def begin() -> Any:
        epoch = context.subcontext(task_name="epoch")
        return epoch.call_on_fit_task_begin(estimator=estimator, **vars(passed))

    epoch = begin() if has_callbacks else None

    def observe(report: EpochReport) -> bool:
        nonlocal epoch
        if estimator.verbose and report.epoch % int(estimator.verbose) == 0:
            print(_line(report, context.max_subtasks, metric))
        if epoch is None:
            return False
        stops = epoch.call_on_fit_task_end(
            estimator=estimator,
            **vars(passed),
            reconstruction_attributes=lambda: fitted_attributes(report.weights()),
        )
        epoch = None if stops or report.is_last else begin()
        return stops

    return observe


def _line(report: EpochReport, epochs: int, metric: str) -> str:
    """One line for the terminal, such as "epoch  3/100  loss 0.513  accuracy 0.81"."""
    width = len(str(epochs))
    parts = [f"epoch {report.epoch:>{width}}/{epochs}"]
    for name, value in report.values.items():
        if value == value and name != "learning_rate":
            parts.append(f"{name.replace('metric', metric)} {value:.4g}")
    return "  ".join(parts)
