"""Tables of records, cut to a length that can be read, in words for readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from skdl.reports._section import Section

MOST_ROWS_LISTED = 40
IN_WORDS = {
    "loss": "training loss",
    "loss_std": "± of training",
    "val_loss": "validation loss",
    "val_loss_std": "± of validation",
    "smoothed_val_loss": "smoothed",
    "best_val_loss": "lowest validation loss",
    "final_val_loss": "validation loss at the end",
    "final_loss": "training loss at the end",
    "at_edge": "at edge",
    "n_samples": "rows",
    "n_parameters": "parameters",
    "n_units": "units",
}


def add_frame(
    section: Section,
    frame: pd.DataFrame,
    *,
    caption: str = "",
    mark: Sequence[int] = (),
    formats: Mapping[str, str] | None = None,
    counted: str = "rows",
) -> None:
    """Add a table: the first of many rows, columns in words, no empty ones."""
    is_empty = frame.isna() | (frame == "")
    shown = frame.loc[:, ~is_empty.all()] if len(frame) else frame
    shown = shown.rename(columns=_in_words).head(MOST_ROWS_LISTED)
    section.add_table(
        shown,
        caption=caption,
        formats=formats,
        mark=[row for row in mark if row < len(shown)],
    )
    if len(frame) > MOST_ROWS_LISTED:
        section.add_text(f"And {len(frame) - MOST_ROWS_LISTED} more {counted}.")


def without_single_output(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the first column, that of the outputs, where there is only one."""
    # By position: a feature may be called "output" too.
    return frame.iloc[:, 1:] if frame.iloc[:, 0].nunique() == 1 else frame


def _in_words(name: object) -> str:
    return IN_WORDS.get(str(name), str(name).replace("_", " "))
