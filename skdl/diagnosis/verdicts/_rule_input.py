"""What a rule judges, and what it says when it applies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skdl.diagnosis._curves import Curves
from skdl.diagnosis._findings import Finding, Severity
from skdl.diagnosis.verdicts._evidence import DataEvidence
from skdl.diagnosis.verdicts._facts import TrainingFacts
from skdl.diagnosis.verdicts._measures import CurveMeasures


@dataclass(frozen=True)
class RuleInput:
    """Everything that is known of one training."""

    curves: Curves
    facts: TrainingFacts  # how it was trained, as far as that is known
    # what the curves measure; None where no epoch has finite losses
    measures: CurveMeasures | None
    evidence: DataEvidence | None  # what the rows tell; None where they were not given
    # validation loss of a simple prediction, in the units of the curves
    baseline: float | None
    holds_out: bool  # whether the network held the validation rows out by itself
    # (n_columns,) Absolute mean plus standard deviation of each column of the training
    # rows, as the network reads them; None where they were not given
    feature_scales: np.ndarray | None = None

    @property
    def has_validation(self) -> bool:
        """Whether there is a curve of the validation loss."""
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
        """The lowest validation loss that is known; nan where none is.

        Where the history has none, that of the fitted network on the rows given.
        """
        if self.has_validation:
            return self.lowest
        return np.nan if self.evidence is None else self.evidence.val_loss

    @property
    def residual_signal(self) -> float:
        """What the features still tell of the errors; nan without rows."""
        return np.nan if self.evidence is None else self.evidence.residual_signal


@dataclass(frozen=True)
class Recognised:
    """What a rule says of a case that it applies to."""

    numbers: Mapping[str, float]
    meaning: str  # what it means, with the numbers
    advice: str  # what to try first, and then
    # what to try first, ready for ``set_params``
    suggestion: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None  # none is the rule's own


@dataclass(frozen=True)
class Rule:
    """One verdict, and when it is given."""

    code: str
    severity: Severity
    verdict: str  # what it is, in a few words
    # from a case to what is said of it, or None
    recognise: Callable[[RuleInput], Recognised | None]
    is_alone: bool = False  # whether it is given only where no rule before it applies

    def judge(self, case: RuleInput) -> Finding | None:
        """Give the verdict, where it applies."""
        said = self.recognise(case)
        if said is None:
            return None
        return Finding(
            code=self.code,
            severity=said.severity or self.severity,
            verdict=self.verdict,
            numbers=said.numbers,
            meaning=said.meaning,
            advice=said.advice,
            suggestion=said.suggestion,
        )
