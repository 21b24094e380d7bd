"""`diagnose`: the verdict on a training, with its evidence and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from skdl._fusing import is_network
from skdl._pipelines import final_step, steps_before
from skdl.diagnosis._curves import Curves, read_curves
from skdl.diagnosis._findings import Finding, FindingsRecord
from skdl.diagnosis.verdicts._baselines import baseline_loss, with_penalties
from skdl.diagnosis.verdicts._evaluated_rows import EvaluatedRows, evaluate_rows
from skdl.diagnosis.verdicts._evidence import DataEvidence, gather_evidence
from skdl.diagnosis.verdicts._facts import facts_of
from skdl.diagnosis.verdicts._measures import CurveMeasures, measure_curves
from skdl.diagnosis.verdicts._rule_input import RuleInput
from skdl.diagnosis.verdicts._rules import RULES
from skdl.diagnosis.verdicts._scales import feature_scales
from skdl.exceptions import DataError

CLOSE = 1e-3  # of a loss: sums over batches in other orders, and float32


@dataclass(frozen=True, eq=False, repr=False)  # curves are not equal or unequal
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
        Validation loss of a simple prediction, in the units of the curves, penalties
        included; None where it is not known.
    """

    curves: Curves
    measures: CurveMeasures | None
    evidence: DataEvidence | None
    baseline: float | None

    @property
    def verdict(self) -> Finding | None:
        """The finding to act on first; None where nothing could be judged."""
        return self.findings[0] if self.findings else None

    def __str__(self) -> str:
        """Say the first finding in one line, or that there is none."""
        if self.findings:
            return super().__str__()
        n_questions = len(self.unanswered)
        return f"{type(self).__name__}: no verdict, {n_questions} questions unanswered"


def judge(case: RuleInput) -> tuple[Finding, ...]:
    """Try all rules on a case."""
    given: list[Finding] = []
    noted: list[Finding] = []
    for rule in RULES:
        found = None if given and rule.is_alone else rule.judge(case)
        if found is None:
            continue
        is_aside = found.severity == "note" and not rule.is_alone
        (noted if is_aside else given).append(found)
    return (*given, *noted)


def _measured(curves: Curves, baseline: float | None) -> CurveMeasures | None:
    loss, _ = curves.measured()
    return measure_curves(curves, baseline) if len(loss) else None


def _check_given(source: Any, X: Any, y: Any, X_val: Any, y_val: Any) -> None:
    if (X is None) != (y is None):
        missing = "X" if X is None else "y"
        raise DataError(
            f"diagnose needs X and y together, or neither. Got no {missing}."
        )
    if X is None and (X_val is not None or y_val is not None):
        raise DataError(
            "diagnose compares X_val and y_val with the rows of the fit. Got no X and "
            "y. Pass all four, or the first argument alone."
        )
    is_estimator = hasattr(source, "predict") and hasattr(source, "get_params")
    if X is not None and not is_estimator:
        raise DataError(
            "X and y tell something only beside an estimator that predicts. Got a "
            f"{type(source).__name__}. Pass the fitted estimator, or the history alone."
        )


def _unlike_history(source: Any, curves: Curves, rows: EvaluatedRows | None) -> str:
    """Why the rows cannot be those of the validation loss; "" if they can be."""
    if rows is None or curves.val_loss is None or curves.has_diverged:
        return ""
    found = rows.loss_in_history
    # The weights are those of the last epoch or of the best.
    kept = curves.val_loss[[-1, curves.best_epoch - 1]]
    if np.isnan(found) or np.isclose(found, kept, rtol=CLOSE, atol=1e-6).any():
        return ""
    how = "as the network takes them"
    if steps_before(source):
        how = "as the pipeline takes them, before its first step"
    return (
        "copies, shifts and what is left to learn: X_val and y_val have a loss of "
        f"{found:.3g}, and the history ends at {kept[0]:.3g}, so they are not what it "
        f"was validated on (or validated with weights); pass those, {how}, or, if the "
        "network held rows out by itself, neither X_val nor y_val"
    )


def _why_no_validation(curves: Curves, network: Any) -> str:
    what = "copies, shifts and what is left to learn: "
    stops_early = getattr(network, "early_stopping", False)
    if curves.val_loss is None and not stops_early:
        return f"{what}there were no validation rows; pass X_val and y_val"
    if not stops_early:
        return f"{what}pass the X_val and y_val that were passed to fit"
    if not is_network(network):
        return f"{what}which rows were held out is not known; pass X_val and y_val"
    if not isinstance(network.random_state, Integral):
        return (
            f"{what}which rows were held out is not known; pass X_val and y_val, or "
            "fit with an integer random_state"
        )
    if not curves.n_finite:
        return (
            f"{what}the rows held out could not be found again, as no epoch has a "
            "finite loss; pass X_val and y_val"
        )
    return (
        f"{what}the rows held out could not be found again, as the history has another "
        "loss (was fit given other rows, or weights, groups or validation rows?); pass "
        "X_val and y_val"
    )


def _unanswered(case: RuleInput, *, has_rows: bool) -> list[str]:
    said = []
    if not has_rows:
        said.append(
            "copies, shifts and what is left to learn: pass the estimator with the X "
            "and y of its fit"
        )
    if case.evidence is not None and np.isnan(case.evidence.residual_signal):
        said.append("what is left to learn: not all predictions are finite")
    if not case.facts.names:
        said.append(f"suggestions for set_params: {_why_no_names(case.curves)}")
    if case.baseline is None:
        said.append(f"whether it beats a baseline: {_why_no_baseline(case, has_rows)}")
    return said + _unanswered_by_curves(case)


def _unanswered_by_curves(case: RuleInput) -> list[str]:
    said = list(case.curves.remarks)
    measures = case.measures
    if measures is None:
        return said
    if measures.n_epochs < 2:
        said.append("where the losses are heading: there is only one epoch")
    elif not (measures.gain > 0 or case.curves.has_diverged):
        said.append("how well it fits: the loss never fell")
    is_said = any(line.startswith("overfitting") for line in said)  # by a remark
    if not (case.has_validation or is_said):
        kept = "" if case.curves.val_score is None else ", only a validation score"
        what = (
            "overfitting" if case.evidence is None else "since when it overfits, if so"
        )
        said.append(f"{what}: the history has no validation loss{kept}")
    return said


def _why_no_names(curves: Curves) -> str:
    if curves.source in ("dict", "DataFrame", "History"):
        return "of a history only the losses are known"
    return f"the parameters of a {curves.source} are not known here"


def _why_no_baseline(case: RuleInput, has_rows: bool) -> str:
    if not has_rows:
        return "pass X and y, or a loss as 'baseline'"
    if case.evidence is None:
        return "pass X_val and y_val, or a loss as 'baseline'"
    return "what it minimises is not known here; pass a loss as 'baseline'"


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
        The validation rows that were passed to ``fit``, as the estimator predicts them:
        those of a pipeline before its first step, also where ``fit`` was given them
        transformed. Rows whose loss is not that of the history are not judged. If None,
        those that early stopping held out are found anew from X, y and an integer
        ``random_state``, and those of Keras's ``validation_split``.
    baseline : float or estimator, default=None
        What to beat: a validation loss in the units of the curves, or a classifier with
        probabilities or a regressor, which is cloned and fitted to the training rows: a
        Pipeline as they were given, any other as the last step of the estimator reads
        them. None is, with rows given, the best constant prediction.

    Returns
    -------
    diagnosis : Diagnosis
        With ``findings``, the one to act on first at the front. ``print(diagnosis)``
        says the first in one line; ``diagnosis.findings[0].suggestion`` is ready for
        ``set_params``.

    Raises
    ------
    DataError
        If there are no losses, only some of X, y, X_val and y_val are given, they do
        not fit, or they are given with a history.
    ParameterError
        If the baseline is neither a finite number nor an estimator, or an estimator
        without rows to fit it to, without probabilities, or beside a loss that is not
        known here.

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
    _check_given(estimator_or_history, X, y, X_val, y_val)
    network = final_step(estimator_or_history)
    facts = facts_of(estimator_or_history)
    unanswered: list[str] = []
    evidence, rows = None, None
    if X is not None:
        rows = evaluate_rows(estimator_or_history, X, y, X_val, y_val)
        unlike = _unlike_history(estimator_or_history, curves, rows[1])
        if rows[1] is None:
            unanswered.append(_why_no_validation(curves, network))
        elif unlike:
            unanswered.append(unlike)
        else:
            evidence = gather_evidence(rows[0], rows[1])
    is_comparable = rows is None or rows[1] is None or evidence is not None
    loss = None
    if is_comparable or isinstance(baseline, Real):
        loss = baseline_loss(baseline, evidence, rows)
    if not isinstance(baseline, Real):
        loss = with_penalties(
            loss, network, curves=curves, facts=facts, evidence=evidence
        )
    case = RuleInput(
        curves=curves,
        facts=facts,
        measures=_measured(curves, loss),
        evidence=evidence,
        baseline=loss,
        holds_out=evidence is not None and X_val is None,
        feature_scales=None if rows is None else feature_scales(rows[0].features),
    )
    unanswered += _unanswered(case, has_rows=X is not None)
    return Diagnosis(
        findings=judge(case),
        unanswered=tuple(unanswered),
        curves=curves,
        measures=case.measures,
        evidence=evidence,
        baseline=loss,
    )
