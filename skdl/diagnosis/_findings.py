"""What a diagnosis consists of: findings, each with evidence and a remedy."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from skdl._record import Record

Severity = Literal["problem", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that was recognised.

    Parameters
    ----------
    code : str
        Its name in programs, such as "overfit_capacity".
    severity : {"problem", "warning", "note"}
        Whether the model should not be used as it is, might be better, or is as it
        should be.
    verdict : str
        What it is, in a few words.
    numbers : mapping of str to float
        What led to it: measured values, and the thresholds they crossed.
    meaning : str
        What it means, in a sentence or two with the numbers.
    advice : str
        What to try first, and what after that.
    suggestion : mapping of str to object, default={}
        What to try first as parameters of the estimator, ready for ``set_params``.
        Empty where no parameter would help.
    """

    code: str
    severity: Severity
    verdict: str
    numbers: Mapping[str, float]
    meaning: str
    advice: str
    suggestion: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.code} ({self.severity}): {self.verdict}"


@dataclass(frozen=True, repr=False)
class FindingsRecord(Record):
    """Base of the records that consist of findings."""

    findings: tuple[Finding, ...]  # the one to act on first comes first
    # what could not be judged, and what it would have taken
    unanswered: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a table.

        Returns
        -------
        frame : DataFrame
            Columns "code", "severity", "verdict", "evidence", "meaning", "advice" and
            "suggestion", one row per finding, in order. The evidence leaves out numbers
            that are unknown.
        """
        rows = [_in_words(finding) for finding in self.findings]
        columns = ["code", "severity", "verdict", "evidence", "meaning", "advice"]
        return pd.DataFrame(rows, columns=[*columns, "suggestion"])

    def __str__(self) -> str:
        """Say the first finding in one line, and how many more there are."""
        if not self.findings:
            return f"{type(self).__name__}: nothing found"
        more = len(self.findings) - 1
        rest = f" (and {more} more)" if more else ""
        return f"{type(self).__name__}: {self.findings[0]}{rest}"

    def __repr__(self) -> str:
        """Show all of it in a console."""
        parts = [type(self).__name__ if self.findings else str(self)]
        for finding in self.findings:
            row = _in_words(finding)
            parts += ["", f"{finding.code} ({finding.severity}): {finding.verdict}"]
            said = {
                "": row["meaning"],
                "Evidence: ": row["evidence"],
                "Try: ": row["advice"],
                "set_params: ": row["suggestion"],
            }
            parts += [_indented(name + text) for name, text in said.items() if text]
        if self.unanswered:
            parts += ["", "Not judged:", *map(_indented, self.unanswered)]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        table = self.to_frame().drop(columns="code").to_html(index=False, escape=True)
        parts = [f"<p>{html.escape(str(self))}</p>", table]
        if self.unanswered:
            items = "".join(f"<li>{html.escape(said)}</li>" for said in self.unanswered)
            parts.append(f"<p>Not judged:</p><ul>{items}</ul>")
        return "".join(parts)


def _in_words(finding: Finding) -> dict[str, str]:
    """A finding as a row of a table."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "evidence": ", ".join(
            f"{name} = {value:.4g}"
            for name, value in finding.numbers.items()
            if not math.isnan(value)
        ),
        "meaning": finding.meaning,
        "advice": finding.advice,
        "suggestion": ", ".join(
            f"{name}={value!r}" for name, value in finding.suggestion.items()
        ),
    }


def _indented(text: str) -> str:
    return textwrap.fill(text, width=88, initial_indent="  ", subsequent_indent="  ")
