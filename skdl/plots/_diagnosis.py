"""The curves that a diagnosis judged, with its verdict, the best epoch and the gap."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.plots._style import BLUE, GREEN, INK, MUTED, VERMILLION, finish, new_axes

if TYPE_CHECKING:
    from skdl.diagnosis import Diagnosis

COLOURS = {"problem": VERMILLION, "warning": "#b8860b", "note": GREEN}
LOG_ABOVE = 30.0  # greatest loss over the smallest: then on a logarithmic axis
TITLE_WIDTH = 46  # characters
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
        The Axes drawn on. The best epoch is a dotted line, the gap between the curves
        there an arrow, the loss of the baseline a dashed one.

    Examples
    --------
    >>> from skdl.diagnosis import diagnose
    >>> from skdl.plots import diagnosis
    >>> found = diagnose({"loss": [3, 2, 1], "val_loss": [3, 2, 4]})
    >>> diagnosis(found).get_xlabel()
    'epoch'
    """
    ax = new_axes(ax, height=3.5)
    curves = diagnosis.curves
    epochs = np.arange(1.0, curves.n_epochs + 1)  # as the verdict counts them
    marker = "o" if len(epochs) < 3 else None
    lines = {"training": (curves.loss, BLUE, "-")}
    if curves.val_loss is not None:
        lines["validation"] = (curves.val_loss, VERMILLION, "--")
    drawn = []
    for name, (losses, colour, style) in lines.items():
        shown = np.where(np.abs(losses) < MOST_DRAWN, losses, np.nan)
        used = curves.is_measured if name == "validation" else slice(None)
        ax.plot(
            *(epochs[used], shown[used]),
            color=colour,
            linestyle=style,
            marker=marker,
            label=name,
        )
        drawn.append(shown[np.isfinite(shown)])
    if diagnosis.baseline is not None:
        ax.axhline(
            diagnosis.baseline,
            color=MUTED,
            linestyle=(0, (6, 3)),
            linewidth=1,
            label="baseline",
        )
    values = np.concatenate(drawn)
    level = np.inf if diagnosis.baseline is None else diagnosis.baseline
    is_positive = values.size and min(values.min(), level) > 0
    if is_positive and values.max() > LOG_ABOVE * values.min():
        ax.set_yscale("log")
    if not values.size or len(epochs) == 1:
        ax.set(xlim=(0, len(epochs) + 1))
    if not values.size:
        ax.set(yticks=[])
        ax.text(0.5, 0.5, "no finite loss", transform=ax.transAxes, ha="center")
    if curves.best_epoch:
        _mark_best(ax, diagnosis, epochs)
    ax.legend(  # below, clear of curves and arrow
        loc="upper left",
        bbox_to_anchor=(0.0, -0.2),
        ncols=2,
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    finish(ax, xlabel="epoch", ylabel="loss")
    return _with_verdict(ax, diagnosis)


def _mark_best(ax: Axes, diagnosis: Diagnosis, epochs: np.ndarray) -> None:
    """The best epoch, and the gap where it says most: at the end."""
    curves = diagnosis.curves
    best = epochs[curves.best_epoch - 1]
    ax.axvline(
        best,
        color=MUTED,
        linestyle=":",
        linewidth=1.2,
        label=f"best epoch ({best:.0f})",
    )
    if curves.val_loss is None:
        return
    ends = curves.loss[-1], curves.val_loss[-1]
    if not np.isfinite(ends).all() or max(np.abs(ends)) >= MOST_DRAWN:
        return
    ax.annotate(
        "",
        xy=(epochs[-1], ends[1]),
        xytext=(epochs[-1], ends[0]),
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


def _with_verdict(ax: Axes, diagnosis: Diagnosis) -> Axes:
    verdict = diagnosis.verdict
    if verdict is None:
        return ax
    lines = textwrap.wrap(f"{verdict.severity}: {verdict.verdict}", TITLE_WIDTH)
    ax.set_title(
        "\n".join(lines), loc="left", fontsize=11, color=COLOURS[verdict.severity]
    )
    return ax
