"""Several models on the same test rows."""

from __future__ import annotations

import skdl.plots as plots
from skdl.explain import ModelComparison
from skdl.reports._blocks import interval_texts
from skdl.reports._section import Section


def show_comparison(section: Section, comparison: ModelComparison) -> None:
    """Show the test scores of several models, and their gains over the reference."""
    frame = comparison.to_frame()
    level = f"{comparison.confidence_level * 100:g} % intervals"
    section.add_figure(
        plots.model_comparison(comparison),
        alternative=f"{comparison.metric} with {level}: "
        + "; ".join(
            f"{row.model} {row.score:.3f} [{row.score_low:.3f}, {row.score_high:.3f}]"
            for row in frame.itertuples()
        )
        + ".",
    )
    frame["interval"] = interval_texts(frame["score_low"], frame["score_high"])
    frame["gain interval"] = interval_texts(frame["gain_low"], frame["gain_high"])
    is_reference = frame["model"] == comparison.reference
    frame.loc[is_reference, "gain"] = None
    frame.loc[is_reference, "gain interval"] = ""
    section.add_table(
        frame[["model", "score", "interval", "gain", "gain interval"]],
        caption=f"{comparison.metric} on {comparison.n_samples} test rows, with "
        f"{level}; “gain” is over {comparison.reference} on the same rows",
        formats={"score": ".3f", "gain": "+z.3f"},
    )
