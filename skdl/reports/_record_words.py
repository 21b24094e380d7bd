"""What a record says of itself, and its table with columns that readers understand."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from skdl._record import Record
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
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def class_in_words(record: object) -> str:
    """Name a kind of record.

    >>> from skdl.diagnosis import diagnose
    >>> from skdl.reports._record_words import class_in_words
    >>> class_in_words(diagnose({"loss": [2.0, 1.0]}))
    'Diagnosis'
    """
    return _CAPITAL.sub(" ", type(record).__name__).capitalize()


def said_by(record: Record) -> str:
    """Return what a record says of itself."""
    if type(record).__str__ is object.__str__:
        return ""
    name, text = type(record).__name__, str(record)
    if text.startswith(name):
        text = class_in_words(record) + text.removeprefix(name)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def add_frame(
    section: Section,
    frame: pd.DataFrame,
    *,
    caption: str = "",
    mark: Sequence[int] = (),
) -> None:
    """Add the table of a record: the first of many rows, and no empty columns."""
    is_empty = frame.isna() | (frame == "")
    shown = frame.loc[:, ~is_empty.all()] if len(frame) else frame
    shown = shown.rename(columns=_column_in_words).head(MOST_ROWS_LISTED)
    section.add_table(
        shown, caption=caption, mark=[row for row in mark if row < len(shown)]
    )
    if len(frame) > MOST_ROWS_LISTED:
        section.add_text(f"And {len(frame) - MOST_ROWS_LISTED} more rows.")


def _column_in_words(name: object) -> str:
    return IN_WORDS.get(str(name), str(name).replace("_", " "))
