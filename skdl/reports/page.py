"""One self-contained HTML page: a title, headline numbers, sections, a foot.

The page is put together top to bottom with ``add_...`` methods and then written. Names
and texts are plain text everywhere: the template escapes all of them.
"""

from __future__ import annotations

import os
import platform
import uuid
from collections.abc import Mapping, Sequence
from datetime import date as Date
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from skdl import __version__
from skdl.exceptions import ParameterError
from skdl.reports.blocks import Block, Card, Figure, Table, Text

PACKAGES = ("scikit-learn", "keras", "tensorflow", "optuna", "pandas", "numpy")


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
    """

    def __init__(self, heading: str, anchor: str, *, how_to_read: str = "") -> None:
        self.heading = heading
        self.anchor = anchor
        self.how_to_read = how_to_read
        self.blocks: list[Block] = []

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
        drawn : Axes or Figure
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


class Page:
    """One self-contained HTML page.

    Parameters
    ----------
    title : str
        The title.
    summary : str, default=""
        A sentence under the title.
    date : datetime.date or None, default=None
        The date at the foot. By default today.
    versions : mapping of str to str or None, default=None
        The versions at the foot. By default those of Python, skdl and the packages it
        builds on, without importing them.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdl.reports import Page
    >>> page = Page("Penguins", summary="Which species is it?")
    >>> page.add_card("Accuracy", "0.97", note="95 % interval 0.94 to 0.99")
    >>> section = page.add_section("Data", how_to_read="One row per feature.")
    >>> section.add_table(pd.DataFrame({"feature": ["<b>mass</b>"], "missing": [2]}))
    >>> "<td>&lt;b&gt;mass&lt;/b&gt;</td>" in page.render()
    True
    """

    def __init__(
        self,
        title: str,
        *,
        summary: str = "",
        date: Date | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        self.title = title
        self.summary = summary
        self.date = date
        self.versions = versions
        self.cards: list[Card] = []
        self.sections: list[Section] = []

    def add_card(self, label: str, value: str, *, note: str = "") -> None:
        """Add a headline number, shown above the sections.

        Parameters
        ----------
        label : str
            What the number is.
        value : str
            The number, as text.
        note : str, default=""
            A line of smaller print under it.
        """
        self.cards.append(Card(label, value, note))

    def add_section(self, heading: str, *, how_to_read: str = "") -> Section:
        """Add a section at the end of the page.

        Parameters
        ----------
        heading : str
            The heading, also shown in the table of contents.
        how_to_read : str, default=""
            One line that says how to read what follows.

        Returns
        -------
        section : Section
            The empty section.
        """
        anchor = f"section-{len(self.sections) + 1}"
        section = Section(heading, anchor, how_to_read=how_to_read)
        self.sections.append(section)
        return section

    def render(self) -> str:
        """Return the page as HTML.

        Returns
        -------
        html : str
            The whole document.
        """
        environment = Environment(
            loader=PackageLoader("skdl.reports"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        versions = installed_versions() if self.versions is None else self.versions
        html = environment.get_template("page.html.jinja").render(
            page=self,
            date=(self.date or Date.today()).isoformat(),
            versions=versions,
        )
        # What UTF-8 cannot hold, such as half a surrogate pair in a column name.
        return html.encode("utf-8", errors="replace").decode("utf-8")

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : str or path-like
            Where to. A file there is replaced, in one step.

        Returns
        -------
        path : Path
            The same path.

        Raises
        ------
        OSError
            If the folder does not exist or cannot be written to.
        """
        html = self.render()
        path = Path(path)
        # Beside the target: a replacement is one step only within one file system.
        unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}.unfinished")
        try:
            unfinished.write_text(html, encoding="utf-8")
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
        return path


def installed_versions() -> dict[str, str]:
    """Return the versions of Python, skdl and the packages that skdl builds on.

    Returns
    -------
    versions : dict of str to str
        Version by name, without the packages that are not installed.
    """
    versions = {"Python": platform.python_version(), "skdl": __version__}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
