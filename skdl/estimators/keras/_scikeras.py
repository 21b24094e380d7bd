"""scikeras at work, behind our estimators: routing, encoding and building.

Its classes cannot be parents of ours: scikit-learn looks at every class of an
estimator, and theirs fail. So a delegate with the same parameters does what scikeras
is good at, and hands over what it made. What is overridden here is what scikeras does
wrong today: its validation (ours has been there before), its seeding (which leaves
TensorFlow's determinism switched on) and its building (which is done anew for every
fit).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import keras
import numpy as np
from scikeras import wrappers as scikeras
from scikeras._utils import accepts_kwargs, has_param, route_params

from skdl.estimators.keras._blueprint import Blueprint
from skdl.estimators.keras._identity import (
    WatchedDict,
    code_identity,
    identity,
    surroundings,
)
from skdl.networks.keras import building

MAX_BLUEPRINTS = 64  # built models that are remembered
MAX_VARIANTS = 16  # of one function and arguments, by what else it read
MAX_BLUEPRINT_BYTES = 1 << 28  # and the memory of their weights

_ROUTED_TO_COMPILE = ("compile__", "optimizer", "loss", "metrics", "weighted_metrics")


class Delegate:
    """Mixed in front of a scikeras class: the same parameters, our validation."""

    def __init__(
        self, estimator: Any, checked: dict[str, Any], seed: int | None = None
    ) -> None:
        self._estimator = estimator
        vars(self).update(estimator.get_params(deep=False), **checked)
        self.random_state = seed
        self._user_params = set(estimator._extra)
        if hasattr(estimator, "_keras_build_fn"):
            self._keras_build_fn = estimator._keras_build_fn

    @property
    def target_encoder(self) -> Any:
        """Our estimator's, which a user's class may override."""
        return self._estimator.target_encoder

    @property
    def feature_encoder(self) -> Any:
        """Our estimator's, which a user's class may override."""
        return self._estimator.feature_encoder

    def _validate_data(self, X: Any = None, y: Any = None, **_: Any) -> tuple:
        self._some_rows = X[:1]
        return X, y

    def _build_keras_model(self) -> Blueprint:
        self._random_state = None  # we do the seeding
        # A method that builds may read what fitting has found out so far.
        vars(self._estimator).update(self.found())
        return _builds.blueprint(self, self.random_state)

    def build(self, meta: WatchedDict, seed: int | None) -> Blueprint:
        """Call the user's function."""
        self._meta = meta
        with building(seed):
            model = super()._build_keras_model()  # type: ignore[misc]
            if isinstance(model, keras.Sequential) and not model.built:
                # Keras would do so when it first sees the rows.
                rows = vars(self)["feature_encoder_"].transform(self._some_rows)
                model.build((None, *rows.shape[1:]))
                meta.asked.add("n_features_in_" if rows.ndim == 2 else "X_shape_")
            return Blueprint.of(model)

    def _get_metadata(self) -> dict[str, Any]:
        return self._meta

    def found(self) -> dict[str, Any]:
        """Return what fitting has found out so far, by scikeras's names."""
        return {
            name: value
            for name, value in vars(self).items()
            if name.endswith("_") and not name.startswith("_") and name != "model_"
        }

    def compile_arguments(self) -> dict[str, Any]:
        """Return the arguments of `keras.Model.compile` that the parameters ask for."""
        return self._get_compile_kwargs()  # type: ignore[attr-defined]

    def routed(self, destination: str) -> dict[str, Any]:
        """Return the parameters for one of Keras's methods."""
        passed = getattr(self, f"_{destination}_kwargs")
        routed = route_params(
            self._estimator.get_params(deep=False), destination, passed
        )
        return {k: v for k, v in routed.items() if not k.startswith("callbacks")}


class ClassifierDelegate(Delegate, scikeras.KerasClassifier):
    """scikeras's classifier with our parameters."""


class RegressorDelegate(Delegate, scikeras.KerasRegressor):
    """scikeras's regressor with our parameters."""


class Known(NamedTuple):
    """A model that was built, and what its function read beside its arguments."""

    meta: dict[str, Hashable]
    around: dict[str, Hashable]
    blueprint: Blueprint


@dataclass
class _Builds:
    """Blueprints by what they were built from; the least recently used goes first."""

    entries: OrderedDict[Hashable, list[Known]] = field(default_factory=OrderedDict)
    lock: Any = field(default_factory=threading.RLock)

    def blueprint(self, delegate: Any, seed: int | None) -> Blueprint:
        """The blueprint of a model, which is built if need be."""
        meta = WatchedDict(delegate.found())
        given = delegate.build_fn if delegate.model is None else delegate.model
        if isinstance(given, keras.Model):
            return delegate.build(meta, seed).copied()
        if seed is None:  # each fit has another model
            return delegate.build(meta, None)
        with self.lock:  # two threads that want one model share it
            return self._known_or_built(delegate, meta, seed)

    def _known_or_built(self, delegate: Any, meta: WatchedDict, seed: int) -> Blueprint:
        function = delegate._check_model_param()
        key = (seed, code_identity(function), _arguments(delegate, function))
        around = surroundings(function)
        for known in self.entries.get(key, ()):
            now = {name: identity(dict.get(meta, name)) for name in known.meta}
            if now == known.meta and known.around.items() <= around.items():
                self.entries.move_to_end(key)
                return known.blueprint
        blueprint = delegate.build(meta, seed)
        if blueprint.live is None:
            after = surroundings(function)
            # What the function itself changed is not what it was built from.
            read = {name: v for name, v in around.items() if after.get(name) == v}
            found = delegate.found()  # the function may have changed `meta`
            asked = {name: identity(found.get(name)) for name in meta.asked}
            self._keep(key, Known(asked, read, blueprint))
        return blueprint

    def _keep(self, key: Hashable, known: Known) -> None:
        kept = self.entries.setdefault(key, [])
        kept.append(known)
        del kept[:-MAX_VARIANTS]
        self.entries.move_to_end(key)
        while len(self.entries) > 1 and (
            len(self.entries) > MAX_BLUEPRINTS or self._bytes() > MAX_BLUEPRINT_BYTES
        ):
            self.entries.popitem(last=False)

    def _bytes(self) -> int:
        weights = [
            known.blueprint.weights for kept in self.entries.values() for known in kept
        ]
        return sum(a.nbytes for w in weights for a in (*w.trainable, *w.frozen))


_builds = _Builds()


def _arguments(delegate: Any, function: Any) -> Hashable:
    """The identity of all that a build function is passed but `meta`."""
    parameters = delegate._estimator.get_params(deep=False)
    passed = route_params(
        parameters, "model", pass_filter=delegate._user_params, strict=True
    )
    takes_all = accepts_kwargs(function)
    if takes_all or has_param(function, "compile_kwargs"):
        passed |= {
            name: value
            for name, value in parameters.items()
            if name.startswith(_ROUTED_TO_COMPILE) or name == "run_eagerly"
        }
    is_method = hasattr(delegate, "_keras_build_fn")
    if takes_all or is_method or has_param(function, "params"):
        passed |= parameters
    if is_method:  # it reads attributes at will
        passed |= {
            name: value
            for name, value in delegate.found().items()
            if not name.endswith("_encoder_")
        }
    return identity(dict(sorted(passed.items())))


def seed_of(random_state: Any) -> int | None:
    """Return the seed that a random state stands for."""
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(0, 2**32, dtype=np.uint32))
    return None if random_state is None else int(random_state)
