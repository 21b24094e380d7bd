"""The last section of a page: what it leaves out, and why."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from skdl.reports._page import Page


def add_left_out(page: Page, left_out: Mapping[str, str], *, about: str) -> None:
    """Name the sections that a page lacks, if there are any."""
    if not left_out:
        return
    section = page.add_section(
        "Left out",
        how_to_read=f"Sections that are not possible for {about}, and why.",
        name="left_out",
    )
    section.add_table(
        pd.DataFrame({"section": list(left_out), "reason": list(left_out.values())})
    )
