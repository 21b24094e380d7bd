"""Nested tuples of tensors that a program takes, carries through its loops and returns.

Each tensor of a `State`, `Settings` or `RowRanges` has a leading axis of members.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Tensor = Any

RUNNING, STOPPED_EARLY, DIVERGED = 0, 1, 2


class Weights(NamedTuple):
    """Weights of the network and state (slots) of the optimizer."""

    trainable: tuple
    frozen: tuple
    slots: tuple


class Best(NamedTuple):
    """The lowest monitored loss so far and, if kept, its weights."""

    trainable: tuple
    frozen: tuple
    score: Tensor
    epoch: Tensor
    wait: Tensor


class Plateau(NamedTuple):
    """The progress of the "plateau" schedule."""

    factor: Tensor
    score: Tensor
    wait: Tensor


class State(NamedTuple):
    """Everything that an epoch changes."""

    weights: Weights
    best: Best
    plateau: Plateau
    epoch: Tensor  # epochs begun
    status: Tensor  # RUNNING, STOPPED_EARLY or DIVERGED


class DeviceTable(NamedTuple):
    """Distinct sets of `Samples` on the device, one below the other, then padding."""

    features: Tensor
    targets: Tensor
    weights: Tensor
    keys: Tensor


class RowRanges(NamedTuple):
    """Which rows of the two tables belong to a member."""

    first_row: Tensor
    n_rows: Tensor
    first_val_row: Tensor
    n_val_rows: Tensor


class Settings(NamedTuple):
    """The numbers of a job, as a program takes them."""

    learning_rate: Tensor
    clip_norm: Tensor
    clip_value: Tensor
    weight_decay: Tensor
    momentum: Tensor
    regularization: tuple
    seed: Tensor
    n_epochs: Tensor  # of the whole run
    patience: Tensor
    min_delta: Tensor
    mask: tuple  # of booleans, False for padding; () if no member is padded


class Sums(NamedTuple):
    """Sums over batches, from which the means of an epoch are computed."""

    loss: Tensor  # weighted sum of the batches' losses
    weight: Tensor
    metrics: tuple  # the objective's own
    probes: Any = ()  # what a probing program adds
