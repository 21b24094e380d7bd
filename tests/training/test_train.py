"""`train` by itself: status, best weights, ridge regression, programs, seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

from skdl.data import Samples, row_keys
from skdl.networks import Regularization
from skdl.training import OptimizerSpec, Rates, Status, clear_programs, train

pytestmark = pytest.mark.xla


def test_linear_network_reaches_ridge(make_job):
    # Keras adds the penalty to a mean, ridge regression to a sum.
    alpha, n = 7.0, 70
    job = make_job(
        hidden_layer_sizes=(),
        loss="squared_error",
        batch_size=80,
        epochs=600,
        rates=Rates(0.3),
        regularization=Regularization(l2=alpha / n),
    )
    (outcome,) = train([job])
    ridge = Ridge(alpha=alpha).fit(job.train.features, job.train.targets[:, 0])
    kernel, bias = outcome.weights.trainable
    np.testing.assert_allclose(kernel[:, 0], ridge.coef_, rtol=1e-6)
    np.testing.assert_allclose(bias[0], ridge.intercept_, rtol=1e-6)


def test_divergence_ends_the_run_with_the_last_finite_weights(make_job):
    job = make_job(
        hidden_layer_sizes=(), loss="squared_error", rates=Rates(30.0), epochs=50
    )
    (outcome,) = train([job])
    assert outcome.status is Status.DIVERGED
    assert len(outcome.history) < 50
    losses = outcome.history[:, 0]
    assert np.isfinite(losses[:-1]).all()
    # the weights are those of the epoch before
    (before,) = train([replace(job, epochs=len(losses) - 1)])
    assert before.status is Status.FINISHED
    for ours, theirs in zip(
        outcome.weights.trainable, before.weights.trainable, strict=True
    ):
        assert np.isfinite(ours).all()
        np.testing.assert_array_equal(ours, theirs)


def test_divergence_in_the_first_epoch_keeps_the_initial_weights(make_job):
    job = make_job(hidden_layer_sizes=(), loss="squared_error", rates=Rates(1e200))
    (outcome,) = train([job])
    assert outcome.status is Status.DIVERGED
    assert len(outcome.history) == 1
    assert outcome.best_epoch == 0
    for ours, initial in zip(
        outcome.weights.trainable, job.weights.trainable, strict=True
    ):
        np.testing.assert_array_equal(ours, initial)


def test_an_observer_stops_the_run(make_job):
    job = make_job(epochs=9)
    (outcome,) = train([replace(job, on_epoch=lambda report: report.epoch == 4)])
    assert outcome.status is Status.STOPPED_BY_CALLBACK
    assert len(outcome.history) == 4


def test_an_observer_sees_the_weights_of_its_epoch(make_job):
    job = make_job(epochs=4)
    seen = []
    train([replace(job, on_epoch=lambda report: seen.append(report.weights()))])
    (two,) = train([replace(job, epochs=2)])
    np.testing.assert_array_equal(seen[1].trainable[0], two.weights.trainable[0])


def test_training_continues_from_the_optimizer_state(make_job):
    job = make_job(optimizer=OptimizerSpec("adam"), epochs=6)
    (whole,) = train([job])
    (first,) = train([replace(job, epochs=3, keeps_optimizer_state=True)])
    (second,) = train(
        [
            replace(
                job,
                epochs=3,
                weights=first.weights,
                optimizer_state=first.optimizer_state,
            )
        ]
    )
    for ours, theirs in zip(
        whole.weights.trainable, second.weights.trainable, strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_sparse_rows_train_like_dense_rows(make_job):
    job = make_job(regularization=Regularization(dropout=0.2))
    X = job.train.features * (np.abs(job.train.features) > 0.7)
    dense = replace(job.train, features=X, keys=row_keys(X))
    csr = replace(dense, features=sparse.csr_array(X))
    (ours,) = train(
        [replace(job, train=csr, signature=replace(job.signature, is_sparse=True))]
    )
    (theirs,) = train([replace(job, train=dense)])
    np.testing.assert_allclose(ours.history[:, 0], theirs.history[:, 0], rtol=1e-10)


def test_large_networks_are_not_flattened(make_job, monkeypatch):
    job = make_job(
        batch_norm="before", optimizer=OptimizerSpec("adam", clips_norm=True)
    )
    job = replace(job, rates=Rates(0.05, clip_norm=0.1))
    (as_vector,) = train([job])
    clear_programs()
    monkeypatch.setattr("skdl.training._program.layout.MAX_FLAT_VALUES", 0)
    (as_arrays,) = train([job])
    clear_programs()
    for ours, theirs in zip(
        (*as_vector.weights.trainable, *as_vector.weights.frozen),
        (*as_arrays.weights.trainable, *as_arrays.weights.frozen),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("weight", [2.0, 3.0])
def test_a_weight_is_a_repeated_row(make_job, weight):
    n = int(weight)
    options = {
        "batch_size": 224,
        "batch_norm": "before",
        "regularization": Regularization(dropout=0.3, input_noise=0.2, l2=0.01),
    }
    job = make_job(**options)
    samples = job.train
    repeated = Samples(
        np.repeat(samples.features, n, axis=0),
        np.repeat(samples.targets, n, axis=0),
        np.ones(70 * n),
        np.repeat(samples.keys, n),
    )
    (ours,) = train([replace(job, train=repeated)])
    (theirs,) = train([make_job(weights=np.full(70, weight), **options)])
    np.testing.assert_allclose(ours.history[:, 0], theirs.history[:, 0], rtol=1e-9)


def test_the_seed_decides_the_run(make_job, with_seed):
    job = make_job(shuffle=True, regularization=Regularization(dropout=0.3))
    (first,), (again,), (other,) = (train([with_seed(job, seed)]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.history, again.history)
    assert not np.allclose(first.history[:, 0], other.history[:, 0])
