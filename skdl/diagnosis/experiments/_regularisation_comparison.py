"""The result of a comparison of regularisation: does the best kind help?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from skdl._record import Record
from skdl.diagnosis.experiments._regularisers import NONE, Regulariser

Conclusion = Literal["better", "not distinguishable", "none is best"]


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class RegularisationComparison(Record):
    """The effect of each kind of regularisation on a network.

    Parameters
    ----------
    kinds : tuple of str
        "none", and the kinds that were compared with it, named after their parameters.
    strengths : tuple of object
        The strength of each kind with the lowest mean validation loss over all folds.
        For "early_stopping" it is the patience; for "none" it is None.
    summary : DataFrame
        One row per kind: means over folds and repeats, for the strength that the
        validation rows of each fold chose.
    variants : DataFrame
        One row per kind and strength: the mean losses at the end of training.
    fits : DataFrame
        One row per training run: "kind", "strength", "fold", "repeat", "weights"
        ("end", or "best epoch" for the chosen strengths), the measurements, and
        "status".
    test_losses : ndarray of shape (n_kinds, n_folds)
        Test loss of the strength chosen in each fold; NaN if all strengths diverged.
    metric : str
        Name of the loss, which excludes penalties.
    best_kind : str
        The kind with the lowest mean test loss.
    best : dict of str to object
        Its chosen strength as parameters, ready for ``set_params`` of the given
        estimator. All other kinds are off, as when it was measured, including the
        estimator's own early stopping.
    turned_off : tuple of str, default=()
        Kinds that the estimator uses and `best` turns off.
    """

    kinds: tuple[str, ...]
    strengths: tuple[Any, ...]
    summary: pd.DataFrame
    variants: pd.DataFrame
    fits: pd.DataFrame
    test_losses: np.ndarray
    metric: str
    best_kind: str
    best: dict[str, Any]
    turned_off: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Each kind with its strength, such as "dropout 0.25"."""
        pairs = zip(self.kinds, self.strengths, strict=True)
        return tuple(Regulariser(*pair).name for pair in pairs)

    @property
    def conclusion(self) -> Conclusion:
        """Whether the best kind is better than none by more than the interval."""
        if self.best_kind == NONE:
            return "none is best"
        low = self._of_best("improvement_low")
        return "better" if low > 0 or self._none_diverged else "not distinguishable"

    @property
    def _none_diverged(self) -> bool:
        return bool(np.isnan(self.summary["test_loss"][0]))

    def _of_best(self, column: str) -> float:
        return float(self.summary[column][self.kinds.index(self.best_kind)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per kind.

        Returns
        -------
        frame : DataFrame
            Columns "kind" and "strength"; the losses at the end of training,
            "train_loss", "val_loss" and "test_loss", with their standard errors
            "train_loss_error", "val_loss_error" and "test_loss_error" (from the means
            of the folds); "gap" (test minus training loss); "improvement" (test loss of
            "none" minus that of the kind, positive if it helps), "improvement_error"
            (its standard error, from the differences in each fold), "improvement_low"
            and "improvement_high" (its interval, nan for a single fold); the losses
            with the weights of the best epoch, "best_epoch" (mean number),
            "train_loss_at_best", "val_loss_at_best" and "test_loss_at_best";
            "weight_norm" at the end, "status" and "is_best".
        """
        return self.summary.copy()

    def __str__(self) -> str:
        """Return in one line the best kind, and whether it is better than none."""
        name, loss = self.names[self.kinds.index(self.best_kind)], "test_loss"
        begun = (
            f"RegularisationComparison by {self.metric} on test rows: best {name} "
            f"({self._of_best(loss):.4g}"
        )
        own = f"; without the {', '.join(self.turned_off)} of the estimator"
        ended = own if self.turned_off else ""
        if self.best_kind == NONE:
            return f"{begun}); no kind improved it{ended}"
        if self._none_diverged:
            return f"{begun}), better than none, which diverged{ended}"
        than = "from" if self.conclusion == "not distinguishable" else "than"
        low, high = map(self._of_best, ("improvement_low", "improvement_high"))
        interval = "on one split" if np.isnan(low) else f"({low:.2g} to {high:.2g})"
        return (
            f"{begun}, none {self.summary[loss][0]:.4g}), {self.conclusion} {than} "
            f"none: improvement {self._of_best('improvement'):.2g} {interval}{ended}"
        )
