"""Jobs on small data, and the Keras fit that each must equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from skdl.data import Samples, row_keys
from skdl.networks import HEADS, MLPArchitecture, Regularization
from skdl.training import (
    Job,
    NetworkWeights,
    OptimizerSpec,
    Outcome,
    Rates,
    Signature,
    StoppingRule,
    train,
)
from skdl.training._bank.sizing import StepCost
from skdl.training._train import train_banks as train_in_banks

N_SAMPLES, N_FEATURES, BATCH_SIZE = 70, 4, 16  # a last batch of 6 rows


@pytest.fixture(scope="session")
def make_job() -> Callable[..., Job]:
    """A binary classification job whose last batch is not full."""

    def make(
        *,
        optimizer: OptimizerSpec | None = None,
        rates: Rates | None = None,
        weights: np.ndarray | None = None,
        n_validation: int = 0,
        patience: int | None = None,
        schedule: str = "constant",
        loss: str = "binary_crossentropy",
        batch_size: int = BATCH_SIZE,
        shuffle: bool = False,
        epochs: int = 5,
        regularization: Regularization | None = None,
        **architecture: object,
    ) -> Job:
        numbers = regularization or Regularization(batch_norm_momentum=0.9)
        random = np.random.default_rng(0)
        X = random.normal(size=(N_SAMPLES, N_FEATURES))
        y = (X[:, :1] + 0.5 * random.normal(size=(N_SAMPLES, 1)) > 0).astype(float)
        described = MLPArchitecture(
            **{
                "n_features": N_FEATURES,
                "hidden_layer_sizes": (6, 6),
                "n_outputs": 1,
                "activation": "tanh",
                "batch_norm": None,
                "residual": False,
                "has_dropout": numbers.dropout > 0,
                "has_input_noise": numbers.input_noise > 0,
                "has_penalty": numbers.l1 > 0 or numbers.l2 > 0,
                "dtype": "float64",
                **architecture,
            }
        )
        if weights is None:
            weights = np.ones(N_SAMPLES)
        samples = Samples(X, y, weights, row_keys(X))
        rows = np.arange(N_SAMPLES)
        n_train = N_SAMPLES - n_validation
        return Job(
            signature=Signature(
                architecture=described,
                loss=loss,
                optimizer=optimizer or OptimizerSpec("sgd"),
                schedule=schedule,
                batch_size=batch_size,
                is_sparse=False,
                keeps_best=patience is not None,
            ),
            rates=rates or Rates(0.05),
            regularization=numbers,
            weights=NetworkWeights(
                *described.initial_weights(np.random.default_rng(1))
            ),
            train=samples.take(rows[:n_train]),
            validation=samples.take(rows[n_train:]) if n_validation else None,
            epochs=epochs,
            seed=7,
            stopping=StoppingRule(patience) if patience is not None else None,
            shuffle=shuffle,
        )

    return make


@pytest.fixture(scope="session")
def keras_fit() -> Callable[..., tuple[keras.Model, dict]]:
    """`keras.Model.fit` of a job: plain model, same weights, rows in order."""

    def fit(
        job: Job,
        optimizer: keras.optimizers.Optimizer,
        callbacks: tuple = (),
    ) -> tuple[keras.Model, dict]:
        architecture = job.signature.architecture
        model = architecture.build(
            job.regularization, HEADS[job.signature.loss].activation
        )
        for variables, values in (
            (model.trainable_weights, job.weights.trainable),
            (model.non_trainable_weights, job.weights.frozen),
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        losses = {
            "binary_crossentropy": keras.losses.BinaryCrossentropy,
            "squared_error": keras.losses.MeanSquaredError,
            "absolute_error": keras.losses.MeanAbsoluteError,
            "huber": keras.losses.Huber,
        }
        loss = losses[job.signature.loss](
            reduction="mean_with_sample_weight", dtype="float64"
        )
        model.compile(optimizer=optimizer, loss=loss)
        validation = job.validation
        history = model.fit(
            job.train.features,
            job.train.targets,
            sample_weight=job.train.weights,
            batch_size=job.signature.batch_size,
            epochs=job.epochs,
            shuffle=False,
            verbose=0,
            validation_data=(
                (validation.features, validation.targets, validation.weights)
                if validation
                else None
            ),
            callbacks=list(callbacks),
        )
        return model, history.history

    return fit


@pytest.fixture(scope="session")
def assert_same_weights() -> Callable[[Outcome, keras.Model], None]:
    """The engine's weights equal the Keras model's to 1e-5, relative."""

    def check(outcome: Outcome, model: keras.Model) -> None:
        ours = (*outcome.weights.trainable, *outcome.weights.frozen)
        theirs = (*model.trainable_weights, *model.non_trainable_weights)
        for our, their in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(our, their.numpy(), rtol=1e-5, atol=1e-9)

    return check


@pytest.fixture(scope="session")
def with_seed() -> Callable[[Job, int], Job]:
    """The same job with another seed."""
    return lambda job, seed: replace(job, seed=seed)


@pytest.fixture(scope="session")
def vary() -> Callable[[Job, int], Job]:
    """A job with the same signature and other numbers, weights and rows."""

    def draw(job: Job, seed: int) -> Job:
        random = np.random.default_rng(seed)
        architecture, dtype = job.signature.architecture, job.train.features.dtype
        n_train = int(random.integers(3, job.train.n_samples + 1))
        rows = random.choice(job.train.n_samples, n_train, replace=False)
        weights = random.uniform(0.2, 2.0, n_train).astype(dtype)
        validation = job.validation
        if validation is not None:
            n_validation = int(random.integers(17, validation.n_samples + 1))
            validation = validation.take(np.arange(n_validation))
        number = dict.fromkeys(Regularization.names(), 0.0)
        used = architecture
        for name, is_used, most in (
            ("l1", used.has_penalty, 0.02),
            ("l2", used.has_penalty, 0.02),
            ("dropout", used.has_dropout, 0.6),
            ("input_noise", used.has_input_noise, 0.5),
            ("label_smoothing", True, 0.2),
        ):
            if is_used and random.random() < 0.7:
                number[name] = random.uniform(0.0, most)
        number["batch_norm_momentum"] = random.uniform(0.5, 0.99)
        spec = job.signature.optimizer
        return replace(
            job,
            rates=Rates(
                learning_rate=10 ** random.uniform(-3, -0.5),
                clip_norm=random.choice([0.05, 1e6]) if spec.clips_norm else np.inf,
                clip_value=random.choice([0.01, np.inf])
                if spec.clips_value
                else np.inf,
                weight_decay=random.choice([0.0, 0.1]) if spec.decays_weights else 0.0,
                momentum=random.choice([0.0, 0.5, 0.9]) if spec.has_momentum else 0.0,
            ),
            regularization=Regularization(**number),
            weights=NetworkWeights(*architecture.initial_weights(random)),
            train=replace(job.train.take(rows), weights=weights),
            validation=validation,
            epochs=int(random.integers(1, 9)),
            seed=seed,
            stopping=(
                StoppingRule(int(random.integers(1, 4)), random.choice([0.0, 0.05]))
                if job.stopping
                else None
            ),
            shuffle=random.random() < 0.7,
            epochs_before=int(random.integers(0, 3)),
            epochs_planned=12,
        )

    return draw


@pytest.fixture(scope="session")
def train_banks() -> Callable[..., list[Outcome | BaseException]]:
    """Training as `skdl.fuse` asks for it: an error of a job is its outcome."""
    return train_in_banks


@pytest.fixture(scope="session")
def side_by_side() -> Callable[..., list[Outcome | BaseException]]:
    """`train_banks` with a fixed number of seats."""

    def run(
        jobs: list[Job], width: int = 4, **options: object
    ) -> list[Outcome | BaseException]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("skdl.training._bank.bank.WIDTHS", (width,))
            return train_in_banks(jobs, **options)

    return run


@pytest.fixture(scope="session")
def assert_same_outcome() -> Callable[..., None]:
    """Two outcomes are equal, up to rounding."""

    def check(ours: Outcome, theirs: Outcome, tolerance: float = 1e-8) -> None:
        assert isinstance(ours, Outcome), ours
        assert ours.status is theirs.status
        assert ours.best_epoch == theirs.best_epoch
        assert ours.keeps_best == theirs.keeps_best
        limits = {"rtol": tolerance, "atol": tolerance}
        np.testing.assert_allclose(ours.history, theirs.history, **limits)
        for our, their in zip(
            (*ours.weights.trainable, *ours.weights.frozen),
            (*theirs.weights.trainable, *theirs.weights.frozen),
            strict=True,
        ):
            assert our.dtype == their.dtype
            np.testing.assert_allclose(our, their, **limits)
        assert (ours.optimizer_state is None) == (theirs.optimizer_state is None)
        for our, their in zip(
            ours.optimizer_state or (), theirs.optimizer_state or (), strict=True
        ):
            np.testing.assert_allclose(our, their, **limits)

    return check


@pytest.fixture(scope="session")
def assert_as_alone(assert_same_outcome: Callable) -> Callable[..., None]:
    """Each outcome equals the one of its job alone."""

    def check(jobs: list[Job], outcomes: list, tolerance: float = 1e-8) -> None:
        assert len(jobs) == len(outcomes)
        for job, outcome in zip(jobs, outcomes, strict=True):
            (alone,) = train([job])
            assert_same_outcome(outcome, alone, tolerance)

    return check


@pytest.fixture(scope="session")
def make_bank(make_job: Callable, vary: Callable) -> Callable[..., list[Job]]:
    """Jobs with one signature and different numbers."""

    def make(n_members: int = 9, **options: object) -> list[Job]:
        everything = Regularization(l1=0.01, l2=0.01, dropout=0.3, input_noise=0.2)
        usual = {
            "hidden_layer_sizes": (5,),
            "n_validation": 22,
            "patience": 2,
            "epochs": 8,
            "regularization": everything,
        }
        job = make_job(**{**usual, **options})
        return [vary(job, seed) for seed in range(n_members)]

    return make


@pytest.fixture
def set_lanes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Fix the number of lanes and the cost of steps on every machine."""

    def fix(n_lanes, widths, epochs_per_call=64):
        # Starting a step takes as long as training one member: 16 members take 17 side
        # by side and 32 one by one.
        cost = StepCost(start=1.0, rate=16 * 31.0, n_lanes=n_lanes, cache=np.inf)
        for name, value in {
            "_bank.bank.step_cost": lambda: cost,
            "_bank.bank.WIDTHS": widths,
            "_bank.lanes.MAX_EPOCHS_PER_CALL": epochs_per_call,
            "_program.program.Program.note_time": lambda program, seconds, n_steps: 0,
        }.items():
            monkeypatch.setattr(f"skdl.training.{name}", value)

    return fix


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake GPU with 10 MB, of which 4 are in use."""
    config = tf.config
    found = [SimpleNamespace(name="/device:GPU:0")]
    monkeypatch.setattr(config, "list_logical_devices", lambda kind: found)
    limits = [SimpleNamespace(memory_limit=n) for n in (1_000_000, 10_000_000)]
    monkeypatch.setattr(
        "skdl._compat.tensorflow.device_lib.list_local_devices", lambda: limits
    )
    taken = {"current": 4_000_000, "peak": 9_000_000}
    monkeypatch.setattr(config.experimental, "get_memory_info", lambda name: taken)
