"""A finished page, as the functions that write it as HTML, Markdown or JSON take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skdl.reports._blocks import Card
from skdl.reports._section import Section


@dataclass(frozen=True)
class PageContent:
    """What is on a page."""

    title: str
    summary: str
    date: str  # ISO 8601
    versions: Mapping[str, str]  # by package
    cards: tuple[Card, ...]
    sections: tuple[Section, ...]
