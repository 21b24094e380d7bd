"""The benchmark's network in PyTorch, importable by skorch's worker processes."""

from __future__ import annotations

from typing import Any

import torch


class Network(torch.nn.Module):
    """Dense layers, each with batch norm if asked for, ReLU and dropout."""

    def __init__(
        self,
        sizes: tuple[int, ...],
        n_inputs: int,
        n_outputs: int,
        has_batch_norm: bool,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        layers: list[Any] = []
        for size in sizes:
            layers.append(torch.nn.Linear(n_inputs, size))
            if has_batch_norm:
                layers.append(torch.nn.BatchNorm1d(size))
            layers += [torch.nn.ReLU(), torch.nn.Dropout(dropout)]
            n_inputs = size
        layers.append(torch.nn.Linear(n_inputs, n_outputs))
        self.layers = torch.nn.Sequential(*layers)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return logits or quantities."""
        return self.layers(X)
