"""What Keras can find by name, and what is a user's own."""

from __future__ import annotations

from types import ModuleType
from typing import Any

_OWN = ("keras", "tensorflow", "skdl", "builtins", "numpy")


def is_keras_own(value: Any) -> bool:
    """Return whether something is defined by Keras or a library that comes with it.

    Parameters
    ----------
    value : object
        A module, class or function, or an instance of a class.

    Returns
    -------
    bool
        False for a user's own.
    """
    if isinstance(value, ModuleType):
        module = value.__name__
    else:
        described = value if hasattr(value, "__qualname__") else type(value)
        module = getattr(described, "__module__", None) or ""
    return module.split(".", maxsplit=1)[0] in _OWN
