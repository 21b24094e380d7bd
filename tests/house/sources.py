"""The modules of skdl and of its tests as syntax trees: what the house's tests read."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def modules() -> dict[str, Path]:
    """Every module of skdl, by dotted name."""
    return {dotted(path): path for path in sorted((ROOT / "skdl").rglob("*.py"))}


def dotted(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """The modules of skdl that a file imports, wherever it does."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in modules() else node.module)
    return {name for name in found if name.split(".")[0] == "skdl"}


def is_internal(name: str) -> bool:
    """Whether a dotted name has a part with an underscore."""
    return any(part.startswith("_") for part in name.split("."))


def snake_case(name: str) -> str:
    """`MLPClassifier` -> `mlp_classifier`."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return name.lower().strip("_")


def docstrings(path: Path) -> list[tuple[str, ast.AST, ast.Constant]]:
    """The docstrings of a file, with the dotted names of their owners in it."""
    found = []

    def visit(node: ast.AST, name: str) -> None:
        body = getattr(node, "body", [])
        if body and isinstance(body[0], ast.Expr):
            value = body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found.append((name, node, value))
        for child in body:
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                visit(child, f"{name}.{child.name}".strip("."))

    visit(tree(path), "")
    return found
