"""The learning-rate loop of the course notes, for the examples that run it.

A network of two hidden layers of 100 ReLU units is trained anew with each of three
rates, by gradient descent on batches of 32 rows, for one epoch. The notes read off the
training loss of that epoch: one rate is too slow, one right, and with one it diverges.
They trained once per rate. The loss of the first epoch depends much on the weights it
begins with, so here several networks are trained per rate, all together.
"""

import warnings

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

import skdl
from skdl import KerasClassifier, MLPClassifier
from skdl.diagnosis import learning_rate_sweep
from skdl.exceptions import DivergenceWarning

RATES = (1e-6, 0.01, 1.0)
NETWORK = MLPClassifier((100, 100), activation="relu", optimizer="sgd", batch_size=32)


def build_softmax(meta):
    """The network as the notes write it, with one output per class."""
    import keras  # here, because skdl has loaded it by now, without its messages

    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            keras.layers.Dense(100, activation="relu"),
            keras.layers.Dense(100, activation="relu"),
            keras.layers.Dense(meta["n_classes_"], activation="softmax"),
        ]
    )


def loop_of_the_notes(X, y, noted, *, n_repeats, seed=0):
    """Train the notes' own network with each rate -> table of losses."""
    network = KerasClassifier(
        build_softmax,
        loss="sparse_categorical_crossentropy",
        optimizer="sgd",
        batch_size=32,
        epochs=1,
        verbose=0,
    )

    def loss(rate, number):
        network_of_this_rate = KerasClassifier(**network.get_params()).set_params(
            optimizer__learning_rate=rate, random_state=number
        )
        return network_of_this_rate.fit(X, y).history_["loss"][0]

    with warnings.catch_warnings(), skdl.fuse():
        warnings.simplefilter("ignore", DivergenceWarning)  # the table says it
        losses = Parallel()(
            delayed(loss)(rate, number)
            for rate in RATES
            for number in range(seed, seed + n_repeats)
        )
    return _beside(np.reshape(losses, (len(RATES), n_repeats)), noted)


def loop_in_one_line(model, X, y, noted, *, n_repeats, seed=0):
    """Sweep the rates -> the sweep, and a table of its losses."""
    sweep = learning_rate_sweep(
        model, X, y, RATES, epochs=1, n_repeats=n_repeats, random_state=seed
    )
    table = _beside(sweep.losses, noted)
    is_best = sweep.rates == sweep.best_rate
    return sweep, table.assign(how=sweep.status_texts(), best=is_best)


def _beside(losses, noted):
    """Losses of shape (n_rates, n_repeats) beside the notes'; nan is above all."""
    losses = np.where(np.isnan(losses), np.inf, losses)
    return pd.DataFrame(
        {
            "in the notes": noted,
            "lowest here": losses.min(axis=1),
            "median": np.median(losses, axis=1),
            "highest": losses.max(axis=1),
        },
        index=pd.Index(RATES, name="rate"),
    )


def show(title, table):
    """Print one table of the loop."""

    def formatted(loss):
        return f"{loss:.4g}" if np.isfinite(loss) else "diverged"

    formatters = dict.fromkeys(table.columns[:4], formatted)
    print(f"\n{title}\n{table.to_string(formatters=formatters)}", flush=True)
