"""A lane that compiles, or waits for another one that does, measures no step."""

from __future__ import annotations

import threading
from dataclasses import replace

from skdl.training import (
    clear_programs,
)
from skdl.training._backend import compiler
from skdl.training._program.program import Program


def test_time_per_step_excludes_waiting_for_another_lane_to_compile(
    make_bank, set_lanes, monkeypatch, train_banks
):
    clear_programs()
    set_lanes(2, (4,))
    both = threading.Barrier(2, timeout=60)
    here = threading.local()
    compiled = threading.Event()
    noted = []
    compile_program = compiler.compile_program

    def watched(function, **options):
        run = compile_program(function, **options)

        def watched_run(*arguments):
            if not compiled.is_set():
                both.wait()
            here.has_waited = not compiled.is_set()
            result = run(*arguments)
            compiled.set()
            return result

        return watched_run

    monkeypatch.setattr(compiler, "compile_program", watched)
    monkeypatch.setattr(
        Program,
        "note_time",
        lambda program, seconds, n_steps: noted.append(here.has_waited),
    )
    jobs = [replace(job, epochs=2) for job in make_bank(8, patience=None)]
    train_banks(jobs)
    assert compiled.is_set()
    assert noted == []  # neither the lane that compiled nor the one that waited
    train_banks(jobs)
    assert noted == [False, False]
    clear_programs()
