"""How long the gradients of each layer were while a network was trained."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap
from matplotlib.ticker import MaxNLocator

from skdl.diagnosis import GradientFlow
from skdl.exceptions import DataError
from skdl.plots._records import draws
from skdl.plots._style import INK, MUTED, WIDTH, finish, in_a_row, label, new_axes
from skdl.plots._verdict import write_verdict

COLUMNS = ("moment", "epoch", "layer", "gradient_norm", "dead_share", "saturated_share")
MOST_NAMED = 6  # layers; of more, the first and the last
LONGEST_OF_THREE = 10  # characters of names of which three fit side by side
LEGEND_ROW, ABOVE = 15.0, 9.0  # points: of a legend, from what is below the title
_SHARES = (("dead_share", "dead ReLU units"), ("saturated_share", "saturated units"))


@draws(GradientFlow, also=pd.DataFrame)
def gradient_flow(
    flow: GradientFlow | pd.DataFrame, *, ax: Axes | np.ndarray | None = None
) -> Axes | np.ndarray:
    """Draw the norm of each layer's gradients over the epochs.

    The title is the first finding, which a table of layers does not have. The first
    step is drawn at 0; a norm of 0 is left out. Below is the share of units
    that are dead or saturated in the rows of a step, where the network has units that
    can be.

    Parameters
    ----------
    flow : GradientFlow or DataFrame
        What :func:`skdl.diagnosis.gradient_flow` returned, or its `layers`.
    ax : Axes, ndarray of Axes or None, default=None
        Where to draw: an array, of one of the Axes for the norms and one for the
        shares of units if there are any; or single Axes for the norms alone. By
        default in a new figure.

    Returns
    -------
    ax : Axes, or ndarray of Axes of shape (n_panels,)
        The Axes drawn on: an array if one was given, or if the shares are drawn too.

    Raises
    ------
    ParameterTypeError
        If what is to be drawn is of another class.
    DataError
        If the table has other columns, no layer has a gradient above 0, or there are
        fewer Axes in an array than panels.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdl.plots import gradient_flow
    >>> layers = pd.DataFrame(
    ...     {
    ...         "moment": ["first step", "epoch 1"],
    ...         "epoch": [0, 1],
    ...         "layer": "outputs",
    ...         "gradient_norm": [0.5, 0.1],
    ...         "dead_share": float("nan"),
    ...         "saturated_share": float("nan"),
    ...     }
    ... )
    >>> gradient_flow(layers).get_ylabel()
    'gradient norm'
    """
    layers = _checked(getattr(flow, "layers", flow))
    rows = layers[layers["moment"] != "end"]
    names = list(dict.fromkeys(rows["layer"]))
    column, name = next(
        (share for share in _SHARES if rows[share[0]].notna().any()), ("", "")
    )
    if ax is None:
        panels = _new_panels(has_shares=bool(column))
    else:
        panels = in_a_row(ax)[: 2 if column else 1]
        if not isinstance(ax, Axes) and len(panels) < (2 if column else 1):
            raise DataError(
                "A gradient flow needs one of the Axes for the norms, and one for the "
                f"{name or 'shares of units'} if there are any. Got {len(panels)}. "
                "Pass single Axes, in no array, to draw the norms alone."
            )
    above, below = panels[0], panels[1] if len(panels) == 2 else None
    is_labelled = ax is not None or below is None  # else by the panel below
    colours = _colours(len(names))
    _draw_lines(above, rows, "gradient_norm", names, colours, is_log=True)
    finish(above, xlabel="epoch" if is_labelled else "", ylabel="gradient norm")
    height = _name_layers(above, below, names, colours)
    for finding in getattr(flow, "findings", ())[:1]:
        write_verdict(above, finding, above=height + ABOVE)
    if below is not None:
        _draw_lines(below, rows, column, names, colours, is_log=False)
        below.set_ylim(-0.05, 1.05)
        finish(below, xlabel="epoch", ylabel=name)
    is_single = isinstance(ax, Axes) or (ax is None and below is None)
    return above if is_single else panels


def _new_panels(*, has_shares: bool) -> np.ndarray:
    if not has_shares:
        return in_a_row(new_axes(None))
    _, panels = plt.subplots(
        2,
        figsize=(WIDTH, 4.6),
        layout="constrained",
        sharex=True,
        height_ratios=(3, 2),
    )
    return panels


def _checked(layers: pd.DataFrame) -> pd.DataFrame:
    if not set(COLUMNS) <= set(layers.columns):
        raise DataError(
            f"A gradient flow needs the columns {list(COLUMNS)}. Got "
            f"{list(layers.columns)}. Pass what skdl.diagnosis.gradient_flow returned."
        )
    if not (layers["gradient_norm"] > 0).any():
        raise DataError(
            "A gradient flow needs a gradient above 0, to be drawn on a logarithmic "
            f"scale. Got none in {len(layers)} rows."
        )
    return layers


def _colours(n_layers: int) -> list:
    """From the first layer to the last, all to be seen on light and on dark pages."""
    return list(plt.get_cmap("viridis")(np.linspace(0.3, 0.87, max(n_layers, 2))))


def _draw_lines(
    ax: Axes,
    rows: pd.DataFrame,
    column: str,
    names: list,
    colours: list,
    *,
    is_log: bool,
) -> None:
    for name, colour in zip(names, colours, strict=False):
        own = rows[(rows["layer"] == name) & rows[column].notna()]
        values = own[column].where(own[column] > 0) if is_log else own[column]
        marker = "o" if len(own) < 3 else None
        ax.plot(own["epoch"], values, color=colour, marker=marker, label=label(name))
    if is_log:
        ax.set_yscale("log")
        ax.tick_params(which="minor", colors=MUTED)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _name_layers(ax: Axes, below: Axes | None, names: list, colours: list) -> float:
    """A legend of few layers, a bar of many; the height above the Axes in points."""
    if len(names) <= MOST_NAMED:
        n_columns = 3 if max(map(len, names)) <= LONGEST_OF_THREE else 2
        ax.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=n_columns, borderaxespad=0
        )
        finish(ax, xlabel=ax.get_xlabel(), ylabel=ax.get_ylabel())
        return LEGEND_ROW * -(-len(names) // n_columns)
    places = ScalarMappable(cmap=ListedColormap(colours))
    places.set_clim(0.5, len(names) + 0.5)
    both: Any = ax if below is None else [ax, below]
    bar = ax.figure.colorbar(places, ax=both, fraction=0.05)
    ends = [1, len(names)]
    bar.set_ticks(ends, labels=[label(names[0]), label(names[-1])])
    bar.ax.invert_yaxis()
    bar.ax.tick_params(labelsize=9.5, colors=MUTED, labelcolor=INK, length=3)
    bar.outline.set_visible(False)
    return 0.0
