"""A Keras model as a pure function of its weights."""

from __future__ import annotations

from typing import Any

from keras import ops

from skdl._compat.keras import is_seed_state, pack_inputs
from skdl.networks import TrainingBatch, mix32, training_batch
from skdl.training._program.layout import WeightLayout
from skdl.training._records import Architecture


class PureNetwork:
    """A Keras model whose weights are arguments, in the layout of a program.

    States of Keras's seed generators are no weights: each step computes them from its
    seed.
    """

    def __init__(
        self, architecture: Architecture, *, is_elementwise: bool = True
    ) -> None:
        self.model = architecture.build()
        self._is_seed = [
            is_seed_state(variable) for variable in self.model.non_trainable_variables
        ]
        self.trainable = WeightLayout(
            self.model.trainable_variables, may_flatten=is_elementwise
        )
        self.frozen = WeightLayout(
            self._without_seeds(self.model.non_trainable_variables)
        )

    def __call__(
        self,
        trainable: tuple,
        frozen: tuple,
        features: Any,
        batch: TrainingBatch | None = None,
        *,
        training: bool = False,
    ) -> tuple[Any, tuple, list]:
        """Return outputs, batch statistics, and penalties for some rows."""
        # features: (batch_size, ...)
        tables = features if isinstance(features, tuple) else (features,)
        with training_batch(batch):
            outputs, new, penalties = self.model.stateless_call(
                self.trainable.unpack(trainable),
                self._with_seeds(self.frozen.unpack(frozen), batch),
                pack_inputs(self.model, tables),
                training=training,
                return_losses=True,
            )
        return outputs, self.frozen.pack(self._without_seeds(new)), penalties

    def _without_seeds(self, values: list) -> list:
        return [
            v for v, is_seed in zip(values, self._is_seed, strict=True) if not is_seed
        ]

    def _with_seeds(self, values: list, batch: TrainingBatch | None) -> list:
        """The values of all non-trainable variables, including seed generators."""
        if not any(self._is_seed):
            return values
        left, complete = iter(values), []
        for number, is_seed in enumerate(self._is_seed):
            if not is_seed:
                complete.append(next(left))
                continue
            base = ops.zeros((), "uint32") if batch is None else batch.seed
            first = mix32(
                base + ops.cast(0x9E3779B9 * (number + 1) & 0xFFFFFFFF, "uint32")
            )
            complete.append(ops.stack([first, mix32(first ^ base)]))
        return complete
