"""The compiled programs of banks, and which of them a new bank can reuse."""

from __future__ import annotations

from dataclasses import replace

from skdl.training._probing.program import ProbingProgram
from skdl.training._program.cache import ProgramCache
from skdl.training._program.program import Program, ProgramShape

MAX_PADDING = 8  # how many times larger a table may get to reuse a program


def _make_program(shape: ProgramShape) -> Program:
    return ProbingProgram(shape) if shape.signature.probes else Program(shape)


programs = ProgramCache(_make_program)


def reusable_shape(shape: ProgramShape) -> ProgramShape:
    """Return a compiled shape with room for this one and little more, or this one.

    A search ends with a fit on all rows. They are more than the rows of one fold but
    fewer than those of all folds, for which a program exists.
    """

    def n_rows(other: ProgramShape) -> tuple[int, int]:
        return other.n_rows, other.n_val_rows

    def is_alike(other: ProgramShape) -> bool:
        unsized = replace(other, n_members=0, n_rows=shape.n_rows)
        return (
            replace(unsized, n_val_rows=shape.n_val_rows) == shape
            and bool(other.n_val_rows) == bool(shape.n_val_rows)
            and all(
                need <= room <= MAX_PADDING * need
                for need, room in zip(n_rows(shape), n_rows(other), strict=True)
            )
        )

    known = [replace(key, n_members=0) for key in programs.known() if is_alike(key)]
    return shape if shape in known else min(known, key=n_rows, default=shape)
