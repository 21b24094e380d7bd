"""A page as plain Python values, by a versioned schema that docs/reports.md documents.

Within a version keys may be added, but none changes or goes.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from skdl._record import plain
from skdl.reports._blocks import Block, Table, Text
from skdl.reports._page_content import PageContent
from skdl.reports._section import Section

SCHEMA = "skdl.report/1"


def plain_page(page: PageContent) -> dict[str, Any]:
    """Turn a page into values for JSON."""
    values = {
        "schema": SCHEMA,
        "title": page.title,
        "summary": page.summary,
        "date": page.date,
        "versions": dict(page.versions),
        "cards": [dataclasses.asdict(card) for card in page.cards],
        "sections": [_section(section) for section in page.sections],
    }
    return _encodable(plain(values))


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "heading": section.heading,
        "anchor": section.anchor,
        "how_to_read": section.how_to_read,
        "blocks": [_block(block) for block in section.blocks],
        "records": section.records,
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"kind": "text", "tone": block.tone, "text": block.text}
    if isinstance(block, Table):
        return {
            "kind": "table",
            "caption": block.caption,
            "columns": [
                {
                    "name": heading.text,
                    "type": "number" if heading.is_number else "any",
                }
                for heading in block.headings
            ],
            "rows": [[cell.value for cell in row] for row in block.rows],
            "marked_rows": sorted(block.marked_rows),
        }
    return {
        "kind": "figure",
        "alternative": block.alternative,
        "caption": block.caption,
    }


def _encodable(value: Any) -> Any:
    """Replace lone surrogates, which other readers of JSON refuse."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_encodable(part) for part in value]
    return value
