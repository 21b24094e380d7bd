"""`planned_jobs`: what a fit would train, without training it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from skdl.training._context import current_context, inside
from skdl.training._records import Job


class FitPlannedError(BaseException):
    """Ends a fit when it comes to train.

    Not an `Exception`, as scikit-learn records those as failed fits and goes on.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        super().__init__(jobs)
        self.jobs = list(jobs)


class _Planner:
    """Trains nothing."""

    def train(self, jobs: Sequence[Job]) -> NoReturn:
        """End the fit."""
        raise FitPlannedError(jobs)


def planned_jobs(fit: Callable[[], Any]) -> list[Job]:
    """Return the jobs that a fit would train, without training them.

    The fit runs up to where it would train its first network: checks, preprocessing
    and the drawing of initial weights are those of any fit.

    Parameters
    ----------
    fit : callable
        Called without arguments; fits an estimator in this thread.

    Returns
    -------
    list of Job
        What the first training of the fit would train.

    Raises
    ------
    RuntimeError
        If the fit trains no network of skdl.
    """
    context = replace(current_context(), observer=None, probe=None, trainer=_Planner())
    try:
        with inside(context):
            fit()
    except FitPlannedError as error:
        return error.jobs
    raise RuntimeError("The fit trained no network of skdl, so nothing was planned.")
