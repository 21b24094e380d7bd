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
    """One finding of a diagnosis.

    Parameters
    ----------
    code : str
        Name for use in programs, such as "overfit_capacity".
    severity : {"problem", "warning", "note"}
        "problem": do not use the model as it is. "warning": it could probably be
        better. "note": nothing is wrong.
    verdict : str
        The finding in a few words.
    numbers : mapping of str to float
        The evidence: measured values, and the thresholds they crossed.
    meaning : str
        What it means, in a sentence or two that include the numbers.
    advice : str
        What to try first, and what to try next.
    suggestion : mapping of str to object, default={}
        The first thing to try, as parameters for the estimator's ``set_params``. Empty
        if no parameter would help.
    """

    code: str
    severity: Severity
    verdict: str
    numbers: Mapping[str, float]
    meaning: str
    advice: str
    suggestion: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the finding in one line."""
        return f"{self.code} ({self.severity}): {self.verdict}"


@dataclass(frozen=True, repr=False)
class FindingsRecord(Record):
    """Base class for records made of findings.

    Attributes
    ----------
    findings : tuple of Finding
        The one to act on first comes first.
    unanswered : tuple of str
        Questions left open, and what would be needed to answer them.
    """

    findings: tuple[Finding, ...]
    unanswered: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a table.

        Returns
        -------
        frame : DataFrame
            Columns "code", "severity", "verdict", "evidence", "meaning", "advice" and
            "suggestion", one row per finding, in order. The evidence leaves out unknown
            numbers.
        """
        rows = [_in_words(finding) for finding in self.findings]
        columns = ["code", "severity", "verdict", "evidence", "meaning", "advice"]
        return pd.DataFrame(rows, columns=[*columns, "suggestion"])

    def __str__(self) -> str:
        """Return the first finding in one line, and the number of other findings."""
        if not self.findings:
            return f"{type(self).__name__}: nothing found"
        more = len(self.findings) - 1
        rest = f" (and {more} more)" if more else ""
        return f"{type(self).__name__}: {self.findings[0]}{rest}"

    def __repr__(self) -> str:
        """Show the whole record in a console."""
        parts = [type(self).__name__ if self.findings else str(self)]
        for finding in self.findings:
            row = _in_words(finding)
            parts += ["", f"{finding.code} ({finding.severity}): {finding.verdict}"]
            texts = {
                "": row["meaning"],
                "Evidence: ": row["evidence"],
                "Try: ": row["advice"],
                "set_params: ": row["suggestion"],
            }
            parts += [_indented(name + text) for name, text in texts.items() if text]
        if self.unanswered:
            parts += ["", "Not answered:", *map(_indented, self.unanswered)]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        table = self.to_frame().drop(columns="code").to_html(index=False, escape=True)
        parts = [f"<p>{html.escape(str(self))}</p>", table]
        return "".join([*parts, unanswered_html(self.unanswered)])


def unanswered_html(unanswered: tuple[str, ...]) -> str:
    """Return the unanswered questions as a list, "" if there are none."""
    items = "".join(f"<li>{html.escape(question)}</li>" for question in unanswered)
    return f"<p>Not answered:</p><ul>{items}</ul>" if items else ""


def _in_words(finding: Finding) -> dict[str, str]:
    """A finding as a table row."""
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
