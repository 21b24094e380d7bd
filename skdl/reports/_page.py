"""One self-contained HTML page: a title, headline numbers, sections, a footer.

Put a page together from top to bottom with the ``add_...`` methods, then write it.
Names and texts are plain text everywhere: the template escapes them.
"""

from __future__ import annotations

import json
import os
import platform
import uuid
from collections.abc import Mapping
from datetime import date as Date
from importlib import metadata
from pathlib import Path
from typing import Any

from skdl import __version__
from skdl.reports._blocks import Card
from skdl.reports._html import render_html
from skdl.reports._markdown import render_markdown
from skdl.reports._page_content import PageContent
from skdl.reports._plain_page import plain_page
from skdl.reports._section import Section

PACKAGES = ("scikit-learn", "keras", "tensorflow", "optuna", "pandas", "numpy")


class Page:
    """One self-contained HTML page.

    Parameters
    ----------
    title : str
        The title.
    summary : str, default=""
        A sentence under the title.
    date : datetime.date or None, default=None
        The date in the footer. By default today.
    versions : mapping of str to str or None, default=None
        The versions in the footer, by package. By default those of Python, skdl and the
        packages it builds on.

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
            Name of the number.
        value : str
            The number, as text.
        note : str, default=""
            A line of smaller print below it.
        """
        self.cards.append(Card(label, value, note))

    def add_section(
        self, heading: str, *, how_to_read: str = "", name: str = ""
    ) -> Section:
        """Add a section at the end of the page.

        Parameters
        ----------
        heading : str
            The heading, also shown in the table of contents.
        how_to_read : str, default=""
            A line that explains how to read the section.
        name : str, default=""
            Name of the section in :meth:`to_dict`, for programs.

        Returns
        -------
        section : Section
            The empty section.
        """
        anchor = f"section-{len(self.sections) + 1}"
        section = Section(heading, anchor, how_to_read=how_to_read, name=name)
        self.sections.append(section)
        return section

    def render(self) -> str:
        """Return the page as HTML.

        Returns
        -------
        html : str
            The whole document.
        """
        return render_html(self._content())

    def to_markdown(self) -> str:
        """Return the page as GitHub-flavoured Markdown.

        Names are escaped, so none is read as Markdown or HTML. Figures become their
        text alternative and their caption.

        Returns
        -------
        markdown : str
            The whole document.
        """
        return render_markdown(self._content())

    def to_dict(self) -> dict[str, Any]:
        """Return the page as plain Python values, ready for JSON.

        Returns
        -------
        values : dict
            Titles and texts, tables with the values of their cells, figures in words,
            and the records that sections were made from, by the schema "skdl.report/1"
            of docs/reports.md.
        """
        return plain_page(self._content())

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the page as JSON.

        Parameters
        ----------
        indent : int or None, default=None
            Number of spaces to indent by; None writes one line.

        Returns
        -------
        text : str
            The values of :meth:`to_dict` as ASCII text. Characters that could end a
            script or open a tag are escaped.
        """
        text = json.dumps(self.to_dict(), indent=indent, allow_nan=False)
        # They only occur in strings, where an escape means the same.
        for character in "<>&":
            text = text.replace(character, f"\\u{ord(character):04x}")
        return text

    def _content(self) -> PageContent:
        return PageContent(
            title=self.title,
            summary=self.summary,
            date=(self.date or Date.today()).isoformat(),
            versions=installed_versions() if self.versions is None else self.versions,
            cards=tuple(self.cards),
            sections=tuple(self.sections),
        )

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, completely or not at all.

        Parameters
        ----------
        path : str or path-like
            The file. An existing one is replaced in one step.

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
        # In the same folder: a replacement is one step only within one file system.
        unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}.unfinished")
        try:
            unfinished.write_text(html, encoding="utf-8")
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
        return path


def installed_versions() -> dict[str, str]:
    """Return the versions of Python, skdl and the packages that skdl builds on."""
    versions = {"Python": platform.python_version(), "skdl": __version__}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
