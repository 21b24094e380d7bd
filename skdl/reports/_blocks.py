"""The blocks of a section: texts, tables and figures, ready to be shown.

The template shows each block by its ``kind``. Here the cells of tables become text;
whoever shows them must escape it.
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from markupsafe import Markup

from skdl._record import plain
from skdl.plots import inline_svg

NOTHING = "\N{EN DASH}"
MOST_ROWS_UNSORTED = 3  # a table of more rows can be sorted by its readers


@dataclass(frozen=True)
class Card:
    """One headline number of a page."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Text:
    """A paragraph, or a note that stands out."""

    text: str
    tone: Literal["plain", "note", "warning"] = "plain"
    kind: Literal["text"] = "text"


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text and its value."""

    text: str
    is_number: bool  # whether the column holds numbers
    value: Any  # for JSON; None is missing, or not finite
    # the number to sort by, as JavaScript reads it; empty for a missing value, None to
    # sort by the text
    sort_value: str | None

    @classmethod
    def of(cls, value: Any, text: str, *, is_number: bool) -> Cell:
        """Make the cell of a value that is shown as a text."""
        return cls(text, is_number, plain(value), _sort_value(value))


@dataclass(frozen=True)
class Table:
    """A table: a heading per column, a cell per row and column."""

    caption: str
    headings: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marked_rows: frozenset[int]
    kind: Literal["table"] = "table"

    @property
    def is_sortable(self) -> bool:
        """Whether there are enough rows to sort."""
        return len(self.rows) > MOST_ROWS_UNSORTED

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        caption: str,
        digits: int = 3,
        formats: Mapping[str, str] | None = None,
        mark: Sequence[int] = (),
    ) -> Table:
        """Turn a DataFrame into a table; its index is not shown."""
        formats = formats or {}
        are_numbers = [
            _is_numeric(frame.iloc[:, place]) for place in range(frame.shape[1])
        ]
        headings = tuple(
            Cell.of(str(name), str(name), is_number=is_number)
            for name, is_number in zip(frame.columns, are_numbers, strict=True)
        )
        rows = tuple(
            tuple(
                Cell.of(
                    value,
                    cell_text(value, digits=digits, format_spec=formats.get(name)),
                    is_number=is_number,
                )
                for name, value, is_number in zip(
                    frame.columns, row, are_numbers, strict=True
                )
            )
            for row in frame.itertuples(index=False, name=None)
        )
        return cls(caption, headings, rows, marked_rows=frozenset(mark))


@dataclass(frozen=True)
class Figure:
    """A figure as SVG, with its description in words and its caption."""

    svg: Markup
    alternative: str
    caption: str
    kind: Literal["figure"] = "figure"

    @classmethod
    def from_axes(cls, drawn: Any, *, alternative: str, caption: str) -> Figure:
        """Make a block from a figure, or from any of its Axes."""
        # The SVG was written from a tree, so its text is escaped already.
        svg = Markup(inline_svg(drawn, alternative=alternative))
        return cls(svg, alternative, caption)


Block = Text | Table | Figure


def cell_text(value: Any, *, digits: int = 3, format_spec: str | None = None) -> str:
    """Write a value of a table for readers.

    >>> from skdl.reports._blocks import cell_text
    >>> [cell_text(value) for value in (0.012345, 12345.6, 1e-9, True, (64, 32))]
    ['0.0123', '12,346', '1e-09', 'yes', '64, 32']
    """
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(cell_text(part, digits=digits) for part in value) or NOTHING
    if _is_nothing(value):
        return NOTHING
    if isinstance(value, numbers.Integral) and format_spec is None:
        return str(int(value))
    if not isinstance(value, numbers.Real):
        return str(value)
    number = float(value)
    if format_spec is not None:
        return format(number, format_spec)
    if np.isinf(number) or number == 0:
        return f"{number:g}"
    if abs(number) >= 10**digits:
        return f"{number:,.0f}" if abs(number) < 1e9 else f"{number:.{digits - 1}e}"
    if abs(number) < 1e-3:
        return f"{number:.{digits}g}"
    return f"{number:#.{digits}g}".rstrip(".")


def interval_texts(lows: Any, highs: Any) -> list[str]:
    """Write intervals for a column of a table.

    >>> from skdl.reports._blocks import interval_texts
    >>> interval_texts([0.1234, float("nan")], [0.5, 1.0])
    ['0.123 to 0.5', '']
    """
    return [
        "" if np.isnan([low, high]).any() else f"{low:z.3g} to {high:z.3g}"
        for low, high in zip(lows, highs, strict=True)
    ]


def _is_nothing(value: Any) -> bool:
    is_nan = isinstance(value, numbers.Real) and bool(np.isnan(float(value)))
    return value is None or value is pd.NA or value is pd.NaT or is_nan


def _sort_value(value: Any) -> str | None:
    if _is_nothing(value):
        return ""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        return None
    return repr(float(value)).replace("inf", "Infinity")


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(
        column
    )
