"""A section of a page: its heading, how to read it, and its blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from skdl._record import Record, plain
from skdl.exceptions import ParameterError
from skdl.reports._blocks import Block, Figure, Table, Text


class Section:
    """A section of a page; made by :meth:`Page.add_section`.

    Parameters
    ----------
    heading : str
        The heading, also shown in the table of contents.
    anchor : str
        The id of the section within the page.
    how_to_read : str, default=""
        A line under the heading that explains how to read the section.
    name : str, default=""
        Name of the section for programs; it does not change with the heading.
    """

    def __init__(
        self, heading: str, anchor: str, *, how_to_read: str = "", name: str = ""
    ) -> None:
        self.heading = heading
        self.name = name
        self.anchor = anchor
        self.how_to_read = how_to_read
        self.blocks: list[Block] = []
        self.records: list[dict[str, Any]] = []

    def add_text(self, text: str) -> None:
        """Add a paragraph.

        Parameters
        ----------
        text : str
            Plain text.
        """
        self.blocks.append(Text(text))

    def add_note(self, text: str, *, tone: Literal["note", "warning"] = "note") -> None:
        """Add a note that stands out.

        Parameters
        ----------
        text : str
            Plain text.
        tone : {"note", "warning"}, default="note"
            How much it stands out.

        Raises
        ------
        ParameterError
            If the tone is unknown.
        """
        if tone not in ("note", "warning"):
            raise ParameterError(
                "The 'tone' parameter of add_note must be 'note' or 'warning'. "
                f"Got {tone!r} instead."
            )
        self.blocks.append(Text(text, tone=tone))

    def add_table(
        self,
        frame: pd.DataFrame,
        *,
        caption: str = "",
        digits: int = 3,
        formats: Mapping[str, str] | None = None,
        mark: Sequence[int] = (),
    ) -> None:
        """Add a table.

        Parameters
        ----------
        frame : DataFrame
            The table. Its columns are the headings; its index is not shown.
        caption : str, default=""
            What the table shows.
        digits : int, default=3
            Number of significant digits, except for whole numbers.
        formats : mapping of str to str or None, default=None
            Format of the numbers by column name, such as "+.3f".
        mark : sequence of int, default=()
            Positions of the rows to highlight.
        """
        table = Table.from_frame(
            frame, caption=caption, digits=digits, formats=formats, mark=mark
        )
        self.blocks.append(table)

    def add_figure(self, drawn: Any, *, alternative: str, caption: str = "") -> None:
        """Add a figure.

        Parameters
        ----------
        drawn : Axes, ndarray of Axes or Figure
            A matplotlib figure, or any of its Axes. It is copied and left open.
        alternative : str
            A sentence that describes the figure, for readers who cannot see it.
        caption : str, default=""
            Text below the figure.

        Raises
        ------
        ParameterError
            If the text alternative is empty.
        """
        if not alternative.strip():
            raise ParameterError(
                "The 'alternative' parameter of add_figure must describe the figure. "
                "Got an empty text."
            )
        figure = Figure.from_axes(drawn, alternative=alternative, caption=caption)
        self.blocks.append(figure)

    def add_record(self, record: Any) -> None:
        """Attach a record that the section was made from, for :meth:`Page.to_dict`.

        Parameters
        ----------
        record : Record or another dataclass
            A result, such as :class:`skdl.explain.PermutationImportance`. The page does
            not show it.
        """
        values = {} if isinstance(record, Record) else {"record": type(record).__name__}
        self.records.append({**values, **plain(record)})
