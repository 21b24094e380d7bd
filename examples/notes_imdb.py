"""Film reviews as in the course notes: four optimizers, then 15 layers of 4 units.

    python examples/notes_imdb.py imdb_seq10k.npz

A review is a row of 10,000 zeros and ones, one per word it may contain: 25,000 rows
that are never dense as a whole. Batches of 512, 40 % of the rows for validation. First
one hidden layer of 4 units with SGD, Adagrad, RMSprop and Adam; then 15 hidden layers
of 4 units, plain, with L2 and with dropout: what flows through them, what the verdict
is, and which remedy makes them learn.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import clone

from skdl import MLPClassifier
from skdl.diagnosis import compare_optimizers, gradient_flow

N_WORDS = 10_000
VALIDATION_SHARE = 0.4
EPOCHS = 4
BATCHES = {"batch_size": 512, "epochs": EPOCHS}
# Keras's rate, which the notes leave as it is, and one that suits these rows.
RATES = {
    "sgd": (0.01, 0.3),
    "adagrad": (0.001, 0.1),
    "rmsprop": (0.001, 0.01),
    "adam": (0.001, 0.01),
}
DEEP = (4,) * 15
REGULARISED = {"plain": {}, "L2 0.001": {"l2": 0.001}, "dropout 0.2": {"dropout": 0.2}}
REMEDIES = {"residual": {"residual": True}, "tanh": {"activation": "tanh"}}


def read_reviews(path, seed):
    """Read the words of each review -> CSR matrix of zeros and ones, labels."""
    with np.load(path) as file:
        words, ends, y = (file[f"{part}_train"] for part in ("tokens", "offsets", "y"))
    ones = np.ones(len(words), dtype="float32")
    X = sparse.csr_matrix((ones, words.astype("int32"), ends), (len(y), N_WORDS))
    X.sum_duplicates()
    X.data[:] = 1  # whether a word is there, not how often
    order = np.random.RandomState(seed).permutation(len(y))  # the file is sorted by y
    return X[order], y[order]


def split(X, y):
    """Hold the last rows out -> rows to train on, rows to validate on."""
    first = round(len(y) * (1 - VALIDATION_SHARE))
    return (X[:first], y[:first]), (X[first:], y[first:])


def run_optimizers(train, validation, *, n_repeats, seed):
    """Compare the optimizers -> the comparison, table with Keras's rates beside."""
    X_val, y_val = validation
    comparison = compare_optimizers(
        MLPClassifier((4,), **BATCHES),
        *train,
        tuple(RATES),
        rates=RATES,
        n_repeats=n_repeats,
        X_val=X_val,
        y_val=y_val,
        random_state=seed,
    )
    table = comparison.to_frame().set_index("optimizer")
    at_keras_rate = {run.name: run.rate_losses[0] for run in comparison.runs}
    columns = ["learning_rate", "best_val_loss", "epochs_to_best", "seconds"]
    table = table[columns]
    table.insert(0, "val_loss at Keras's rate", pd.Series(at_keras_rate))
    return comparison, table


def run_deep(network, variants, train, validation):
    """Train each variant and look at its layers -> table, the flows by name."""
    rows, flows = [], {}
    for name, parameters in variants.items():
        started = time.perf_counter()
        flow = gradient_flow(clone(network).set_params(**parameters), *train)
        first, end = flow.at("first step"), flow.at("end")
        hidden = slice(None, len(DEEP))
        rows.append(
            {
                "network": name,
                "validation accuracy": flow.estimator.score(*validation),
                "loss": flow.estimator.loss_,
                "gradient, first layer": first["gradient_norm"].iloc[0],
                "last layer": first["gradient_norm"].iloc[-1],
                "dead units": end["dead_share"][hidden].mean(),
                "verdict": flow.findings[0].code,
                "seconds": time.perf_counter() - started,
            }
        )
        flows[name] = flow
        print(f"  {name}: {flow.findings[0]}", flush=True)
    return pd.DataFrame(rows).set_index("network"), flows


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="imdb_seq10k.npz")
    parser.add_argument("--rows", type=int, default=25_000, help="most reviews to use")
    parser.add_argument("--repeats", type=int, default=2, help="seeds per optimizer")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse_arguments(arguments)
    started = time.perf_counter()
    X, y = read_reviews(options.data, options.seed)
    train, validation = split(X[: options.rows], y[: options.rows])
    megabytes = (X.data.nbytes + X.indices.nbytes) / 2**20
    print(
        f"{X.shape[0]:,} x {X.shape[1]:,} in {megabytes:.0f} MB; dense it would be "
        f"{4 * X.shape[0] * X.shape[1] / 2**20:.0f} MB. {len(train[1]):,} rows to "
        f"train on.\n\nOne hidden layer of 4 units, {EPOCHS} epochs:",
        flush=True,
    )

    comparison, table = run_optimizers(
        train, validation, n_repeats=options.repeats, seed=options.seed
    )
    print(table.to_string(float_format="%.4g"))
    print(comparison)
    print(
        "The notes compare the four at Keras's rates, where RMSprop and Adam are far "
        "ahead. That\nis a comparison of rates: at one of its own each does better, "
        "SGD and Adagrad the most."
    )

    print("\n15 hidden layers of 4 units:", flush=True)
    plain = MLPClassifier(
        DEEP, optimizer="rmsprop", random_state=options.seed, **BATCHES
    )
    table, flows = run_deep(plain, REGULARISED, train, validation)
    finding = flows["plain"].findings[0]
    print(f"  {finding.meaning}\n  {finding.advice}")
    advised = {"as advised": dict(finding.suggestion)}
    remedied, _ = run_deep(plain, advised | REMEDIES, train, validation)
    best = remedied["validation accuracy"].idxmax()
    learning = clone(plain).set_params(**(advised | REMEDIES)[best])
    variants = {f"{best}, {name}": REGULARISED[name] for name in list(REGULARISED)[1:]}
    regularised, _ = run_deep(learning, variants, train, validation)
    table = pd.concat([table, remedied, regularised])
    print(table.to_string(float_format="%.3g"))
    print(
        "The notes regularise such a network with L2 and with dropout. Here there is "
        "nothing to\nregularise until it learns: 15 layers of 4 ReLU units pass on "
        "next to nothing, or a whole\nlayer is dead from the start, and neither L2 nor "
        f"dropout changes that. With what is advised,\n{finding.suggestion}, the "
        f"accuracy is {remedied['validation accuracy'].iloc[0]:.3f}; what learns most "
        f"is '{best}'.\n{time.perf_counter() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
