"""`diagnose`: the verdict on a training, with its evidence and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from skdl.diagnosis.curves import Curves, read_curves
from skdl.diagnosis.findings import Finding, FindingsRecord
from skdl.diagnosis.verdicts.case import Case
from skdl.diagnosis.verdicts.evidence import DataEvidence, gather_evidence
from skdl.diagnosis.verdicts.facts import facts_of
from skdl.diagnosis.verdicts.judged_rows import JudgedRows, judge_rows, row_losses
from skdl.diagnosis.verdicts.measures import CurveMeasures, measure_curves
from skdl.diagnosis.verdicts.rules import RULES
from skdl.exceptions import DataError, ParameterError


@dataclass(frozen=True, eq=False)  # curves are not equal or unequal
class Diagnosis(FindingsRecord):
    """What is wrong, or right, with a training.

    Parameters
    ----------
    findings : tuple of Finding
        The one to act on first comes first.
    unanswered : tuple of str
        What could not be judged, and what it would have taken.
    curves : Curves
        The losses that were judged.
    measures : CurveMeasures or None
        What they measure; None where no epoch has finite losses.
    evidence : DataEvidence or None
        What the rows tell; None where they were not given.
    baseline : float or None
        Validation loss of a simple prediction; None where it is not known.
    """

    curves: Curves
    measures: CurveMeasures | None
    evidence: DataEvidence | None
    baseline: float | None

    @property
    def verdict(self) -> Finding | None:
        """The finding to act on first; None where nothing could be judged."""
        return self.findings[0] if self.findings else None


def judge(case: Case) -> tuple[Finding, ...]:
    """Try all rules on a case.

    Parameters
    ----------
    case : Case
        What is known of a training.

    Returns
    -------
    findings : tuple of Finding
        In the order of the table.
    """
    given: list[Finding] = []
    for rule in RULES:
        found = None if given and rule.is_alone else rule.judge(case)
        if found is not None:
            given.append(found)
    return tuple(given)


def _measured(curves: Curves, baseline: float | None) -> CurveMeasures | None:
    is_finite = np.isfinite(curves.loss[:1]) & np.isfinite(curves.watched[:1])
    return measure_curves(curves, baseline) if is_finite.all() else None


def _check_fitted(source: Any) -> None:
    if not hasattr(source, "predict"):
        raise DataError(
            "X and y tell something only beside an estimator that predicts. Got a "
            f"{type(source).__name__}. Pass the fitted estimator, or the history alone."
        )


def _baseline_loss(
    baseline: Any,
    evidence: DataEvidence | None,
    rows: tuple[JudgedRows, JudgedRows | None] | None,
) -> float | None:
    if baseline is None:
        return None if evidence is None else evidence.baseline
    if isinstance(baseline, float | int | np.number):
        return float(baseline)
    if not hasattr(baseline, "fit") or rows is None or rows[1] is None:
        raise ParameterError(
            "The 'baseline' parameter of diagnose must be a number, or, with rows to "
            "fit it to and others to validate it on, a classifier or regressor. Got "
            f"{baseline!r}" + (" without such rows." if rows is None else ".")
        )
    return _loss_of_estimator(baseline, rows[0], rows[1])


def _loss_of_estimator(
    baseline: Any, train: JudgedRows, validation: JudgedRows
) -> float:
    """Validation loss of another estimator, fitted to the training rows."""
    targets = train.targets
    if train.loss == "categorical_crossentropy":
        fitted = clone(baseline).fit(train.features, targets.argmax(axis=1))
        said = np.zeros_like(validation.targets)
        said[:, fitted.classes_] = fitted.predict_proba(validation.features)
    else:
        single = targets[:, 0] if targets.shape[1] == 1 else targets
        fitted = clone(baseline).fit(train.features, single)
        said = np.reshape(fitted.predict(validation.features), validation.targets.shape)
    return float(row_losses(train.loss, validation.targets, said).mean())


def _why_no_validation(curves: Curves) -> str:
    if curves.val_loss is None:
        return "overfitting, copies and shifts: there were no validation rows"
    return (
        "copies, shifts and what is left to learn: which rows were held out is not "
        "known; pass X_val and y_val, or fit with an integer random_state"
    )


def _unanswered(case: Case) -> list[str]:
    said = []
    if not case.facts.names:
        said.append(
            f"suggestions for set_params: a {case.curves.source} has no parameters "
            "that are known here"
        )
    if case.baseline is None:
        said.append("whether it beats a baseline: pass X and y, or its loss")
    if case.measures is not None and case.measures.n_epochs < 2:
        said.append("where the losses are heading: there is only one epoch")
    if not case.has_validation and case.measures is not None:
        said.append("overfitting: there is no validation loss")
    return said


def diagnose(
    estimator_or_history: Any,
    *,
    X: Any = None,
    y: Any = None,
    X_val: Any = None,
    y_val: Any = None,
    baseline: Any = None,
) -> Diagnosis:
    """Say what is wrong with a training, by what that is seen, and what to try first.

    Parameters
    ----------
    estimator_or_history : estimator, mapping, DataFrame or keras History
        A fitted network of skdl or of scikit-learn, or a Pipeline that ends in one; or
        the losses alone: what Keras's ``fit`` returns, or its ``history``, one value of
        "loss" and perhaps "val_loss" per epoch.
    X : array-like of shape (n_samples, n_features), default=None
        The rows it was fitted to. With them, copies, shifts and what is left to learn
        are measured; half of the verdicts are guesses without.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Their targets.
    X_val, y_val : array-like, default=None
        The validation rows that were passed to ``fit``. If None, those that early
        stopping held out are found anew from X, y and an integer ``random_state``.
    baseline : float or estimator, default=None
        What to beat: a validation loss in the units of the curves, or a classifier or
        regressor, which is cloned and fitted to the training rows. None is, with rows
        given, the best constant prediction.

    Returns
    -------
    diagnosis : Diagnosis
        With ``findings``, the one to act on first at the front. ``print(diagnosis)``
        says the first in one line; ``diagnosis.findings[0].suggestion`` is ready for
        ``set_params``.

    Raises
    ------
    DataError
        If there are no losses, only one of X and y is given, or they do not fit.
    ParameterError
        If the baseline is neither a number nor an estimator, or an estimator without
        rows to fit it to.

    Notes
    -----
    The verdicts are those of a table of rules, tried in order; thresholds, sources and
    how often each is right are in docs/diagnosis.md.

    References
    ----------
    .. [1] Prechelt (1998). Early stopping - but when? Neural Networks: Tricks of the
       Trade.
    .. [2] Smith (2018). A disciplined approach to neural network hyper-parameters.
    .. [3] Goodfellow, Bengio and Courville (2016). Deep Learning, chapters 5 and 11.

    Examples
    --------
    >>> from skdl.diagnosis import diagnose
    >>> history = {"loss": [0.9, 0.5, 0.3, 0.1], "val_loss": [0.9, 0.6, 0.8, 1.2]}
    >>> print(diagnose(history))
    Diagnosis: overfit_capacity (problem): overfit: too much capacity for the rows, \
or trained for too long
    """
    curves = read_curves(estimator_or_history)
    if (X is None) != (y is None):
        missing = "X" if X is None else "y"
        raise DataError(
            f"diagnose needs X and y together, or neither. Got no {missing}."
        )
    facts = facts_of(estimator_or_history)
    unanswered: list[str] = []
    evidence = None
    if X is not None:
        _check_fitted(estimator_or_history)
        rows = judge_rows(estimator_or_history, X, y, X_val, y_val)
        if rows[1] is None:
            unanswered.append(_why_no_validation(curves))
        else:
            evidence = gather_evidence(rows[0], rows[1])
        baseline = _baseline_loss(baseline, evidence, rows)
    else:
        baseline = _baseline_loss(baseline, None, None)
        unanswered.append(
            "copies, shifts and what is left to learn: pass the X and y of the fit"
        )
    measures = _measured(curves, baseline)
    holds_out = evidence is not None and X_val is None
    case = Case(curves, facts, measures, evidence, baseline, holds_out)
    unanswered += _unanswered(case)
    return Diagnosis(
        findings=judge(case),
        unanswered=tuple(unanswered),
        curves=curves,
        measures=measures,
        evidence=evidence,
        baseline=baseline,
    )
