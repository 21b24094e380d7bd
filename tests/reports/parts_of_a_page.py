"""Parts of a page that several of these files look at, found by a section's name."""

import pandas as pd


def section_of(page, name):
    """The section of this name or heading."""
    (section,) = [each for each in page.sections if name in (each.name, each.heading)]
    return section


def blocks_of(page, name, kind):
    return [block for block in section_of(page, name).blocks if block.kind == kind]


def table_of(page, name, place=0):
    """A table as a DataFrame of what its cells hold."""
    table = blocks_of(page, name, "table")[place]
    return pd.DataFrame(
        [[cell.value for cell in row] for row in table.rows],
        columns=[heading.text for heading in table.headings],
    )


def texts_of(page, name):
    return [block.text for block in blocks_of(page, name, "text")]


def text_of(page, name):
    """All texts as one."""
    return " ".join(texts_of(page, name))


def left_out(page):
    """Why each section that is not there was left out, by its heading."""
    return dict(table_of(page, "left_out").itertuples(index=False))
