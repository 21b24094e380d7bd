"""`diagnose`: the verdict on a training run, with evidence and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from skdl._models import final_step, is_network, steps_before
from skdl.diagnosis._curves import TrainingCurves, read_curves
from skdl.diagnosis._finding import Finding, FindingsRecord
from skdl.diagnosis.verdicts._baselines import baseline_loss, with_penalties
from skdl.diagnosis.verdicts._evaluated_rows import EvaluatedRows, evaluate_rows
from skdl.diagnosis.verdicts._evidence import DataEvidence, gather_evidence
from skdl.diagnosis.verdicts._facts import facts_of
from skdl.diagnosis.verdicts._measures import CurveMeasures, measure_curves
from skdl.diagnosis.verdicts._rule_input import RuleInput
from skdl.diagnosis.verdicts._rules import RULES
from skdl.diagnosis.verdicts._scales import feature_scales
from skdl.exceptions import DataError

OF_ROWS = "leakage, distribution shift and residual signal"
CLOSE = 1e-3  # of a loss: float32 sums over batches, in another order


@dataclass(frozen=True, eq=False, repr=False)  # curves are not equal or unequal
class Diagnosis(FindingsRecord):
    """What is wrong, or right, with a training run.

    Parameters
    ----------
    findings : tuple of Finding
        The findings. Act on the first one first.
    unanswered : tuple of str
        Questions left open, and what would be needed to answer them.
    curves : TrainingCurves
        The losses that were examined.
    measures : CurveMeasures or None
        Numbers measured on the curves; None if no epoch has finite losses.
    evidence : DataEvidence or None
        Evidence from the rows; None if they were not given.
    baseline : float or None
        Validation loss of a simple prediction, in the units of the curves and with
        penalties; None if unknown.
    """

    curves: TrainingCurves
    measures: CurveMeasures | None
    evidence: DataEvidence | None
    baseline: float | None

    @property
    def verdict(self) -> Finding | None:
        """The finding to act on first; None if there is no finding."""
        return self.findings[0] if self.findings else None

    def __str__(self) -> str:
        """Return the first finding in one line, or say that there is none."""
        if self.findings:
            return super().__str__()
        n_questions = len(self.unanswered)
        return f"{type(self).__name__}: no verdict, {n_questions} questions unanswered"


def apply_rules(run: RuleInput) -> tuple[Finding, ...]:
    """Apply all rules to a training run, most urgent first."""
    given: list[Finding] = []
    noted: list[Finding] = []
    for rule in RULES:
        found = None if given and rule.is_alone else rule.apply(run)
        if found is None:
            continue
        is_aside = found.severity == "note" and not rule.is_alone
        (noted if is_aside else given).append(found)
    return (*given, *noted)


def _measured(curves: TrainingCurves, baseline: float | None) -> CurveMeasures | None:
    loss, _ = curves.measured()
    return measure_curves(curves, baseline) if len(loss) else None


def _check_given(source: Any, X: Any, y: Any, X_val: Any, y_val: Any) -> None:
    if (X is None) != (y is None):
        missing = "X" if X is None else "y"
        raise DataError(f"diagnose needs both X and y, or neither. Got no {missing}.")
    if X is None and (X_val is not None or y_val is not None):
        raise DataError(
            "diagnose compares X_val and y_val with the training rows. Got no X and y. "
            "Pass all four, or only the first argument."
        )
    is_estimator = hasattr(source, "predict") and hasattr(source, "get_params")
    if X is not None and not is_estimator:
        raise DataError(
            "X and y are only useful with an estimator that can predict. Got a "
            f"{type(source).__name__}. Pass the fitted estimator, or only the history."
        )


def _unlike_history(
    source: Any, curves: TrainingCurves, rows: EvaluatedRows | None
) -> str:
    """Why these are not the rows of the recorded validation loss; "" if they may be."""
    if rows is None or curves.val_loss is None or curves.has_diverged:
        return ""
    found = rows.loss_in_history
    # The fitted weights are those of the last epoch or of the best one.
    kept = curves.val_loss[[-1, curves.best_epoch - 1]]
    if np.isnan(found) or np.isclose(found, kept, rtol=CLOSE, atol=1e-6).any():
        return ""
    how = "in the form that the network takes"
    if steps_before(source):
        how = "in the form that the pipeline takes, before its first step"
    return (
        f"{OF_ROWS}: X_val and y_val have a loss of {found:.3g}, but the history ends "
        f"at {kept[0]:.3g}, so they are not the rows that training was validated on "
        f"(or sample weights were used); pass those rows, {how}, or pass neither if "
        "the network held rows out itself"
    )


def _why_no_validation(curves: TrainingCurves, network: Any) -> str:
    if not getattr(network, "early_stopping", False):
        if curves.val_loss is None:
            return f"{OF_ROWS}: there are no validation rows; pass X_val and y_val"
        return f"{OF_ROWS}: pass the X_val and y_val that you passed to fit"
    if not is_network(network):
        return f"{OF_ROWS}: the rows held out are unknown; pass X_val and y_val"
    if not isinstance(network.random_state, Integral):
        return (
            f"{OF_ROWS}: the rows held out are unknown; pass X_val and y_val, or fit "
            "with an integer random_state"
        )
    if not curves.n_finite:
        return (
            f"{OF_ROWS}: the rows held out cannot be recovered, because no epoch has a "
            "finite loss; pass X_val and y_val"
        )
    return (
        f"{OF_ROWS}: the rows held out cannot be recovered, because the history has a "
        "different loss (did fit get other rows, weights, groups or validation rows?); "
        "pass X_val and y_val"
    )


def _unanswered(run: RuleInput, *, has_rows: bool) -> list[str]:
    unanswered = []
    if not has_rows:
        unanswered.append(f"{OF_ROWS}: pass the estimator with the X and y of its fit")
    if run.evidence is not None and np.isnan(run.evidence.residual_signal):
        unanswered.append("residual signal: some predictions are not finite")
    if not run.facts.names:
        unanswered.append(f"suggestions for set_params: {_why_no_names(run.curves)}")
    if run.baseline is None:
        reason = _why_no_baseline(run, has_rows)
        unanswered.append(f"whether it beats a baseline: {reason}")
    return unanswered + _unanswered_by_curves(run)


def _unanswered_by_curves(run: RuleInput) -> list[str]:
    unanswered = list(run.curves.remarks)
    measures = run.measures
    if measures is None:
        return unanswered
    if measures.n_epochs < 2:
        unanswered.append("where the losses are heading: there is only one epoch")
    elif not (measures.gain > 0 or run.curves.has_diverged):
        unanswered.append("how well it fits: the loss never fell")
    is_listed = any(line.startswith("overfitting") for line in unanswered)
    if not (run.has_validation or is_listed):
        kept = "" if run.curves.val_score is None else ", only a validation score"
        what = "overfitting" if run.evidence is None else "when overfitting began"
        unanswered.append(f"{what}: the history has no validation loss{kept}")
    return unanswered


def _why_no_names(curves: TrainingCurves) -> str:
    if curves.source in ("dict", "DataFrame", "History"):
        return "a history contains only the losses"
    return f"the parameters of a {curves.source} are unknown"


def _why_no_baseline(run: RuleInput, has_rows: bool) -> str:
    if not has_rows:
        return "pass X and y, or a loss as 'baseline'"
    if run.evidence is None:
        return "pass X_val and y_val, or a loss as 'baseline'"
    return "diagnose cannot compute the loss it minimises; pass a loss as 'baseline'"


def diagnose(
    estimator_or_history: Any,
    *,
    X: Any = None,
    y: Any = None,
    X_val: Any = None,
    y_val: Any = None,
    baseline: Any = None,
) -> Diagnosis:
    """Diagnose a training run: what is wrong, on what evidence, and what to try first.

    Parameters
    ----------
    estimator_or_history : estimator, mapping, DataFrame or keras History
        A fitted network of skdl or scikit-learn, or a Pipeline that ends in one. Or
        only the losses: what Keras's ``fit`` returns, or its ``history``, with one
        value of "loss" and optionally "val_loss" per epoch.
    X : array-like of shape (n_samples, n_features), default=None
        The training rows. They are needed to detect leakage, distribution shift and
        residual signal; without them half of the verdicts are guesses.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Their targets.
    X_val, y_val : array-like, default=None
        The validation rows that were passed to ``fit``, in the form that the estimator
        predicts: for a pipeline, before its first step, even if ``fit`` was given them
        transformed. Rows whose loss differs from the history's are ignored. If None,
        rows held out by early stopping are recovered from X, y and an integer
        ``random_state``, and so are those of Keras's ``validation_split``.
    baseline : float or estimator, default=None
        What to beat: a validation loss in the units of the curves, a classifier with
        probabilities, or a regressor. An estimator is cloned and fitted to the training
        rows: a Pipeline to the rows as given, any other to the input of the estimator's
        last step. If None and rows are given, the best constant prediction.

    Returns
    -------
    diagnosis : Diagnosis
        Its ``findings`` start with the one to act on first. ``print(diagnosis)`` shows
        that one in one line; ``diagnosis.findings[0].suggestion`` is ready for
        ``set_params``.

    Raises
    ------
    DataError
        If there are no losses, if only some of X, y, X_val and y_val are given or they
        do not match, or if they are given with a history.
    ParameterError
        If the baseline is neither a finite number nor an estimator, or is an estimator
        without rows to fit it to, without probabilities, or for a loss that diagnose
        cannot compute.

    Notes
    -----
    Verdicts come from a table of rules, which are tried in order. docs/diagnosis.md
    lists thresholds and sources, and how often each verdict is right.

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
    Diagnosis: overfit_capacity (problem): overfit: too much capacity for the data, \
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
    run = RuleInput(
        curves=curves,
        facts=facts,
        measures=_measured(curves, loss),
        evidence=evidence,
        baseline=loss,
        holds_out=evidence is not None and X_val is None,
        feature_scales=None if rows is None else feature_scales(rows[0].features),
    )
    unanswered += _unanswered(run, has_rows=X is not None)
    return Diagnosis(
        findings=apply_rules(run),
        unanswered=tuple(unanswered),
        curves=curves,
        measures=run.measures,
        evidence=evidence,
        baseline=loss,
    )
