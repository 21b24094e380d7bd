"""The look that all figures share: names that are data."""

from skdl.plots._style import label


def test_long_names_are_cut_in_the_middle():
    text = label("x" * 20 + "end" * 5, longest=11)

    assert text == "xxxxx\N{HORIZONTAL ELLIPSIS}ndend"
