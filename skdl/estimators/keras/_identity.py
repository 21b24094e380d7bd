"""The identity of a call: equal identities mean that the same model would be built.

A model is not built again for the same function, arguments and seed. Functions also
read globals and the variables of enclosing functions. These are part of the identity,
so that the model is rebuilt when a global changes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import is_dataclass
from types import CodeType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any

import keras
import numpy as np

from skdl.networks.keras import KerasConfig, is_keras_own

_PLAIN = (str, bytes, int, float, complex, bool, type(None), np.generic, np.dtype)
MAX_DEPTH = 6  # of nested objects; deeper ones are compared by `is`


class Same:
    """Compares a value by `is`."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same object."""
        return isinstance(other, Same) and self._value is other._value

    def __hash__(self) -> int:
        """Hash the identity of the object."""
        return id(self._value)


def identity(value: Any, depth: int = 0) -> Hashable:
    """Describe a value so that equal descriptions mean equal values."""
    if isinstance(value, _PLAIN):
        return (type(value), repr(value) if isinstance(value, float) else value)
    if depth > MAX_DEPTH or isinstance(value, type | ModuleType):
        return Same(value)
    if isinstance(value, Mapping):
        return (
            type(value),
            tuple((identity(k), identity(v, depth + 1)) for k, v in value.items()),
        )
    if isinstance(value, list | tuple):
        return (type(value), *(identity(part, depth + 1) for part in value))
    if isinstance(value, set | frozenset):
        return (type(value), frozenset(identity(part, depth + 1) for part in value))
    if isinstance(value, functools.partial):
        parts = (value.func, value.args, value.keywords)
        return ("partial", *(identity(part, depth + 1) for part in parts))
    if isinstance(value, MethodType):
        return ("method", Same(value.__self__), identity(value.__func__, depth + 1))
    if isinstance(value, FunctionType):
        return _function_identity(value, depth)
    if is_keras_own(value) and hasattr(value, "get_config"):
        return _keras_identity(value)
    is_simple = is_dataclass(value) or isinstance(value, SimpleNamespace)
    is_simple = is_simple or type(value).__module__ == "__main__"
    if is_simple and hasattr(value, "__dict__"):
        return (Same(type(value)), identity(vars(value), depth + 1))
    return Same(value)


def _keras_identity(value: Any) -> Hashable:
    if isinstance(value, keras.Model):
        return Same(value)
    try:
        return KerasConfig.of(value)
    except (TypeError, ValueError, NotImplementedError):
        return Same(value)


def _function_identity(function: FunctionType, depth: int) -> Hashable:
    if is_keras_own(function):
        return Same(function)
    around = surroundings(function, depth)
    return (*_code_identity(function, depth), tuple(sorted(around.items(), key=_name)))


def _name(item: tuple[str, Any]) -> str:
    return item[0]


def _code_identity(function: FunctionType, depth: int) -> tuple:
    return (
        "function",
        function.__qualname__,
        Same(function.__code__),
        identity(function.__defaults__, depth + 1),
        identity(function.__kwdefaults__, depth + 1),
    )


def code_identity(function: Any) -> Hashable:
    """Describe a function without its surroundings."""
    inner = _innermost(function)
    if inner is None:
        return Same(function)
    if isinstance(function, functools.partial):
        parts = (function.args, function.keywords)
        return (code_identity(function.func), *map(identity, parts))
    return _code_identity(inner, 0)


def surroundings(function: Any, depth: int = 0) -> dict[str, Hashable]:
    """Describe the globals and enclosing variables that a function refers to."""
    inner = _innermost(function)
    if inner is None:
        return {}
    around = {
        name: inner.__globals__[name]
        for name in _names(inner.__code__)
        if name in inner.__globals__
    }
    cells = zip(inner.__code__.co_freevars, inner.__closure__ or (), strict=True)
    around |= {name: _cell(cell) for name, cell in cells}
    around |= _attributes(around, set(_names(inner.__code__)))
    return {
        name: identity(value, depth + 1)
        for name, value in around.items()
        if value is not inner
    }


def _attributes(around: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return attributes that the code may read from modules and users' classes."""
    return {
        f"{name}.{attribute}": vars(value)[attribute]
        for name, value in around.items()
        if isinstance(value, type | ModuleType) and not is_keras_own(value)
        for attribute in names & vars(value).keys()
    }


def _innermost(function: Any) -> FunctionType | None:
    while not isinstance(function, FunctionType):
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
        else:
            return None
    return function


def _cell(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet assigned
        return None


def _names(code: CodeType) -> Iterator[str]:
    """Yield every name that some code, or a function inside it, may look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if inspect.iscode(constant):
            yield from _names(constant)


class WatchedDict(dict):
    """A dict that records which of its entries were read."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        """Return an entry."""
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return an entry, or a default."""
        self.asked.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        """Return whether there is an entry."""
        self.asked.add(str(key))
        return super().__contains__(key)

    def _all(self, method: Callable) -> Any:
        self.asked.update(super().keys())
        return method()

    def __iter__(self) -> Iterator[str]:
        """Iterate over all names."""
        return self._all(super().__iter__)

    def keys(self) -> Any:
        """Return all names."""
        return self._all(super().keys)

    def values(self) -> Any:
        """Return all values."""
        return self._all(super().values)

    def items(self) -> Any:
        """Return all entries."""
        return self._all(super().items)

    def copy(self) -> dict:
        """Return a copy of all entries."""
        return self._all(super().copy)

    def clear(self) -> None:
        """Remove all entries."""
        self._all(super().clear)

    def pop(self, *arguments: Any) -> Any:
        """Remove an entry."""
        self.asked.add(arguments[0])
        return super().pop(*arguments)
