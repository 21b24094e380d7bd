"""A search that is killed at any moment goes on where it was."""

import random
import time

import numpy as np
import optuna
import pytest

from skdl.search._studies.storages import opened

N_KILLS = 20
N_TRIALS = 40
BATCH_SIZE = 4


def finished(place):
    """The trials that have ended, by number: how, when, and with what."""
    if "killed" not in optuna.get_all_study_names(place):
        return {}
    study = optuna.load_study(study_name="killed", storage=place)
    return {
        trial.number: (trial.state, trial.datetime_complete, trial.params, trial.values)
        for trial in study.get_trials()
        if trial.state.is_finished()
    }


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["tpe", "random"])
@pytest.mark.parametrize("file", ["study.db", "study.journal"])
def test_twenty_kills_at_random_moments(farm, tmp_path, uninterrupted, file, sampler):
    chance = random.Random(f"{file} {sampler}")
    storage = str(tmp_path / file)
    order = {
        "storage": storage,
        "study_name": "killed",
        "n_trials": N_TRIALS,
        "batch_size": BATCH_SIZE,
        "seconds": 0.02,
        "sampler": sampler,
    }
    seen, counts, longest = {}, [], 1.0
    for _ in range(N_KILLS):
        process = farm.start(order)
        time.sleep(chance.uniform(0, longest))
        process.kill()
        process.wait()
        with opened(storage) as place:
            now = finished(place)
        # Nothing is lost, or done again.
        assert {number: now[number] for number in seen} == seen
        # About twice what a batch takes, on whatever machine this is.
        n_new = len(now) - len(seen)
        if len(now) < N_TRIALS:
            longest *= 1.5 if n_new == 0 else 0.7 if n_new > BATCH_SIZE else 1
        seen = now
        counts.append(len(seen))
    assert len({count for count in counts if 0 < count < N_TRIALS}) > 1

    found = farm.start(order).wait()

    alone = uninterrupted(sampler=sampler)
    assert found["numbers"] == list(range(N_TRIALS))
    assert set(found["states"]) == {"COMPLETE"}
    assert found["params"] == alone["params"]
    assert found["scores"] == alone["scores"]
    assert found["best_params"] == alone["best_params"]
    with opened(storage) as place:
        assert len(finished(place)) == N_TRIALS


@pytest.mark.slow
def test_a_search_of_networks_with_a_pruner_is_killed(farm, tmp_path, uninterrupted):
    chance = random.Random(0)
    order = {"storage": str(tmp_path / "study.journal"), "study_name": "killed"}
    for _ in range(4):
        process = farm.start(order, is_network=True)
        time.sleep(chance.uniform(1, 6))
        process.kill()
        process.wait()

    found = farm.start(order, is_network=True).wait()

    alone = uninterrupted(is_network=True)
    assert found["numbers"] == list(range(12))
    assert found["states"] == alone["states"]
    assert {"COMPLETE", "PRUNED"} == set(found["states"])
    assert found["params"] == alone["params"]
    # Those of a batch that was half done train in other company, which rounds.
    np.testing.assert_allclose(found["scores"], alone["scores"], atol=0.02)
    assert found["best_params"] == alone["best_params"]
