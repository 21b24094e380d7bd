"""A page as HTML: the template, the style sheet, and the one script it allows.

The content security policy allows nothing but the page's own styles and the script that
sorts tables, by its hash: a script in a name would not run even if it were not escaped.
"""

from __future__ import annotations

import base64
import hashlib
import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from skdl.reports._blocks import Table
from skdl.reports._page_content import PageContent

# Lone surrogates, which UTF-8 cannot hold; control characters, which HTML does not
# allow; and marks that reverse the text after a name.
NOT_SHOWN = (
    *range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0),
    *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000),
)  # fmt: skip
# Where long names may be broken: after an underscore, before a capital letter.
_PARTS = re.compile(r"(?<=_)(?=[^_])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_REPLACED = dict.fromkeys(NOT_SHOWN, "\N{REPLACEMENT CHARACTER}")


def render_html(page: PageContent) -> str:
    """Write a page as HTML."""
    environment = Environment(
        loader=PackageLoader("skdl.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    is_sortable = any(
        isinstance(block, Table) and block.is_sortable
        for section in page.sections
        for block in section.blocks
    )
    script = _script(environment) if is_sortable else ""
    html = environment.get_template("page.html.jinja").render(
        page=page,
        script=Markup(script),
        script_source=f"'sha256-{_hash(script)}'" if script else "'none'",
    )
    return visible(html)


def breakable(text: str) -> Markup:
    """Escape a text, and let the browser break long names between their parts.

    >>> from skdl.reports._html import breakable
    >>> print(breakable("<RandomForest>"))
    &lt;Random<wbr>Forest&gt;
    """
    return Markup("<wbr>").join(escape(part) for part in _PARTS.split(text))


def visible(text: str) -> str:
    r"""Replace what cannot be shown, and what would reverse text.

    >>> from skdl.reports._html import visible
    >>> visible("a\u202eb\ud800") == "a\ufffdb\ufffd"
    True
    """
    return text.translate(_REPLACED)


def _script(environment: Environment) -> str:
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, "page.js")
    # A browser hashes what it read, with newlines of one kind.
    return "\n".join(["", *source.splitlines(), ""])


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
