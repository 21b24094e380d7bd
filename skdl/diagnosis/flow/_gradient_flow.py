"""`gradient_flow`: train a network and record what happens in its layers."""

from __future__ import annotations

import html
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from skdl._models import networks, parameter_prefix
from skdl._progress import Progress
from skdl.diagnosis._finding import FindingsRecord, unanswered_html
from skdl.diagnosis._networks import network_of
from skdl.diagnosis.flow._evidence import Flow
from skdl.diagnosis.flow._rules import apply_rules
from skdl.exceptions import DivergenceWarning, ParameterError

if TYPE_CHECKING:
    from skdl.training import Recording


FIRST_STEP, END = "first step", "end"

NUMBERS = (
    "gradient_norm",
    "update_ratio",
    "activation_mean",
    "activation_std",
    "dead_share",
    "saturated_share",
)


@dataclass(frozen=True, eq=False, repr=False)  # tables are not equal or unequal
class GradientFlow(FindingsRecord):
    """What happened in each layer of a network during training, and what it means.

    Parameters
    ----------
    findings : tuple of Finding
        The findings. Act on the first one first.
    unanswered : tuple of str
        Questions left open, and what would be needed to answer them.
    layers : DataFrame
        One row per moment and layer: "moment" ("first step", "epoch 1" and so on, with
        means over the steps of the epoch, and "end"), "epoch" (0 for the first step,
        the last epoch for the end), "layer", "n_units", "activation", and the numbers
        described in `gradient_flow`. A number is nan if it does not apply to the layer
        or was not measured at that moment.
    status : str
        How training ended, in words.
    source : str
        The kind of network that was trained, such as "MLPClassifier".
    estimator : estimator
        The fitted clone of the given estimator.
    """

    layers: pd.DataFrame
    status: str
    source: str
    estimator: Any

    @property
    def n_epochs(self) -> int:
        """Number of recorded epochs."""
        return int(self.layers["epoch"].max())

    def at(self, moment: str) -> pd.DataFrame:
        """Return the layers at one moment.

        Parameters
        ----------
        moment : str
            "first step", "epoch 1" and so on, or "end".

        Returns
        -------
        frame : DataFrame
            One row per layer, from the first to the outputs, without "moment" and
            "epoch".
        """
        rows = self.layers[self.layers["moment"] == moment]
        return rows.drop(columns=["moment", "epoch"]).reset_index(drop=True)

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers of the layers as a table.

        Returns
        -------
        frame : DataFrame
            `layers`.
        """
        return self.layers.copy()

    def findings_frame(self) -> pd.DataFrame:
        """Return the findings as a table.

        Returns
        -------
        frame : DataFrame
            Columns "code", "severity", "verdict", "evidence", "meaning", "advice" and
            "suggestion", one row per finding, in order.
        """
        return super().to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the estimator as plain Python values, for JSON.

        Returns
        -------
        values : dict
            The fields by name. "record" is the name of the class.
        """
        values = super().to_dict()
        del values["estimator"]
        return values

    def _repr_html_(self) -> str:
        findings = self.findings_frame().drop(columns="code")
        return "".join(
            [
                f"<p>{html.escape(str(self))}</p>",
                findings.to_html(index=False, escape=True),
                unanswered_html(self.unanswered),
                f"<p>Layers at the end ({html.escape(self.status)}):</p>",
                self.at(END).to_html(index=False, escape=True, na_rep=""),
            ]
        )


def _only_network(estimator: Any) -> Any:
    """The network at the end of an estimator, which must be its only one."""
    network = network_of(estimator, function="gradient_flow")
    found = networks(estimator)
    if len(found) > 1:
        names = sorted(prefix.removesuffix("__") for prefix in found)
        raise ParameterError(
            "The 'estimator' parameter of gradient_flow must contain exactly one "
            f"network. Got several: {names}. Pass the Pipeline without the others."
        )
    return network


def _table(recording: Recording) -> pd.DataFrame:
    """One row per moment and layer."""
    layers = recording.layers
    n_epochs = len(recording.epochs)
    moments = [(FIRST_STEP, 0, recording.first_step)]
    moments += [(f"epoch {i}", i, at) for i, at in enumerate(recording.epochs, start=1)]
    moments.append((END, n_epochs, recording.end))
    parts = [
        pd.DataFrame(
            {
                "moment": moment,
                "epoch": epoch,
                "layer": [layer.name for layer in layers],
                "n_units": [layer.n_units for layer in layers],
                "activation": [layer.activation or "none" for layer in layers],
                **dict(zip(NUMBERS, numbers.T, strict=True)),
            }
        )
        for moment, epoch, numbers in moments
    ]
    return pd.concat(parts, ignore_index=True)


def _flow(recording: Recording, network: Any) -> Flow:
    from skdl.training import Status

    def named(numbers: np.ndarray) -> dict[str, np.ndarray]:
        return {name: numbers[..., place] for place, name in enumerate(NUMBERS)}

    return Flow(
        first_step=named(recording.first_step),
        epochs=named(recording.epochs),
        end=named(recording.end),
        names=tuple(layer.name for layer in recording.layers),
        n_units=np.array([layer.n_units for layer in recording.layers]),
        n_steps=recording.n_steps,
        has_diverged=recording.status is Status.DIVERGED,
        parameters=network.get_params(deep=False),
    )


def _unanswered(flow: Flow) -> tuple[str, ...]:
    unanswered = []
    if not flow.n_hidden:
        unanswered.append("how gradients flow between layers: there is only one layer")
    shares = [flow.end["dead_share"], flow.end["saturated_share"]]
    if flow.n_hidden and not np.isfinite(shares).any():
        activation = flow.parameters["activation"]
        unanswered.append(
            f"whether units are dead or saturated: units of {activation!r} never stop "
            "learning (those of relu, sigmoid and tanh can)"
        )
    if not len(flow.epochs["gradient_norm"]):
        unanswered.append("how gradients developed: no step had finite numbers")
    return tuple(unanswered)


def gradient_flow(
    estimator: Any, X: Any, y: Any, *, progress: bool | None = None
) -> GradientFlow:
    """Train a network and record what happens in each of its layers.

    Parameters
    ----------
    estimator : estimator
        One of skdl's networks, or a pipeline that ends in one, fitted or not. A clone
        of it is fitted.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Training rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    progress : bool or None, default=None
        Whether to show a progress bar. None shows one in a terminal if it takes more
        than two seconds.

    Returns
    -------
    flow : GradientFlow
        The numbers of the layers, the findings, and the fitted clone.

    Raises
    ------
    ParameterError
        If the estimator does not end in one of skdl's networks, or contains several.
    ValueError
        Whatever the estimator's ``fit`` raises.

    Notes
    -----
    The clone ends up with the weights that ``fit`` would give it. The numbers of a
    layer, measured on the rows of each training step:

    - ``gradient_norm``: Euclidean norm of the gradients of kernel and bias, with
      penalties and before clipping.
    - ``update_ratio``: norm of the step's change to the kernel, divided by the norm of
      the kernel. About 0.001 is usual (Karpathy).
    - ``activation_mean``, ``activation_std``: mean of the activations (before dropout)
      over rows and units, and the root of the units' mean variance over the rows. In a
      convolution, each pixel of a map counts as a value.
    - ``dead_share``: the share of ReLU units that are 0 for all rows.
    - ``saturated_share``: the share of sigmoid and tanh units whose slope, averaged
      over the rows, is below a tenth of the maximum (for tanh, beyond 0.95). Glorot and
      Bengio describe how such units stop learning.

    The numbers at the "end" are measured on all training rows that were not held out,
    at inference and with the final weights, without gradients and updates. The means of
    an epoch leave out steps with numbers that are not finite.

    Findings and their conditions:

    - ``exploding_gradients``: training diverged, or the mean norm of all gradients in
      an epoch is 100 times that of the first step, and above 10.
    - ``dying_units``: at the end 95 % of a layer's ReLU units are dead, or 30 % of all.
      If more than half of them were alive in the first step, they died during training,
      and a lower learning rate is suggested. Otherwise, if a tenth of the first layer
      was dead before any step, the features need scaling (suggested parameter: batch
      normalisation); if not, the layers are too narrow for so deep a network (ELU).
    - ``vanishing_gradients``: in the last epoch a layer's norm is below a thousandth of
      another's, and no layer is dead. If they had not vanished in the first step, and
      that step changed the weights by a tenth of their norm or more, the learning rate
      is the cause and a lower one is suggested; exploding gradients or dying units then
      take the place of this finding. After an explosion, gradients count as vanishing
      only if they did so in the first step.
    - ``saturated_units``: at the end half of a layer's units are saturated.
    - ``small_updates``: in every layer, the lengths of all steps together add up to
      less than a hundredth of the norm of the weights, and no layer is dead.
    - ``healthy_flow``: none of these.

    At a suggested learning rate, the ``update_ratio`` of the first step is at most 0.01
    (or about 0.001, if the steps were too small).

    Initial weights, the order of rows and dropout depend only on the network's
    ``random_state``, as in ``fit``.

    The thresholds were set on runs on breast cancer and synthetic rows. On Titanic,
    digits and other synthetic rows, with other seeds and widths, nine networks for each
    of 18 conditions, all 162 verdicts were right. After the first suggestion the
    finding was gone in 90 of 90 runs with a problem, and the training loss was lower in
    89 (2026-11, ``benchmarks/gradient_flow.py``). These conditions are far from the
    thresholds; closer to them, expect more errors. Fifteen tanh layers are healthy with
    skdl's default initial weights (Glorot and Bengio), which were designed for them,
    and lose their gradients with ``kernel_initializer="random_normal"``.

    References
    ----------
    Glorot and Bengio (2010), "Understanding the Difficulty of Training Deep Feedforward
    Neural Networks". Pascanu, Mikolov and Bengio (2013), "On the Difficulty of Training
    Recurrent Neural Networks". Lu, Shin, Su and Karniadakis (2020), "Dying ReLU and
    Initialization: Theory and Numerical Examples". Karpathy, "CS231n: Convolutional
    Neural Networks for Visual Recognition", lecture notes.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from skdl import MLPClassifier
    >>> from skdl.diagnosis import gradient_flow
    >>> X, y = make_moons(n_samples=100, noise=0.1, random_state=0)
    >>> network = MLPClassifier((8, 8), epochs=3, learning_rate=0.01, random_state=0)
    >>> print(gradient_flow(network, X, y))
    GradientFlow: healthy_flow (note): gradients reach all layers, and the units are ...
    """
    network = _only_network(estimator)
    from skdl.training import probed

    fitted = clone(estimator)
    n_epochs = int(network.epochs) if str(network.epochs).isdigit() else 0
    with (
        Progress("gradient flow", n_epochs, shown=progress) as bar,
        probed(on_epoch=bar.advance) as request,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", DivergenceWarning)  # the findings report it
        fitted.fit(X, y)
    recording: Any = request.recording  # not None: the network was trained here
    flow = _flow(recording, network)
    return GradientFlow(
        findings=apply_rules(flow, prefix=parameter_prefix(estimator)),
        unanswered=_unanswered(flow),
        layers=_table(recording),
        status=recording.status.value,
        source=type(network).__name__,
        estimator=fitted,
    )
