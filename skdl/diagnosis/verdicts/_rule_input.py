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
    """Everything that is known of one training.

    Parameters
    ----------
    curves : Curves
        Its losses.
    facts : TrainingFacts
        How it was trained, as far as that is known.
    measures : CurveMeasures or None
        What the curves measure; None where no epoch has finite losses.
    evidence : DataEvidence or None
        What the rows tell; None where they were not given.
    baseline : float or None
        Validation loss of a simple prediction, in the units of the curves.
    holds_out : bool
        Whether the network held the validation rows out by itself.
    feature_scales : ndarray of shape (n_columns,) or None, default=None
        Absolute mean plus standard deviation of each column of the training rows, as
        the network reads them; None where they were not given.
    """

    curves: Curves
    facts: TrainingFacts
    measures: CurveMeasures | None
    evidence: DataEvidence | None
    baseline: float | None
    holds_out: bool
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
    """What a rule says of a case that it applies to.

    Parameters
    ----------
    numbers : mapping of str to float
        What led to it.
    meaning : str
        What it means, with the numbers.
    advice : str
        What to try first, and then.
    suggestion : mapping of str to object, default={}
        What to try first, ready for ``set_params``.
    severity : {"problem", "warning", "note"} or None, default=None
        None is the rule's own.
    """

    numbers: Mapping[str, float]
    meaning: str
    advice: str
    suggestion: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None


@dataclass(frozen=True)
class Rule:
    """One verdict, and when it is given.

    Parameters
    ----------
    code : str
        Its name in programs.
    severity : {"problem", "warning", "note"}
        How bad it is.
    verdict : str
        What it is, in a few words.
    recognise : callable
        From a case to what is said of it, or None.
    is_alone : bool, default=False
        Whether it is given only where no rule before it applies.
    """

    code: str
    severity: Severity
    verdict: str
    recognise: Callable[[RuleInput], Recognised | None]
    is_alone: bool = False

    def judge(self, case: RuleInput) -> Finding | None:
        """Give the verdict, where it applies.

        Parameters
        ----------
        case : RuleInput
            What is known of a training.

        Returns
        -------
        finding : Finding or None
            None where it does not apply.
        """
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
