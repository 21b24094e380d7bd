"""What a function was given to draw, checked: a record of its own, or a helpful error.

Classes are known by their names, so that the check of one record loads no other.
"""

from __future__ import annotations

from typing import Any

from skdl.exceptions import ParameterTypeError


def nearest_class(record: Any, names: Any) -> str:
    """Which of the names is the class, or the nearest that it derives from; "" if none.

    A class of the same name that is not of skdl is another one.
    """
    for cls in type(record).__mro__:
        if cls.__module__.split(".")[0] == "skdl" and cls.__name__ in names:
            return cls.__name__
    return ""


def check_record(
    record: Any, *classes: str, parameter: str, function: str, or_else: Any = ()
) -> None:
    """Refuse what a function of `skdl.plots` does not draw."""
    if nearest_class(record, classes) or isinstance(record, or_else):
        return
    others = or_else if isinstance(or_else, tuple) else (or_else,)
    names = [*classes, *(cls.__name__ for cls in others)]
    first, last = names[:-1], names[-1]
    expected = f"{', '.join(first)} or {last}" if first else last
    raise ParameterTypeError(
        f"The {parameter!r} parameter of skdl.plots.{function} must be {expected}. Got "
        f"{type(record).__name__} instead{_drawn_by(record)}"
    )


def _drawn_by(record: Any) -> str:
    """The rest of the sentence: where the record is drawn, or how else it is read."""
    from skdl.plots._draw import DRAWN_BY  # which imports all that import this

    own = nearest_class(record, DRAWN_BY)
    if own:
        return f", which skdl.plots.{DRAWN_BY[own].__name__} draws."
    has_table = hasattr(record, "to_frame")
    return ". Its numbers are in to_frame()." if has_table else "."
