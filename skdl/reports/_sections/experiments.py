"""Diagnoses, gradient flows, and experiments with networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

import skdl.plots as plots
from skdl import diagnosis
from skdl._record import Record
from skdl.diagnosis import FindingsRecord
from skdl.reports._blocks import interval_texts
from skdl.reports._record_text import text_of
from skdl.reports._section import Section
from skdl.reports._sections.frames import add_frame
from skdl.reports._sections.scores import add_left_out


def show_findings(section: Section, record: FindingsRecord) -> None:
    """Show the finding to act on first, a table of all, and what was not checked."""
    if record.findings:
        first = record.findings[0]
        section.add_note(
            f"Verdict ({first.severity}): {first.verdict}. {first.meaning} "
            f"{first.advice}",
            tone="note" if first.severity == "note" else "warning",
        )
        frame = FindingsRecord.to_frame(record)  # a subclass may have another one
        add_frame(section, frame[["verdict", "severity", "evidence", "suggestion"]])
    else:
        section.add_text("Nothing could be checked.")
    if record.unanswered:
        section.add_text(f"Not answered: {'; '.join(record.unanswered)}.")


def show_diagnosis(section: Section, record: diagnosis.Diagnosis) -> None:
    """Show the verdict on a training, the curves, and what could not be checked."""
    section.add_figure(plots.draw(record), alternative=str(record))
    show_findings(section, record)


def show_gradient_flow(section: Section, record: diagnosis.GradientFlow) -> None:
    """Show the gradients of each layer, and what they mean."""
    section.add_figure(plots.draw(record), alternative=str(record))
    show_findings(section, record)
    layers = record.layers
    last = f"epoch {record.n_epochs}"
    moments = [m for m in ("first step", last) if (layers["moment"] == m).any()]
    for moment in moments:
        add_frame(section, record.at(moment), caption=f"Layers, {moment}")
    add_frame(
        section,
        record.at("end"),
        caption=f"Layers at the end of training, over all rows ({record.status})",
    )


def show_sweep(section: Section, record: diagnosis.LearningRateSweep) -> None:
    """Show losses by learning rate, and the best rate."""
    _begin(section, record)
    best = np.flatnonzero(record.rates == record.best_rate)
    n_repeats = record.losses.shape[1]
    add_frame(
        section,
        record.to_frame(),
        caption="Losses by learning rate"
        + (f", means of {n_repeats} networks" if n_repeats > 1 else ""),
        mark=best.tolist(),
    )


def show_range_test(section: Section, record: diagnosis.LearningRateRangeTest) -> None:
    """Show the losses of one network whose learning rate rises."""
    _begin(section, record)
    rates = {
        "suggested": record.best_rate,
        "where the loss falls fastest": record.steepest_rate,
        "where the loss is lowest": record.lowest_rate,
        "a tenth of that": record.tenth_rate,
    }
    known = {what: rate for what, rate in rates.items() if rate is not None}
    if known:
        frame = pd.DataFrame(
            {"what": list(known), "learning_rate": list(known.values())}
        )
        add_frame(
            section, frame, caption=f"Learning rates found in {len(record.rates)} steps"
        )


def show_capacity(section: Section, record: diagnosis.CapacitySearch) -> None:
    """Show networks of growing size and their scores."""
    _begin(section, record)
    frame = record.to_frame()
    add_frame(
        section,
        frame.rename(columns={"score": record.metric}),
        caption="Networks in the order they were tried",
        mark=np.flatnonzero(frame["chosen"] != "").tolist(),
    )


def show_optimizers(section: Section, record: diagnosis.OptimizerComparison) -> None:
    """Show optimizers at their tuned learning rates."""
    _begin(section, record)
    frame = record.to_frame()
    lows, highs = frame.pop("best_val_loss_low"), frame.pop("best_val_loss_high")
    place = frame.columns.get_loc("best_val_loss") + 1
    frame.insert(place, "range_over_seeds", interval_texts(lows, highs))
    add_frame(
        section,
        frame,
        caption=f"Means over {len(record.seeds)} seeds; {record.n_train} training and "
        f"{record.n_val} validation rows. “At edge” means that the rate is the "
        "lowest or highest tried",
        mark=[0] if record.best else [],
    )


def show_baselines(section: Section, record: diagnosis.BaselineComparison) -> None:
    """Show an estimator next to simpler ones."""
    section.add_text(record.verdict)
    section.add_figure(plots.draw(record), alternative=record.verdict)
    frame = record.to_frame()
    ends = frame["difference_low"].copy(), frame["difference_high"].copy()
    for end in ends:
        end[0] = np.nan  # the estimator has no difference to itself
    frame.loc[0, "difference"] = np.nan
    frame["interval"] = interval_texts(frame["score_low"], frame["score_high"])
    frame["interval of the difference"] = interval_texts(*ends)
    columns = ["model", "score", "interval", "difference", "interval of the difference"]
    add_frame(
        section,
        frame[[*columns, "seconds", "diverged"]].rename(
            columns={"seconds": "seconds per fold", "diverged": "folds diverged"}
        ),
        caption=f"{record.metric}, mean of {record.n_folds} folds, with "
        f"{record.confidence_level * 100:g} % intervals; “difference” is "
        f"{record.estimator.name} minus the model",
        mark=[0],
    )
    add_left_out(section, "Baselines left out", record.left_out)


def show_regularisation(
    section: Section, record: diagnosis.RegularisationComparison
) -> None:
    """Show what each kind of regularisation does."""
    _begin(section, record)
    frame = record.to_frame()
    frame.insert(0, "regularisation", list(record.names))
    frame.loc[0, ["improvement", "improvement_error"]] = (
        np.nan
    )  # none has no gain over itself
    frame["improvement"] = frame["improvement"].round(12)  # equal up to rounding
    frame["improvement_error"] = frame["improvement_error"].round(12)
    columns = ["regularisation", "train_loss", "val_loss", "test_loss", "gap"]
    add_frame(
        section,
        frame[[*columns, "improvement", "improvement_error", "status"]].rename(
            columns={
                "train_loss": "training loss",
                "val_loss": "validation loss",
                "test_loss": "test loss",
                "improvement": "better than none by",
                "improvement_error": "±",
            }
        ),
        caption=f"{record.metric} at the end of training, without the penalties; “gap” "
        "is test minus training, “±” a standard error",
        mark=[record.kinds.index(record.best_kind)],
    )


def _begin(section: Section, record: Record) -> None:
    """Add the text of a record, and its figure."""
    words = text_of(record)
    section.add_text(words)
    section.add_figure(plots.draw(record), alternative=words)
