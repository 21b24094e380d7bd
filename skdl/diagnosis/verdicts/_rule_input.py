"""The input of a rule, the rule, and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skdl.diagnosis._curves import TrainingCurves
from skdl.diagnosis._finding import Finding, Severity
from skdl.diagnosis.verdicts._evidence import DataEvidence
from skdl.diagnosis.verdicts._facts import TrainingFacts
from skdl.diagnosis.verdicts._measures import CurveMeasures


@dataclass(frozen=True)
class RuleInput:
    """Everything known about one training run."""

    curves: TrainingCurves
    facts: TrainingFacts  # how it was trained, as far as that is known
    # numbers measured on the curves; None if no epoch has finite losses
    measures: CurveMeasures | None
    evidence: DataEvidence | None  # evidence from the rows; None if not given
    # validation loss of a simple prediction, in the units of the curves
    baseline: float | None
    holds_out: bool  # whether the network held the validation rows out by itself
    # (n_columns,) Absolute mean plus standard deviation of each column of the training
    # rows, as the network reads them; None if not given
    feature_scales: np.ndarray | None = None

    @property
    def has_validation(self) -> bool:
        """Whether the history has a validation loss."""
        return self.curves.val_loss is not None

    @property
    def first(self) -> float:
        """The first loss of the watched curve."""
        return float(self.curves.measured()[1][0])

    @property
    def lowest(self) -> float:
        """The lowest finite loss of the watched curve."""
        return float(self.curves.measured()[1].min())

    @property
    def reached(self) -> float:
        """The lowest known validation loss; nan if there is none.

        If the history has none, it is the fitted network's loss on the rows given.
        """
        if self.has_validation:
            return self.lowest
        return np.nan if self.evidence is None else self.evidence.val_loss

    @property
    def residual_signal(self) -> float:
        """How much of the errors the features still predict; nan without rows."""
        return np.nan if self.evidence is None else self.evidence.residual_signal


@dataclass(frozen=True)
class RuleMatch:
    """What a rule found in a training run that it applies to."""

    numbers: Mapping[str, float]
    meaning: str  # what it means, with the numbers
    advice: str  # what to try first, and then
    # first thing to try, ready for ``set_params``
    suggestion: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None  # None means the rule's own


@dataclass(frozen=True)
class VerdictRule:
    """One verdict, and the condition for it."""

    code: str
    severity: Severity
    verdict: str  # in a few words
    # from a training run to what was found in it, or None
    matches: Callable[[RuleInput], RuleMatch | None]
    is_alone: bool = False  # given only if no earlier rule applies

    def apply(self, run: RuleInput) -> Finding | None:
        """Return the finding, if the rule applies."""
        match = self.matches(run)
        if match is None:
            return None
        return Finding(
            code=self.code,
            severity=match.severity or self.severity,
            verdict=self.verdict,
            numbers=match.numbers,
            meaning=match.meaning,
            advice=match.advice,
            suggestion=match.suggestion,
        )
