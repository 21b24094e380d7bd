"""A figure as SVG for a web page.

Text stays text, in the page's font. Colours become CSS variables of the page
(``--ink``, ``--muted``, ``--grid``, ``--blue``, ...), with the original colour if a
variable is not set. The SVG is read and written as a tree, so names stay names,
whatever they contain.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import xml.etree.ElementTree as ElementTree
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skdl.plots._style import BLUE, GREEN, GRID, INK, MUTED, SKY, VERMILLION

VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    BLUE: "blue",
    VERMILLION: "vermillion",
    GREEN: "green",
    SKY: "sky",
}
FONT = "font-family: system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"

_COLOR = re.compile("|".join(VARIABLES))
_LINK = re.compile(r"(url\(#|^#)([\w-]+)")
_FAMILY = re.compile(r"(font: [\d.]+px) [^;]*")


def inline_svg(drawn: Axes | np.ndarray | Figure, *, alternative: str) -> str:
    """Turn a figure into an ``<svg>`` element for a web page.

    Parameters
    ----------
    drawn : Axes, ndarray of Axes or Figure
        The figure, or any of its Axes.
    alternative : str
        A sentence that describes the figure, for readers who cannot see it.

    Returns
    -------
    svg : str
        The element, without an XML header, namespaces or links to anything outside.
        Equal figures give equal text.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skdl.plots import inline_svg
    >>> figure, ax = plt.subplots()
    >>> inline_svg(ax, alternative="An empty figure.").startswith("<svg ")
    True
    >>> plt.close(figure)
    """
    some = drawn.flat[0] if isinstance(drawn, np.ndarray) else drawn
    figure = some if isinstance(some, Figure) else some.get_figure(root=True)
    assert figure is not None  # Axes that were removed from their figure have none
    root = ElementTree.fromstring(_svg(figure))
    for parent in root.iter():
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)
    used = {
        link.group(2)
        for element in root.iter()
        for value in element.attrib.values()
        for link in _LINK.finditer(value)
    }
    salt = hashlib.sha256(ElementTree.tostring(root)).hexdigest()[:8]
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = _attributes(element.attrib, used=used, salt=salt)
    view_box = root.attrib["viewBox"]
    root.attrib = {
        "viewBox": view_box,
        "width": view_box.split()[2],
        "role": "img",
        "aria-label": alternative,
        "style": "stroke-linejoin: round; stroke-linecap: butt",
    }
    return ElementTree.tostring(root, encoding="unicode")


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "skdl"}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # The page draws the text in its font; matplotlib only measures it with its own.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def _local(name: str) -> str:
    return name.rsplit("}", maxsplit=1)[-1]


def _attributes(
    attributes: dict[str, str], *, used: set[str], salt: str
) -> dict[str, str]:
    """Keep ids that are linked to, unique in the page; turn colours into variables."""
    kept = {}
    for name, value in attributes.items():
        if name == "id":
            if value not in used:
                continue
            value = f"{value}-{salt}"
        elif name == "style" or "href" in name or "path" in name:
            value = _LINK.sub(rf"\1\2-{salt}", value)
            value = _COLOR.sub(
                lambda color: f"var(--{VARIABLES[color.group()]}, {color.group()})",
                value,
            )
            value = _FAMILY.sub(rf"\1 sans-serif; {FONT}", value)
        kept[_local(name)] = value
    return kept
