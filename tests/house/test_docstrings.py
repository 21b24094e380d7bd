"""Every public object is documented by numpydoc's rules, and truly.

Public is what a package or module of skdl lists in its `__all__`. A documented
parameter exists, an existing one is documented, in the same order, and where the
docstring says ``default=...`` the signature says the same.
"""

import ast
import dataclasses
import enum
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpydoc.docscrape import NumpyDocString

ROOT = Path(__file__).parents[2]
STATED_DEFAULT = re.compile(r"\bdefault=(.+)$")
NOT_STATED = inspect.Parameter.empty


def module_names() -> list[str]:
    """The modules of skdl without a leading underscore, found without an import."""
    paths = [path.relative_to(ROOT) for path in (ROOT / "skdl").rglob("*.py")]
    names = [".".join(path.with_suffix("").parts) for path in paths]
    names = [name.removesuffix(".__init__") for name in names]
    return sorted(name for name in names if "._" not in name)


def documented_methods(cls: type) -> Iterator[tuple[str, object]]:
    """The public methods and properties that skdl itself defines for a class."""
    for owner in cls.__mro__:
        if not owner.__module__.startswith("skdl") and owner is not cls:
            continue
        for name, member in vars(owner).items():
            member = getattr(member, "__func__", member)  # class and static methods
            member = getattr(member, "fn", member)  # sklearn's available_if
            is_own = inspect.isfunction(member) or isinstance(member, property)
            if is_own and not name.startswith("_"):
                yield name, member


def own_parameters(obj: object) -> list[inspect.Parameter]:
    """The parameters a docstring must name; none for enums and plain exceptions."""
    if isinstance(obj, property):
        return []
    if inspect.isclass(obj):
        if issubclass(obj, enum.Enum) or not hasattr(obj.__init__, "__code__"):
            return []
        if getattr(obj, "_is_protocol", False):
            return []
    parameters = inspect.signature(obj).parameters.values()
    return [p for p in parameters if p.name not in ("self", "cls")]


def documented_parameters(obj: object) -> dict[str, str]:
    """Type line by name; a dataclass may document its fields as attributes."""
    doc = NumpyDocString(inspect.cleandoc(obj.__doc__))
    entries = [*doc["Parameters"], *doc["Other Parameters"]]
    if not entries and dataclasses.is_dataclass(obj):
        fields = set(inspect.signature(obj).parameters)
        entries = [e for e in doc["Attributes"] if set(e.name.split(", ")) <= fields]
    return {
        name.strip(): entry.type for entry in entries for name in entry.name.split(",")
    }


def stated_default(type_line: str) -> object:
    """What a type line such as ``float, default=1e-3`` states."""
    found = STATED_DEFAULT.search(type_line)
    if found is None:
        return NOT_STATED
    text = found.group(1).strip()
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return {"np.inf": np.inf, "inf": np.inf, "np.nan": np.nan}.get(text, text)


def same_default(stated: object, real: object) -> bool:
    """Whether a stated default is the real one, in value and in type."""
    if isinstance(real, enum.Enum) and isinstance(stated, str):
        return stated in (str(real), real.name, real.value)
    if isinstance(real, float) and isinstance(stated, float):
        return np.array_equal(stated, real, equal_nan=True)
    if isinstance(stated, bool) != isinstance(real, bool):
        return False
    return stated == real or stated == getattr(real, "__name__", NOT_STATED)


def parameter_faults(obj: object) -> Iterator[str]:
    """Where the Parameters section and the signature differ."""
    real = own_parameters(obj)
    documented = documented_parameters(obj)
    names = [parameter.name for parameter in real]
    documented_names = [name.lstrip("*") for name in documented]
    if names != documented_names:
        yield f"documents {documented_names}, takes {names}"
        return
    for parameter, type_line in zip(real, documented.values(), strict=True):
        if not type_line:
            yield f"'{parameter.name}' has no type"
        stated = stated_default(type_line)
        has_factory = "factory" in repr(parameter.default)
        if has_factory:
            continue
        if stated is NOT_STATED:
            if parameter.default not in (NOT_STATED, None):
                yield f"'{parameter.name}' does not say 'default={parameter.default!r}'"
        elif not same_default(stated, parameter.default):
            yield (
                f"'{parameter.name}' states default={stated!r}, "
                f"has {parameter.default!r}"
            )


def faults(obj: object) -> Iterator[str]:
    """What is wrong with the docstring of a class, function, method or property."""
    doc = obj.__dict__.get("__doc__") if inspect.isclass(obj) else obj.__doc__
    if not doc:
        yield "has no docstring"
        return
    if dataclasses.is_dataclass(obj) and doc.startswith(f"{obj.__name__}("):
        yield "has no docstring"  # only the one that dataclass makes
        return
    summary = inspect.cleandoc(doc).splitlines()[0]
    if not summary.endswith("."):
        yield f"first line is not a sentence: {summary!r}"
    yield from parameter_faults(obj)


def faults_of_public(name: str, obj: object) -> Iterator[str]:
    """The faults of a public object and of its public methods, with their names."""
    if not (inspect.isclass(obj) or inspect.isfunction(obj)):
        return
    for fault in faults(obj):
        yield f"{name} {fault}"
    if inspect.isclass(obj):
        for method_name, method in documented_methods(obj):
            for fault in faults(method):
                yield f"{name}.{method_name} {fault}"


@pytest.mark.parametrize("module_name", module_names())
def test_public_names_are_documented(module_name):
    module = importlib.import_module(module_name)

    assert module.__doc__, f"{module_name} has no docstring"
    found = [
        fault
        for name in getattr(module, "__all__", [])
        for fault in faults_of_public(f"{module_name}.{name}", getattr(module, name))
    ]
    assert found == []


# The checks themselves: each fault is found.


def good(X, *, rate=0.1, kind="a", count=None, flag=True, sizes=(64, 64), top=np.inf):
    """Do a thing.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The data.
    rate : float, default=0.1
        A rate.
    kind : {"a", "b"}, default="a"
        A kind.
    count : int or None
        A count.
    flag : bool, default=True
        A flag.
    sizes : tuple of int, default=(64, 64)
        Sizes.
    top : float, default=np.inf
        A bound.
    """


def stated(type_line: str) -> Callable:
    """A function of one parameter, `rate=0.1`, with a docstring that says otherwise."""

    def function(*, rate=0.1):
        pass

    function.__doc__ = f"Do.\n\nParameters\n----------\n{type_line}\n    A rate.\n"
    return function


class Thing:
    """A thing."""

    def size(self):  # no docstring
        pass


@dataclasses.dataclass(frozen=True)
class Record:
    """A record.

    Attributes
    ----------
    loss : float
        The loss.
    """

    loss: float
    seconds: float = 0.0


def test_a_good_docstring_has_no_faults():
    assert list(faults_of_public("good", good)) == []
    assert list(faults_of_public("same", stated("rate : float, default=0.1"))) == []


@pytest.mark.parametrize(
    ("obj", "fault"),
    [
        (stated("rate : float, default=0.2"), "states default=0.2, has 0.1"),
        (stated("rate : float, default=True"), "states default=True, has 0.1"),
        (stated("rate : float"), "does not say 'default=0.1'"),
        (stated("rate"), "'rate' has no type"),
        (stated("speed : float, default=0.1"), "documents ['speed'], takes ['rate']"),
        (Thing, "x.size has no docstring"),
        (Record, "documents ['loss'], takes ['loss', 'seconds']"),
        (lambda: None, "x has no docstring"),
    ],
)
def test_a_fault_is_found(obj, fault):
    found = list(faults_of_public("x", obj))

    assert any(fault in text for text in found), found
