"""Handwritten digits as in the course notes: baselines, experiments, a test, a search.

    python examples/mnist_workflow.py --data FOLDER

FOLDER has mnist_train.npz and mnist_test.npz, with arrays x (images) and y (digits).
First the nearest class mean; then one network after the other, each judged on
validation images that it has not seen, beside what the notes found; then the best of
them on the test images, once; last the lesson's final project, a random search of
networks with one hidden layer, all candidates and folds trained together. The learning
curves are drawn to mnist_workflow.svg.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import loguniform, uniform
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RandomizedSearchCV

import skdl
from skdl import ConvClassifier, MLPClassifier, NearestMeanClassifier
from skdl.plots import learning_curve

VALIDATION_SHARE = 0.2  # of an experiment's images, the last ones
DENSE = {"hidden_layer_sizes": (512, 64), "optimizer": "rmsprop", "batch_size": 128}
CONVOLUTIONAL = {
    "filters": (32, 64),
    "hidden_layer_sizes": (128,),
    "dropout": 0.25,
    "batch_size": 128,
}

# What is tried: name, images, network, validation accuracy in the notes.
EXPERIMENTS = (
    ("512-64 ReLU, RMSprop", 10_000, MLPClassifier(**DENSE), 0.943),
    ("more images", 30_000, MLPClassifier(**DENSE), 0.958),
    ("batches of 256", 30_000, MLPClassifier(**DENSE | {"batch_size": 256}), 0.961),
    (
        "+ L2 0.001",
        30_000,
        MLPClassifier(**DENSE | {"batch_size": 256, "l2": 1e-3}),
        None,
    ),
    (
        "Adam 0.001",
        30_000,
        MLPClassifier(**DENSE | {"batch_size": 256, "optimizer": "adam"}),
        0.97,
    ),
    (
        "convolutions 3 x 3",
        30_000,
        ConvClassifier(kernel_size=3, **CONVOLUTIONAL),
        None,
    ),
    (
        "convolutions 5 x 5",
        30_000,
        ConvClassifier(kernel_size=5, **CONVOLUTIONAL),
        None,
    ),
)
SEARCH_SPACE = {
    "hidden_layer_sizes": [(64,), (128,), (256,)],
    "learning_rate": loguniform(1e-4, 1e-2),
    "dropout": uniform(0, 0.5),
    "l2": loguniform(1e-6, 1e-3),
}


def read_digits(folder, part):
    """Read images as floats from 0 to 1, and what they show."""
    with np.load(folder / f"mnist_{part}.npz") as digits:
        return (digits["x"] / 255).astype("float32"), digits["y"].astype("int64")


def rows_for(network, images):
    """Flat rows for a dense network, images for a convolutional one."""
    return (
        images
        if isinstance(network, ConvClassifier)
        else images.reshape(len(images), -1)
    )


def baselines(X, y, X_test, y_test):
    """Accuracy of the nearest class mean and of simple models."""
    models = {
        "nearest class mean, RMSE": NearestMeanClassifier("rmse"),
        "nearest class mean, MAE": NearestMeanClassifier("mae"),
        "most frequent digit": DummyClassifier(),
    }
    accuracy = {
        name: model.fit(X, y).score(X_test, y_test) for name, model in models.items()
    }
    linear = LogisticRegression(max_iter=50, tol=0.001).fit(X[:10_000], y[:10_000])
    accuracy["logistic regression"] = linear.score(X_test, y_test)
    notes = {"nearest class mean, RMSE": 0.81, "nearest class mean, MAE": 0.65}
    return pd.DataFrame({"accuracy": accuracy, "in the notes": notes})


def run_experiments(images, y, *, n_images, epochs, seed):
    """Train each network and judge it on its validation images."""
    rows, fitted = [], {}
    for name, wanted, network, noted in EXPERIMENTS:
        n_rows = min(wanted, n_images)
        first = int(n_rows * (1 - VALIDATION_SHARE))
        X = rows_for(network, images)
        network.set_params(epochs=epochs, random_state=seed)
        if isinstance(network, ConvClassifier):
            network.set_params(epochs=max(1, epochs // 2))  # ten times the arithmetic
        started = time.perf_counter()
        network.fit(X[:first], y[:first], X_val=X[first:n_rows], y_val=y[first:n_rows])
        seconds = time.perf_counter() - started
        accuracy = network.history_["val_accuracy"]
        rows.append(
            {
                "experiment": name,
                "images": n_rows,
                "validation accuracy": accuracy.iloc[-1],
                "best epoch": accuracy.max(),
                "in the notes": noted,
                "seconds": seconds,
            }
        )
        fitted[name] = network
        print(f"  {name}: {accuracy.iloc[-1]:.4f} in {seconds:.0f} s", flush=True)
    return pd.DataFrame(rows).set_index("experiment"), fitted


def draw(fitted, path):
    """Draw the accuracy of each experiment over its epochs."""
    figure, axes = plt.subplots(
        2, 4, figsize=(14, 6), sharey=True, layout="constrained"
    )
    for ax, (name, network) in zip(axes.flat, fitted.items(), strict=False):
        learning_curve(network.history_, quantity="accuracy", ax=ax)
        ax.set_title(name)
    for ax in axes.flat[len(fitted) :]:
        ax.remove()
    figure.savefig(path)
    plt.close(figure)


def search(X, y, *, n_iter, epochs, seed):
    """Search networks with one hidden layer; all fits train together."""
    network = MLPClassifier(
        (128,), optimizer="adam", batch_size=128, epochs=epochs, random_state=seed
    )
    searched = RandomizedSearchCV(
        network, SEARCH_SPACE, n_iter=n_iter, cv=3, random_state=seed
    )
    with skdl.fuse():
        return searched.fit(X, y)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the digits")
    parser.add_argument("--images", type=int, default=30_000, help="most to train on")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--n-iter", type=int, default=12, help="candidates to try")
    parser.add_argument("--output", type=Path, default=Path("mnist_workflow.svg"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    for part in ("train", "test"):
        if not (options.data / f"mnist_{part}.npz").is_file():
            parser.error(f"'{options.data}' has no mnist_{part}.npz")
    return options


def main(arguments=None):
    options = parse_arguments(arguments)
    images, y = read_digits(options.data, "train")
    test_images, y_test = read_digits(options.data, "test")
    flat, flat_test = (part.reshape(len(part), -1) for part in (images, test_images))

    print("Baselines, on the test images:")
    table = baselines(flat, y, flat_test, y_test)
    print(table.to_string(float_format="%.4f", na_rep=""))

    print("\nExperiments, on validation images:")
    table, fitted = run_experiments(
        images, y, n_images=options.images, epochs=options.epochs, seed=options.seed
    )
    print(table.to_string(float_format="%.4f", na_rep=""))
    draw(fitted, options.output)
    print(f"The learning curves: {options.output}")

    best = table["validation accuracy"].idxmax()
    score = fitted[best].score(rows_for(fitted[best], test_images), y_test)
    print(f"\nThe best of them, {best}, on the test images: {score:.4f}")

    n_rows = min(10_000, options.images)
    started = time.perf_counter()
    found = search(
        flat[:n_rows],
        y[:n_rows],
        n_iter=options.n_iter,
        epochs=max(1, options.epochs // 2),
        seed=options.seed,
    )
    print(
        f"\nRandom search on {n_rows} images: {options.n_iter} candidates x 3 folds in "
        f"{time.perf_counter() - started:.0f} s.\n"
        f"Best: {found.best_params_}\n"
        f"Cross-validated accuracy {found.best_score_:.4f}, on the test images "
        f"{found.score(flat_test, y_test):.4f}"
    )


if __name__ == "__main__":
    main()
