"""constraints.txt: names and exact versions of everything installed, nothing else."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.!+]+")


def pinned_lines() -> list[str]:
    """The lines of constraints.txt without comments."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


@pytest.fixture
def pins() -> dict[str, str]:
    """Version by canonical name."""
    return {
        canonicalize_name(name): version
        for name, _, version in (line.partition("==") for line in pinned_lines())
    }


@pytest.fixture
def direct() -> list[Requirement]:
    """What pyproject.toml asks for: to build, to run, and in every extra."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = pyproject["project"]
    texts = [*pyproject["build-system"]["requires"], *project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        texts += extra
    return [Requirement(text) for text in texts]


def test_lines_are_names_and_versions():
    lines = pinned_lines()

    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert lines == sorted(set(lines), key=str.lower)


def test_direct_dependencies_are_pinned(pins, direct):
    for requirement in direct:
        version = pins.get(canonicalize_name(requirement.name))
        assert version is not None, requirement.name
        assert requirement.specifier.contains(version), f"{requirement} got {version}"


def test_indirect_dependencies_are_pinned(pins, direct):
    waiting, seen = list(direct), set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, *requirement.extras) in seen:
            continue
        seen.add((name, *requirement.extras))
        assert name in pins, f"'{name}' is installed but not in constraints.txt"
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # an extra that is not installed here
            continue
        extras = ["", *requirement.extras]
        for needed in map(Requirement, needs):
            marker = needed.marker
            if not marker or any(marker.evaluate({"extra": e}) for e in extras):
                waiting.append(needed)
    assert len(seen) > len(direct)
