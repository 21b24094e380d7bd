"""Who is notified after each epoch: scikit-learn's callbacks, and the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skdl._compat.sklearn import has_callbacks
from skdl.training import EpochReport, NetworkWeights


@dataclass(frozen=True)
class FitArguments:
    """What the user passed to `fit`, for callbacks that read it."""

    X: Any  # the training rows, as passed
    y: Any
    metadata: dict[str, Any]


def callback_observer(
    estimator: Any,
    context: Any,
    arguments: FitArguments,
    *,
    fitted_attributes: Callable[[NetworkWeights], dict[str, Any]],
) -> Callable[[EpochReport], bool] | None:
    """Return a function that notifies scikit-learn's callbacks after each epoch."""
    if not has_callbacks(estimator):
        return None

    def begin() -> Any:
        epoch = context.subcontext(task_name="epoch")
        return epoch.call_on_fit_task_begin(estimator=estimator, **vars(arguments))

    epoch = begin()

    def observe(report: EpochReport) -> bool:
        nonlocal epoch
        stops = epoch.call_on_fit_task_end(
            estimator=estimator,
            **vars(arguments),
            reconstruction_attributes=lambda: fitted_attributes(report.weights()),
        )
        epoch = None if stops or report.is_last else begin()
        return stops

    return observe


def epoch_observer(
    estimator: Any,
    context: Any,
    arguments: FitArguments,
    *,
    fitted_attributes: Callable[[NetworkWeights], dict[str, Any]],
    metric: str,
) -> Callable[[EpochReport], bool] | None:
    """Return a function that notifies callbacks and prints a line if verbose."""
    callbacks = callback_observer(
        estimator, context, arguments, fitted_attributes=fitted_attributes
    )
    if not estimator.verbose:
        return callbacks

    def observe(report: EpochReport) -> bool:
        if report.epoch % int(estimator.verbose) == 0:
            print(_line(report, context.max_subtasks, metric))
        return callbacks is not None and callbacks(report)

    return observe


def _line(report: EpochReport, epochs: int, metric: str) -> str:
    """Return a line such as "epoch  3/100  loss 0.513  accuracy 0.81"."""
    width = len(str(epochs))
    parts = [f"epoch {report.epoch:>{width}}/{epochs}"]
    for name, value in report.values.items():
        if value == value and name != "learning_rate":
            parts.append(f"{name.replace('metric', metric)} {value:.4g}")
    return "  ".join(parts)
