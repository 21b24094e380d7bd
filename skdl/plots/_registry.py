"""Which function draws which record: each one registers itself with :func:`draws`.

The decorator also checks the first argument: the error for a record of another class
names the function that draws it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from skdl.exceptions import ParameterTypeError

DRAWN_BY: dict[type, Callable[..., Any]] = {}

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def draws(
    *classes: type, also: type | None = None, checks: bool = True
) -> Callable[[Callable[_Parameters, _Result]], Callable[_Parameters, _Result]]:
    """Register a function as the one that draws these classes, and check its argument.

    `also` is a class that it takes too, but that is not a record. With
    ``checks=False`` the function checks its argument itself.
    """

    def register(
        function: Callable[_Parameters, _Result],
    ) -> Callable[_Parameters, _Result]:
        parameter = next(iter(inspect.signature(function).parameters))

        @functools.wraps(function)
        def checked(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
            if args or parameter in kwargs:  # else Python names what is missing
                check_record(
                    args[0] if args else kwargs[parameter],
                    *classes,
                    parameter=parameter,
                    function=function.__name__,
                    also=also,
                )
            return function(*args, **kwargs)

        registered = checked if checks else function
        DRAWN_BY.update(dict.fromkeys(classes, registered))
        return registered

    return register


def drawn_by(record: Any) -> Callable[..., Any] | None:
    """Find the function that draws a record, by its class or the nearest base."""
    return next((DRAWN_BY[c] for c in type(record).__mro__ if c in DRAWN_BY), None)


def check_record(
    record: Any,
    *classes: type,
    parameter: str,
    function: str,
    also: type | None = None,
) -> None:
    """Refuse an argument that a function of `skdl.plots` cannot draw."""
    allowed = classes if also is None else (*classes, also)
    if isinstance(record, allowed):
        return
    *first, last = (cls.__name__ for cls in allowed)
    expected = f"{', '.join(first)} or {last}" if first else last
    raise ParameterTypeError(
        f"The {parameter!r} parameter of skdl.plots.{function} must be {expected}. Got "
        f"{type(record).__name__} instead{_next_step(record)}"
    )


def _next_step(record: Any) -> str:
    """End the sentence with what draws the record, or how else to read it."""
    function = drawn_by(record)
    if function is not None:
        return f", which skdl.plots.{function.__name__} draws."
    has_table = hasattr(record, "to_frame")
    return ". Its numbers are in to_frame()." if has_table else "."
