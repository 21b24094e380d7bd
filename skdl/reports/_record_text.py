"""The name of a record's class in words, and the sentence a record gives of itself."""

from __future__ import annotations

import re

from skdl._record import Record

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def class_in_words(record: object) -> str:
    """Name the class of a record.

    >>> from skdl.diagnosis import diagnose
    >>> from skdl.reports._record_text import class_in_words
    >>> class_in_words(diagnose({"loss": [2.0, 1.0]}))
    'Diagnosis'
    """
    return _CAPITAL.sub(" ", type(record).__name__).capitalize()


def text_of(record: Record) -> str:
    """Return a record's ``str`` as a sentence, empty if its class has none."""
    if type(record).__str__ is object.__str__:
        return ""
    name, text = type(record).__name__, str(record)
    if text.startswith(name):
        text = class_in_words(record) + text.removeprefix(name)
    return text if text.endswith((".", "!", "?")) else f"{text}."
