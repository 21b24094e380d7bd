"""The training loop that records what a step does to each layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from keras import ops

from skdl.training._backend import tensorflow as backend
from skdl.training._probing.layers import QUANTITIES, ProbedArchitecture
from skdl.training._probing.measures import layer_statistics, norm, unit_statistics
from skdl.training._program.program import Program, ProgramShape
from skdl.training._program.state import Sums, Tensor

N_OF_WEIGHTS = 2  # quantities that come before those of activations


class Probes(NamedTuple):
    """What is recorded during an epoch."""

    activations: Tensor  # (n_layers, n_of_activations), of the current step
    first: Tensor  # (n_layers, n_quantities), of the first step
    total: Tensor  # the same, summed over the steps with finite numbers
    n_steps: Tensor
    n_finite: Tensor


class ProbingProgram(Program):
    """The compiled training loop of a `ProgramShape` whose signature has probes.

    Its steps are those of the plain program. Its model has the same layers and more
    outputs, so the forward pass of a step also returns the hidden layers' activations.
    """

    def __init__(self, shape: ProgramShape) -> None:
        signature = shape.signature
        probed = ProbedArchitecture(signature.architecture, signature.probes)
        signature = replace(signature, architecture=probed)
        super().__init__(replace(shape, signature=signature))

    def _observe_outputs(
        self, outputs: Any, row_weights: Tensor, sums: Sums, *, training: bool
    ) -> tuple[Any, Sums]:
        own, *hidden = backend.flat(outputs)
        if not training:
            return own, sums
        nothing = [ops.zeros((), self._dtype)] * (len(QUANTITIES) - N_OF_WEIGHTS)
        left, rows = iter(hidden), []
        for layer in self._signature.probes:
            numbers = nothing
            if layer.activation:
                units = unit_statistics(next(left), row_weights > 0, layer.activation)
                numbers = layer_statistics(units)
            rows.append(ops.stack(numbers))
        return own, sums._replace(
            probes=sums.probes._replace(activations=ops.stack(rows))
        )

    def _observe_step(
        self, sums: Sums, before: tuple, gradients: list, after: tuple
    ) -> Sums:
        probes: Probes = sums.probes
        old, gradients, new = map(self.trainable.unpack, (before, gradients, after))
        rows = []
        for layer in self._signature.probes:
            kernel = layer.positions[0]
            moved = norm([new[kernel] - old[kernel]]) / norm([old[kernel]])
            rows.append(
                ops.stack([norm([gradients[i] for i in layer.positions]), moved])
            )
        values = ops.concatenate([ops.stack(rows), probes.activations], axis=1)
        is_finite = ops.all(ops.isfinite(values))
        return sums._replace(
            probes=Probes(
                activations=probes.activations,
                first=ops.where(probes.n_steps == 0, values, probes.first),
                total=probes.total
                + ops.where(is_finite, values, ops.zeros_like(values)),
                n_steps=probes.n_steps + 1.0,
                n_finite=probes.n_finite + ops.cast(is_finite, self._dtype),
            )
        )

    def _no_sums(self) -> Sums:
        n_layers = len(self._signature.probes)

        def zeros(*shape: int) -> Tensor:
            return ops.zeros((self._n_members, *shape), self._dtype)

        probes = Probes(
            activations=zeros(n_layers, len(QUANTITIES) - N_OF_WEIGHTS),
            first=zeros(n_layers, len(QUANTITIES)),
            total=zeros(n_layers, len(QUANTITIES)),
            n_steps=zeros(),
            n_finite=zeros(),
        )
        return super()._no_sums()._replace(probes=probes)

    def _recorded(self, sums: Sums) -> list[Tensor]:
        probes: Probes = sums.probes
        means = probes.total / ops.reshape(probes.n_finite, (-1, 1, 1))
        both = ops.stack([probes.first, means], axis=1)
        flat = ops.reshape(both, (self._n_members, -1))
        return ops.unstack(flat, self._signature.n_probe_values, axis=1)
