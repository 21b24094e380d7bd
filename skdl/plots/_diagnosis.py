"""The curves that a diagnosis judged, with its verdict, the best epoch and the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.plots._records import check_record
from skdl.plots._style import BLUE, INK, MUTED, VERMILLION, finish, new_axes
from skdl.plots._verdict import write_verdict

if TYPE_CHECKING:
    from skdl.diagnosis import Diagnosis
    from skdl.diagnosis._curves import TrainingCurves

LOG_ABOVE = 30.0  # greatest loss over the smallest: then on a logarithmic axis
MOST_DRAWN = 1e30
MINUS = "\N{MINUS SIGN}"


def diagnosis(diagnosis: Diagnosis, *, ax: Axes | None = None) -> Axes:
    """Draw the losses that were judged, and what was seen in them.

    Parameters
    ----------
    diagnosis : Diagnosis
        What `skdl.diagnosis.diagnose` returned.
    ax : Axes or None, default=None
        Where to draw. By default in a new figure.

    Returns
    -------
    ax : Axes
        The Axes drawn on. The best epoch is a dotted line, the loss of the baseline a
        dashed one. The arrow at the end, with a number beside it, is the gap between
        the curves in the last epoch. Of a training that diverged the best epoch is
        marked if the loss had fallen before: if it is not the first one.

    Raises
    ------
    ParameterTypeError
        If what is to be drawn is of another class.

    Examples
    --------
    >>> from skdl.diagnosis import diagnose
    >>> from skdl.plots import diagnosis
    >>> found = diagnose({"loss": [3, 2, 1], "val_loss": [3, 2, 4]})
    >>> diagnosis(found).get_xlabel()
    'epoch'
    """
    check_record(diagnosis, "Diagnosis", parameter="diagnosis", function="diagnosis")
    ax = new_axes(ax, height=3.5)
    curves = diagnosis.curves
    values = _draw_losses(ax, curves)
    if diagnosis.baseline is not None and values.size:
        ax.axhline(
            diagnosis.baseline,
            color=MUTED,
            linestyle=(0, (6, 3)),
            linewidth=1,
            label="baseline",
        )
    level = np.inf if diagnosis.baseline is None else diagnosis.baseline
    is_positive = values.size and min(values.min(), level) > 0
    if is_positive and values.max() > LOG_ABOVE * values.min():
        ax.set_yscale("log")
    if curves.has_diverged or curves.n_epochs == 1:
        ax.set(xlim=(0, curves.n_epochs + 1))  # also where nothing is finite
    if not values.size:
        ax.set(yticks=[])
        ax.text(0.5, 0.5, "no finite loss", transform=ax.transAxes, ha="center")
    first = 1 if curves.has_diverged else 0
    if first < curves.best_epoch <= curves.n_finite and curves.n_epochs > 1:
        ax.axvline(
            curves.best_epoch,
            color=MUTED,
            linestyle=":",
            linewidth=1.2,
            label=f"best epoch ({curves.best_epoch})",
        )
    if curves.val_loss is not None:
        _mark_gap(ax, curves.loss[-1], curves.val_loss[-1], curves.n_epochs)
    if values.size:
        ax.legend(  # below, clear of curves and arrow
            loc="upper left",
            bbox_to_anchor=(0.0, -0.2),
            ncols=2,
        )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    finish(ax, xlabel="epoch", ylabel="loss")
    return write_verdict(ax, diagnosis.verdict)


def _draw_losses(ax: Axes, curves: TrainingCurves) -> np.ndarray:
    """The curves that have a finite loss, whose values are returned."""
    epochs = np.arange(1.0, curves.n_epochs + 1)  # as the verdict counts them
    lines = {"training": (curves.loss, BLUE, "-")}
    if curves.val_loss is not None:
        lines["validation"] = (curves.val_loss, VERMILLION, "--")
    drawn = []
    for name, (losses, colour, style) in lines.items():
        shown = np.where(np.abs(losses) < MOST_DRAWN, losses, np.nan)
        finite = shown[np.isfinite(shown)]
        drawn.append(finite)
        if not len(finite):
            continue
        used = curves.is_measured if name == "validation" else slice(None)
        ax.plot(
            *(epochs[used], shown[used]),
            color=colour,
            linestyle=style,
            marker="o" if len(finite) < 3 else None,
            label=name,
        )
    return np.concatenate(drawn)


def _mark_gap(ax: Axes, loss: float, val_loss: float, epoch: int) -> None:
    """The gap between the curves at the end, of the network as it is."""
    ends = loss, val_loss
    if not np.isfinite(ends).all() or max(np.abs(ends)) >= MOST_DRAWN:
        return
    ax.annotate(
        "",
        xy=(epoch, ends[1]),
        xytext=(epoch, ends[0]),
        arrowprops={"arrowstyle": "<->", "color": INK, "linewidth": 1},
    )
    # Beside the Axes, where neither curves nor the line of the best epoch cross it.
    scale = ax.yaxis.get_transform()
    middle = scale.inverted().transform(scale.transform(np.array(ends)).mean())
    ax.annotate(
        f"gap\n{ends[1] - ends[0]:.2g}".replace("-", MINUS),
        xy=(1, middle),
        xycoords=ax.get_yaxis_transform(),
        xytext=(2, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        fontsize=9,
        color=INK,
    )
