"""What scikeras does for our estimators: routing, encoding and building.

Our classes cannot inherit from scikeras's, because scikit-learn's checks look at every
class of an estimator, and scikeras's fail. Instead, a delegate with the same parameters
does the work and hands over the results. It replaces three steps of scikeras:
validation (we have validated already), seeding (which would leave TensorFlow's
determinism switched on) and building (which we do once, not in every fit).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import keras
import numpy as np

from skdl._compat.scikeras import (
    HookedClassifier,
    HookedRegressor,
    Hooks,
    has_build_method,
    route_parameters,
    takes_any_keyword,
    takes_parameter,
)
from skdl.estimators.keras._blueprint import Blueprint
from skdl.estimators.keras._identity import (
    WatchedDict,
    code_identity,
    identity,
    surroundings,
)
from skdl.networks.keras import building

MAX_BLUEPRINTS = 64  # models in the cache
MAX_VARIANTS = 16  # per function and arguments, for different globals and metadata
MAX_BLUEPRINT_BYTES = 1 << 28  # memory of all weights in the cache

_ROUTED_TO_COMPILE = ("compile__", "optimizer", "loss", "metrics", "weighted_metrics")


class Delegate(Hooks):
    """scikeras's steps for one of our estimators, with the same parameters."""

    def __init__(
        self, estimator: Any, checked: dict[str, Any], seed: int | None = None
    ) -> None:
        self._estimator = estimator
        vars(self).update(estimator.get_params(deep=False), **checked)
        self.random_state = seed
        self.set_build_inputs(estimator, estimator._extra)

    @property
    def target_encoder(self) -> Any:
        """The target encoder of our estimator, which subclasses may override."""
        return self._estimator.target_encoder

    @property
    def feature_encoder(self) -> Any:
        """The feature encoder of our estimator, which subclasses may override."""
        return self._estimator.feature_encoder

    def check_data(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return X and y as they are: our estimator has checked them."""
        self._first_row = X[:1]
        return X, y

    def make_model(self) -> Blueprint:
        """Return the description of a model, which may come from the cache."""
        # A build method may read attributes that fitting has set so far.
        vars(self._estimator).update(self.found())
        return _cache.blueprint(self, self.random_state)

    def metadata(self) -> dict[str, Any]:
        """Return the `meta` of the model-building function."""
        return self._meta

    def build(self, meta: WatchedDict, seed: int | None) -> Blueprint:
        """Build the model and describe it."""
        self._meta = meta
        with building(seed):
            model = self.call_build_function()
            if isinstance(model, keras.Sequential) and not model.built:
                # Keras would build its layers when it first sees data.
                rows = vars(self)["feature_encoder_"].transform(self._first_row)
                model.build((None, *rows.shape[1:]))
                meta.asked.add("n_features_in_" if rows.ndim == 2 else "X_shape_")
            return Blueprint.of(model)

    def found(self) -> dict[str, Any]:
        """Return the attributes that fitting has set so far."""
        return {
            name: value
            for name, value in vars(self).items()
            if name.endswith("_") and not name.startswith("_") and name != "model_"
        }

    def arguments_for(self, method: str) -> dict[str, Any]:
        """Return the arguments of `keras.Model.fit` or `predict`."""
        parameters = self._estimator.get_params(deep=False)
        names = self.names_of_arguments(method)
        routed = route_parameters(parameters, method, names)
        return {k: v for k, v in routed.items() if not k.startswith("callbacks")}


class ClassifierDelegate(Delegate, HookedClassifier):
    """scikeras's steps for `KerasClassifier`."""


class RegressorDelegate(Delegate, HookedRegressor):
    """scikeras's steps for `KerasRegressor`."""


class CachedBuild(NamedTuple):
    """A model, and what its function read apart from its arguments."""

    meta: dict[str, Hashable]
    around: dict[str, Hashable]
    blueprint: Blueprint


@dataclass
class _BuildCache:
    """Models by function, arguments and seed; the least recently used goes first."""

    entries: OrderedDict[Hashable, list[CachedBuild]] = field(
        default_factory=OrderedDict
    )
    lock: Any = field(default_factory=threading.RLock)

    def blueprint(self, delegate: Any, seed: int | None) -> Blueprint:
        """Return a model from the cache, or build it."""
        meta = WatchedDict(delegate.found())
        given = delegate.build_fn if delegate.model is None else delegate.model
        if isinstance(given, keras.Model):
            return delegate.build(meta, seed).copied()
        if seed is None:  # every fit has a new model
            return delegate.build(meta, None)
        with self.lock:  # threads that need the same model share it
            return self._cached_or_built(delegate, meta, seed)

    def _cached_or_built(
        self, delegate: Any, meta: WatchedDict, seed: int
    ) -> Blueprint:
        function = delegate.build_function()
        key = (seed, code_identity(function), _arguments(delegate, function))
        around = surroundings(function)
        for cached in self.entries.get(key, ()):
            now = {name: identity(dict.get(meta, name)) for name in cached.meta}
            if now == cached.meta and cached.around.items() <= around.items():
                self.entries.move_to_end(key)
                return cached.blueprint
        blueprint = delegate.build(meta, seed)
        if blueprint.live is None:
            after = surroundings(function)
            # What the function itself changed is not an input of the build.
            read = {name: v for name, v in around.items() if after.get(name) == v}
            found = delegate.found()  # the function may have modified `meta`
            asked = {name: identity(found.get(name)) for name in meta.asked}
            self._keep(key, CachedBuild(asked, read, blueprint))
        return blueprint

    def _keep(self, key: Hashable, build: CachedBuild) -> None:
        kept = self.entries.setdefault(key, [])
        kept.append(build)
        del kept[:-MAX_VARIANTS]
        self.entries.move_to_end(key)
        while len(self.entries) > 1 and (
            len(self.entries) > MAX_BLUEPRINTS or self._bytes() > MAX_BLUEPRINT_BYTES
        ):
            self.entries.popitem(last=False)

    def _bytes(self) -> int:
        weights = [
            build.blueprint.weights for kept in self.entries.values() for build in kept
        ]
        return sum(a.nbytes for w in weights for a in (*w.trainable, *w.frozen))


_cache = _BuildCache()


def _arguments(delegate: Any, function: Any) -> Hashable:
    """Return the identity of all arguments of a build function but `meta`."""
    parameters = delegate._estimator.get_params(deep=False)
    arguments = route_parameters(
        parameters, "model", delegate._estimator._extra, strict=True
    )
    takes_all = takes_any_keyword(function)
    if takes_all or takes_parameter(function, "compile_kwargs"):
        arguments |= {
            name: value
            for name, value in parameters.items()
            if name.startswith(_ROUTED_TO_COMPILE) or name == "run_eagerly"
        }
    is_method = has_build_method(delegate)
    if takes_all or is_method or takes_parameter(function, "params"):
        arguments |= parameters
    if is_method:  # it may read any attribute
        arguments |= {
            name: value
            for name, value in delegate.found().items()
            if not name.endswith("_encoder_")
        }
    return identity(dict(sorted(arguments.items())))


def seed_of(random_state: Any) -> int | None:
    """Return the seed that a random state stands for."""
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(0, 2**32, dtype=np.uint32))
    return None if random_state is None else int(random_state)
