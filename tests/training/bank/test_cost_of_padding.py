"""Networks are padded where that costs less than another program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from skdl.training._bank.grouping import group_jobs
from skdl.training._bank.sizing import COMPILE_SECONDS, StepCost


def places(jobs):
    return sorted(sorted(group.places) for group in group_jobs(jobs))


def test_padding_must_cost_less_than_another_program(make_job, monkeypatch):
    cost = StepCost(start=0.0, rate=1e6, n_lanes=2, cache=np.inf)
    monkeypatch.setattr("skdl.training._bank.grouping.step_cost", lambda: cost)
    wide, narrow = (make_job(hidden_layer_sizes=(n,)) for n in (10, 4))
    # 36 weights fewer (61 and 25) x 16 rows x 5 steps = 2880 multiplications an epoch,
    # of which each of 2 lanes makes 1e6 per second; compiling takes a second.
    most = int(COMPILE_SECONDS / (2880 / 1e6 / 2))
    assert most == 694
    for epochs, apart in ((most, False), (most + 1, True)):
        jobs = [wide, replace(narrow, epochs=epochs)]
        assert places(jobs) == ([[0], [1]] if apart else [[0, 1]])
    # a wide one wastes nothing, however long it trains
    assert places([replace(wide, epochs=10**9), narrow]) == [[0, 1]]
