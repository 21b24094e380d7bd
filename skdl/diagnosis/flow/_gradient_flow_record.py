"""What was seen of the layers of a network while it was trained."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import pandas as pd

from skdl.diagnosis._findings import FindingsRecord

FIRST_STEP, END = "first step", "end"

NUMBERS = (
    "gradient_norm",
    "update_ratio",
    "activation_mean",
    "activation_std",
    "dead_share",
    "saturated_share",
)


@dataclass(frozen=True, eq=False, repr=False)  # tables are not equal or unequal
class GradientFlow(FindingsRecord):
    """What happened in each layer of a network during a training, and what it means.

    Parameters
    ----------
    findings : tuple of Finding
        The one to act on first comes first.
    unanswered : tuple of str
        What could not be judged, and what it would have taken.
    layers : DataFrame
        One row per moment and layer: "moment" ("first step", "epoch 1" and so on, with
        means over the steps of the epoch, and "end"), "epoch" (0 for the first step,
        the last one for the end), "layer", "n_units", "activation", and the numbers
        described in `gradient_flow`. nan is what a layer does not have, or what was not
        measured at this moment.
    status : str
        How training ended, in words.
    source : str
        Whose training it was, such as "MLPClassifier".
    estimator : estimator
        What was trained: a fitted clone of what was given.
    """

    layers: pd.DataFrame
    status: str
    source: str
    estimator: Any

    @property
    def n_epochs(self) -> int:
        """Number of epochs of which something was recorded."""
        return int(self.layers["epoch"].max())

    def at(self, moment: str) -> pd.DataFrame:
        """Return the layers at one moment.

        Parameters
        ----------
        moment : str
            "first step", "epoch 1" and so on, or "end".

        Returns
        -------
        frame : DataFrame
            One row per layer, in the order in which rows of data pass them, without
            "moment" and "epoch".
        """
        rows = self.layers[self.layers["moment"] == moment]
        return rows.drop(columns=["moment", "epoch"]).reset_index(drop=True)

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers of the layers as a table.

        Returns
        -------
        frame : DataFrame
            `layers`.
        """
        return self.layers.copy()

    def findings_frame(self) -> pd.DataFrame:
        """Return the findings as a table.

        Returns
        -------
        frame : DataFrame
            Columns "code", "severity", "verdict", "evidence", "meaning", "advice" and
            "suggestion", one row per finding, in order.
        """
        return super().to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the estimator as plain Python values, for JSON.

        Returns
        -------
        values : dict
            The fields by name. "record" is the name of the class.
        """
        values = super().to_dict()
        del values["estimator"]
        return values

    def _repr_html_(self) -> str:
        findings = self.findings_frame().drop(columns="code")
        rest = "".join(f"<li>{html.escape(said)}</li>" for said in self.unanswered)
        return "".join(
            [
                f"<p>{html.escape(str(self))}</p>",
                findings.to_html(index=False, escape=True),
                f"<p>Not judged:</p><ul>{rest}</ul>" if rest else "",
                f"<p>Layers at the end ({html.escape(self.status)}):</p>",
                self.at(END).to_html(index=False, escape=True, na_rep=""),
            ]
        )
