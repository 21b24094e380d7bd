"""A section of a page: a heading, how to read it, and its blocks."""

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
        One line under the heading that says how to read what follows.
    name : str, default=""
        What programs know it by, in any language of the heading.
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
            Whether it is to be known or to be minded.

        Raises
        ------
        ParameterError
            If the tone is another one.
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
            The table. Its column names are the headings; its index is not shown.
        caption : str, default=""
            What the table shows.
        digits : int, default=3
            Significant digits of numbers that are not whole.
        formats : mapping of str to str or None, default=None
            How to write the numbers of a column instead, such as "+.3f", by its name.
        mark : sequence of int, default=()
            Positions of the rows that stand out.
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
            A figure of matplotlib, or any of its Axes. It is copied and left open.
        alternative : str
            What the figure shows, in a sentence, for readers who do not see it.
        caption : str, default=""
            What stands under the figure.

        Raises
        ------
        ParameterError
            If the text alternative is empty.
        """
        if not alternative.strip():
            raise ParameterError(
                "The 'alternative' parameter of add_figure must say what the figure "
                "shows. Got an empty text."
            )
        figure = Figure.from_axes(drawn, alternative=alternative, caption=caption)
        self.blocks.append(figure)

    def add_record(self, record: Any) -> None:
        """Attach what the section was made from, for :meth:`Page.to_dict`.

        Parameters
        ----------
        record : Record or another dataclass
            A result, such as :class:`skdl.explain.PermutationImportance`. It is not
            shown.
        """
        values = {} if isinstance(record, Record) else {"record": type(record).__name__}
        self.records.append({**values, **plain(record)})
