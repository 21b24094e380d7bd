"""A page as GitHub-flavoured Markdown, in which every name stays a name.

Each text goes on a line of its own, with everything escaped that Markdown or HTML would
interpret, so only this file decides where a line begins and what is markup.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from skdl.reports._blocks import Block, Table, Text
from skdl.reports._html import visible
from skdl.reports._page_content import PageContent

# "(" needs none where "[" has one, nor does "+" within a line.
_READ_BY_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$&!])")
# A list or a rule, at the beginning of a line.
_MARKER = re.compile(r"^(?:([-+])(?=[\s-]|$)|(\d{1,9})([.)])(?=\s|$))")
# What GitHub turns into links without brackets: addresses, mail, mentions.
_LINKED = re.compile(r"(?i)(www)(\.)|(://)|(@)")
_BOLD = {"note": "**Note.** ", "warning": "**Warning.** ", "plain": ""}


def markdown_text(text: str) -> str:
    r"""Escape a text so that Markdown shows it unchanged, on one line.

    >>> from skdl.reports._markdown import markdown_text
    >>> print(markdown_text("1. <b>a|b</b>"))
    1\. \<b\>a\|b\</b\>
    """
    text = visible(" ".join(text.split()))
    text = _READ_BY_MARKDOWN.sub(r"\\\1", text)
    text = _LINKED.sub(_unlinked, text)
    return _MARKER.sub(_unmarked, text)


def _unlinked(found: re.Match[str]) -> str:
    if found.group(1):
        return f"{found.group(1)}\\."
    return "\\://" if found.group(3) else "\\@"


def _unmarked(found: re.Match[str]) -> str:
    if found.group(1):
        return f"\\{found.group(1)}"
    return f"{found.group(2)}\\{found.group(3)}"


def render_markdown(page: PageContent) -> str:
    """Write a page as Markdown."""
    parts = [f"# {markdown_text(page.title)}"]
    if page.summary:
        parts.append(markdown_text(page.summary))
    cards = []
    for card in page.cards:
        note = f" ({markdown_text(card.note)})" if card.note else ""
        cards.append(
            f"- {markdown_text(card.label)}: **{markdown_text(card.value)}**{note}"
        )
    if cards:
        parts.append("\n".join(cards))
    for section in page.sections:
        parts.append(f"## {markdown_text(section.heading)}")
        if section.how_to_read:
            how_to_read = markdown_text(section.how_to_read)
            parts.append(f"**How to read this.** {how_to_read}")
        parts += [_block(block) for block in section.blocks]
    made_with = ", ".join(
        f"{name} {version}" for name, version in page.versions.items()
    )
    parts.append(markdown_text(f"Made on {page.date} with {made_with}."))
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Text):
        return _BOLD[block.tone] + markdown_text(block.text)
    if isinstance(block, Table):
        return _table(block)
    words = f"**Figure.** {markdown_text(block.alternative)}"
    return f"{words} {markdown_text(block.caption)}".rstrip()


def _table(table: Table) -> str:
    lines = [
        _row([markdown_text(heading.text) for heading in table.headings]),
        _row(["---:" if heading.is_number else "---" for heading in table.headings]),
    ]
    for place, row in enumerate(table.rows):
        texts = [markdown_text(cell.text) for cell in row]
        if place in table.marked_rows:
            texts = [f"**{text}**" if text else text for text in texts]
        lines.append(_row(texts))
    caption = [markdown_text(table.caption), ""] if table.caption else []
    return "\n".join([*caption, *lines])


def _row(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"
