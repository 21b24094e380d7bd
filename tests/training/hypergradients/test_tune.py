"""Tuning by hypergradients: finite differences, plain training, company, direction."""

from dataclasses import replace

import numpy as np
import pytest

from skdl.networks import Regularization
from skdl.training import OptimizerSpec, Rates, Status, planned_jobs, train
from skdl.training.hypergradients import TUNABLE, TunedRange, TuningJob, tune
from skdl.training.hypergradients._tune import tuning_programs

OPTIMIZERS = {
    "sgd": OptimizerSpec("sgd"),
    "momentum": OptimizerSpec("sgd", has_momentum=True),
    "rmsprop": OptimizerSpec("rmsprop"),
    "adam": OptimizerSpec("adam"),
    "nadam": OptimizerSpec("nadam", clips_norm=True),
    "adamw": OptimizerSpec("adamw", decays_weights=True),
}
NUMBERS = Regularization(l1=1e-4, l2=0.02, batch_norm_momentum=0.9)
EACH_OPTIMIZER = [
    name if name in ("sgd", "adam") else pytest.param(name, marks=pytest.mark.slow)
    for name in OPTIMIZERS
]
WIDTH = 5e-3  # of the differences, as Keras keeps the learning rate in float32


def tuning(job, names, *, memory, hyper_learning_rate=0.0, low=1e-9, high=1e9):
    ranges = tuple(TunedRange(name, low, high) for name in names)
    return TuningJob(job, ranges, hyper_learning_rate, memory)


@pytest.fixture
def make_tuned(make_job):
    """A job with validation rows, three steps per epoch, and an optimizer state."""

    def make(optimizer="adam", *, epochs=2, is_warm=True, **settings):
        job = make_job(
            optimizer=OPTIMIZERS[optimizer],
            rates=Rates(0.02, clip_norm=0.5, weight_decay=0.01, momentum=0.8),
            n_validation=22,
            epochs=epochs,
            shuffle=True,
            **{"regularization": NUMBERS, "hidden_layer_sizes": (5,), **settings},
        )
        if not is_warm:
            return job
        (before,) = train([replace(job, epochs=3, keeps_optimizer_state=True)])
        return replace(
            job, weights=before.weights, optimizer_state=before.optimizer_state
        )

    return make


def differences(job, names, memory):
    """Fourth-order central differences of the last validation loss, along logs."""
    center = tuning(job, names, memory=memory)
    moved = []
    for place in range(len(names)):
        for steps in (1, -1, 2, -2):
            values = np.array(center.start)
            values[place] *= np.exp(steps * WIDTH)
            moved.append(center.starting_at(values))
    found, *others = tune([center, *moved])
    losses = np.array([each.validation_losses[-1] for each in others]).reshape(-1, 4)
    slopes = losses @ np.array([8, -8, -1, 1]) / (12 * WIDTH)
    return found.hypergradients[-1], slopes


@pytest.mark.parametrize("optimizer", EACH_OPTIMIZER)
def test_the_hypergradient_of_one_step_equals_finite_differences(make_tuned, optimizer):
    job = make_tuned(optimizer, epochs=1)
    job = replace(job, train=job.train.take(np.arange(16)))  # one step

    exact, differed = differences(job, ("learning_rate", "l1", "l2"), memory=0.0)

    assert np.abs(exact).min() > 1e-8
    np.testing.assert_allclose(exact, differed, rtol=1e-3)


@pytest.mark.parametrize("optimizer", EACH_OPTIMIZER)
def test_with_full_memory_it_is_that_of_the_whole_run(make_tuned, optimizer):
    # Six steps, from a state: Adam's first step is almost the sign of the gradient,
    # which has no useful differences.
    job = make_tuned(optimizer)

    exact, differed = differences(job, ("learning_rate", "l1", "l2"), memory=1.0)

    # At 0, l1 has a kink.
    np.testing.assert_allclose(exact[[0, 2]], differed[[0, 2]], rtol=1e-3)


@pytest.mark.slow
def test_every_tunable_number_and_batch_statistics(make_tuned):
    numbers = replace(NUMBERS, input_noise=0.3, dropout=0.2)
    job = make_tuned("adamw", batch_norm="before", regularization=numbers)

    exact, differed = differences(job, TUNABLE, memory=1.0)

    np.testing.assert_allclose(exact, differed, rtol=1e-3)


def test_units_without_gradient_do_no_harm(make_tuned):
    # The kernel of an input that is 0 has no gradient, and Adam's state stays 0.
    job = make_tuned("adam", is_warm=False)
    features = job.train.features.copy()
    features[:, 1] = 0.0
    weights = [array.copy() for array in job.weights.trainable]
    weights[0][1] = 0.0
    job = replace(
        job,
        train=replace(job.train, features=features),
        weights=replace(job.weights, trainable=tuple(weights)),
    )
    (before,) = train([replace(job, epochs=3, keeps_optimizer_state=True)])
    job = replace(job, weights=before.weights, optimizer_state=before.optimizer_state)

    exact, differed = differences(job, ("learning_rate", "l1", "l2"), memory=1.0)

    np.testing.assert_allclose(exact[[0, 2]], differed[[0, 2]], rtol=1e-3)


def test_the_loss_that_is_followed_has_no_penalty(make_job):
    job = make_job(
        n_validation=22, regularization=Regularization(l2=1e-9, l1=1e-9), epochs=1
    )
    heavy = replace(job, regularization=Regularization(l2=10.0, l1=10.0))
    job, heavy = (replace(each, rates=Rates(1e-12)) for each in (job, heavy))

    first, second = tune([tuning(each, ("l2",), memory=0.0) for each in (job, heavy)])

    np.testing.assert_allclose(
        first.validation_losses[0], second.validation_losses[0], rtol=1e-6
    )


@pytest.mark.slow
def test_without_moves_it_is_plain_training(make_tuned):
    job = make_tuned("adam", is_warm=False, schedule="cosine", batch_norm="before")

    (tuned,) = tune([tuning(job, ("learning_rate", "l2"), memory=1.0)])
    (plain,) = train([job])

    assert tuned.values.shape == (6, 2)
    for ours, theirs in zip(
        (*tuned.weights.trainable, *tuned.weights.frozen),
        (*plain.weights.trainable, *plain.weights.frozen),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_members_do_not_depend_on_their_company(make_tuned, vary):
    job = make_tuned(is_warm=False)
    jobs = [
        replace(vary(job, seed), epochs=3, regularization=NUMBERS) for seed in range(5)
    ]
    tunings = [
        tuning(each, ("learning_rate", "l2"), memory=0.9, hyper_learning_rate=0.1)
        for each in jobs
    ]

    together = tune(tunings)

    for each, seen in zip(tunings, together, strict=True):
        (alone,) = tune([each])
        assert len(seen.values) == 3 * -(-each.job.train.n_samples // 16)
        np.testing.assert_allclose(seen.values, alone.values, rtol=1e-8)
        np.testing.assert_allclose(
            seen.validation_losses, alone.validation_losses, rtol=1e-8
        )


def test_one_seed_gives_one_result_and_one_program(make_tuned):
    each = tuning(
        make_tuned(is_warm=False), ("l2",), memory=0.9, hyper_learning_rate=0.1
    )
    (first,) = tune([each])
    n_programs = len(tuning_programs)

    (second,) = tune([each])

    assert len(tuning_programs) == n_programs
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.validation_losses, second.validation_losses)


@pytest.mark.parametrize("memory", [0.0, 0.95])
def test_learning_rates_move_towards_good_ones(make_job, memory):
    job = make_job(
        n_validation=22,
        optimizer=OPTIMIZERS["adam"],
        loss="squared_error",
        hidden_layer_sizes=(),
        epochs=20,
    )
    jobs = [replace(job, rates=Rates(rate)) for rate in (1e-5, 3.0)]

    low, high = tune(
        [
            tuning(each, ("learning_rate",), memory=memory, hyper_learning_rate=0.05)
            for each in jobs
        ]
    )

    assert low.values[-1, 0] > 3 * low.values[0, 0]
    assert high.values[-1, 0] < 0.8 * high.values[0, 0]


def test_the_penalty_of_a_network_that_overfits_rises(make_job):
    # 25 rows of noise, which 64 units can memorise.
    job = make_job(
        n_validation=45,
        optimizer=OPTIMIZERS["adam"],
        rates=Rates(0.01),
        regularization=Regularization(l2=1e-4),
        hidden_layer_sizes=(64,),
        epochs=60,
    )
    noise = np.random.default_rng(0).integers(0, 2, size=(25, 1)).astype(float)
    job = replace(job, train=replace(job.train, targets=noise))

    (found,) = tune(
        [tuning(job, ("l2",), memory=0.99, hyper_learning_rate=0.05, high=10.0)]
    )

    assert found.values[-1, 0] > 10 * found.values[0, 0]


def test_numbers_stay_within_their_range(make_tuned):
    (found,) = tune(
        [
            tuning(
                make_tuned(is_warm=False, epochs=5),
                ("learning_rate",),
                memory=0.0,
                hyper_learning_rate=1.0,
                low=0.015,
                high=0.03,
            )
        ]
    )

    assert found.values.min() >= 0.015 * (1 - 1e-6)
    assert found.values.max() <= 0.03 * (1 + 1e-6)
    assert np.ptp(found.values) > 0


def test_a_diverged_run_has_that_status_and_harms_no_other(make_job):
    job = make_job(
        n_validation=22, loss="squared_error", activation="linear", epochs=20
    )
    wild = replace(job, rates=Rates(1e4))
    calm, broken = (
        tuning(each, ("learning_rate",), memory=0.9, hyper_learning_rate=0.01)
        for each in (job, wild)
    )

    with_company, diverged = tune([calm, broken])

    (alone,) = tune([calm])
    assert diverged.status is Status.DIVERGED
    assert len(diverged.values) < 20 * 3
    assert np.isfinite(diverged.validation_losses).all()
    assert with_company.status is Status.FINISHED
    np.testing.assert_allclose(with_company.values, alone.values, rtol=1e-8)


def test_a_job_without_validation_rows_is_refused(make_job):
    with pytest.raises(ValueError, match="needs validation rows and no stopping rule"):
        tuning(make_job(), ("l2",), memory=0.0)


def test_a_fit_that_trains_nothing_has_no_plan(make_job):
    with pytest.raises(RuntimeError, match="nothing was planned"):
        planned_jobs(lambda: None)
    job = make_job()

    assert planned_jobs(lambda: train([job])) == [job]
    assert len(train([job])) == 1  # plans no longer
