"""`record_report`: any records on one page, a section each.

The table in ``_record_kinds.py`` has how the records of each class are shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import skdl.plots as plots
from skdl._record import Record
from skdl.exceptions import ParameterError, ParameterTypeError
from skdl.explain import AccumulatedLocalEffects, PartialDependence
from skdl.reports._left_out import add_left_out
from skdl.reports._page import Page
from skdl.reports._record_kinds import kind_of_record
from skdl.reports._record_text import class_in_words, text_of
from skdl.reports._sections.frames import add_frame

Records = Record | Sequence[Record] | Mapping[str, Record]


def record_report(
    records: Records,
    *,
    title: str = "Results",
    summary: str = "",
    path: str | os.PathLike[str] | None = None,
) -> Page:
    """Arrange records of experiments, diagnoses and explanations on one page.

    Parameters
    ----------
    records : Record, sequence of Record or mapping of str to Record
        Results of functions of :mod:`skdl.diagnosis` and :mod:`skdl.explain`, in the
        order they appear on the page. The keys of a mapping are the headings. Without
        one, headings are the names of the classes, such as "Learning rate sweep".
    title : str, default="Results"
        Title of the page.
    summary : str, default=""
        A sentence under it.
    path : str or path-like or None, default=None
        File to write the page to, as HTML. By default the page is not written.

    Returns
    -------
    page : Page
        The page, with a section per record: how to read it, its result in words, a
        figure and a table. ``write``, ``to_markdown`` and ``to_json`` write it, and you
        can add sections.

    Raises
    ------
    ParameterTypeError
        If something is not a record, or a heading is not a string.
    ParameterError
        If there is no record.

    Notes
    -----
    Nothing is computed: the page shows what the records hold. A record that cannot be
    drawn is shown as words and a table, and the last section says why.

    Examples
    --------
    >>> from skdl.diagnosis import diagnose
    >>> from skdl.reports import record_report
    >>> history = {"loss": [0.9, 0.5, 0.3, 0.1], "val_loss": [0.9, 0.6, 0.8, 1.2]}
    >>> page = record_report({"What went wrong": diagnose(history)})
    >>> [section.heading for section in page.sections]
    ['What went wrong']
    """
    found = checked_records(records, function="record_report")
    page = Page(title, summary=summary)
    left_out = add_records(page, found)
    add_left_out(page, left_out, about="these records")
    if path is not None:
        page.write(path)
    return page


def checked_records(records: Any, *, function: str) -> dict[str, Record]:
    """Check the records that a user passed, and give each a unique heading."""
    if isinstance(records, Record):  # some are mappings too
        records = [records]
    if not isinstance(records, Sequence | Mapping) or isinstance(records, str):
        raise ParameterTypeError(
            f"The 'records' parameter of {function} must be a record of skdl, a "
            "sequence of them, or a mapping of headings to records. Got "
            f"{type(records).__name__} instead."
        )
    if not records:
        raise ParameterError(
            f"The 'records' parameter of {function} must have at least one record. Got "
            f"{records!r}."
        )
    if not isinstance(records, Mapping):
        for place, record in enumerate(records):
            _check_record(record, f"number {place}", function)
        return _with_headings(records)
    for heading, record in records.items():
        if not isinstance(heading, str):
            raise ParameterTypeError(
                f"The headings in the 'records' parameter of {function} must be "
                f"strings. Got {heading!r}."
            )
        _check_record(record, repr(heading), function)
    return dict(records)


def _check_record(record: Any, which: str, function: str) -> None:
    if not isinstance(record, Record):
        raise ParameterTypeError(
            f"The 'records' parameter of {function} must only have records of skdl, "
            "such as those of diagnose or learning_rate_sweep. Got "
            f"{type(record).__name__} as {which}."
        )


def _with_headings(records: Sequence[Record]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for record in records:
        heading = title = _heading(record)
        number = 2
        while heading in found:
            heading, number = f"{title} ({number})", number + 1
        found[heading] = record
    return found


def _heading(record: Record) -> str:
    words = class_in_words(record)
    # There are often several of these, each on different features.
    if isinstance(record, PartialDependence | AccumulatedLocalEffects):
        return f"{words}: {' × '.join(map(str, record.feature_names))}"
    return words


def add_records(page: Page, records: Mapping[str, Record]) -> dict[str, str]:
    """Add a section per record to a page."""
    left_out = {}
    for heading, record in records.items():
        kind = kind_of_record(record)
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(record).__name__).lower()
        section = page.add_section(heading, how_to_read=kind.how_to_read, name=name)
        try:
            with plots.temporary_figures():
                kind.show(section, record)
        # Raised by a figure: the user's parameters were checked before.
        except (ValueError, NotImplementedError, ParameterTypeError) as error:
            left_out[f"{heading}: the figure"] = str(error)
            section.blocks.clear()
            section.records.clear()
            if text := text_of(record):
                section.add_text(text)
            add_frame(section, record.to_frame())
        if not section.records:
            section.add_record(record)
    return left_out
