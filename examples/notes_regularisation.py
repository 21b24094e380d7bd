"""Regularisation as in the course notes: polynomials by degree, and the ridge curve.

    python examples/notes_regularisation.py --output notes_regularisation.svg

A linear network (no hidden layer) on the powers of x is polynomial regression: too low
a degree underfits, too high a degree overfits. With L2 it is ridge regression: the
error on other points falls and rises again with the strength, and the coefficients
are scikit-learn's. Three panels are drawn to the file named by --output.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.polynomial import legendre
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error

import skdl
from skdl import MLPRegressor

N_POINTS = 20  # to learn from
N_OTHERS = 200  # to judge on
NOISE = 0.3  # standard deviation, so no model can have an error below its square
DEGREES = (1, 2, 3, 4, 6, 9, 12, 15)
DRAWN_DEGREES = (1, 3, 15)
HIGH_DEGREE = 15  # what the ridge curve is of
STRENGTHS = np.logspace(-5, 1, 25)
COLOURS = ("#0072b2", "#009e73", "#d55e00")

# Full-batch gradient descent with much momentum: a quadratic loss is followed to its
# minimum, where the coefficients can be compared with those of a direct solution.
LINEAR = {
    "hidden_layer_sizes": (),
    "optimizer": "sgd",
    "momentum": 0.99,
    "nesterov": True,
    "learning_rate": 0.015,
    "batch_size": "full",
    "epochs": 5000,
}


def truth(x):
    return np.sin(3 * x)


def with_noise(x, random):
    """Points of the curve, with noise -> x, y."""
    return x, truth(x) + random.normal(scale=NOISE, size=len(x))


def polynomials(x, degree):
    """Return one column per degree from 1, of about equal size.

    Legendre's polynomials span the same functions as the powers of x, and gradient
    descent finds its way among them, where x**14 and x**15 are almost one column.
    """
    scales = np.sqrt(2 * np.arange(1, degree + 1) + 1)
    return legendre.legvander(x, degree)[:, 1:] * scales


def fit_linear(x, y, degree, *, l2=0.0, seed=0):
    network = MLPRegressor(**LINEAR, l2=l2, random_state=seed)
    return network.fit(polynomials(x, degree), y)


def errors(model, degree, parts):
    """Mean squared error on the points learned from, and on others."""
    return [
        mean_squared_error(y, model.predict(polynomials(x, degree))) for x, y in parts
    ]


def by_degree(train, others, *, seed):
    """Fit a polynomial of each degree -> table of errors, the networks."""
    rows, fitted = [], {}
    for degree in DEGREES:
        network = fit_linear(*train, degree, seed=seed)
        rows.append(errors(network, degree, (train, others)))
        fitted[degree] = network
    index = pd.Index(DEGREES, name="degree")
    return pd.DataFrame(rows, index, columns=["training", "validation"]), fitted


def by_strength(train, others, *, seed):
    """Fit one degree with each L2 strength, all together, beside ridge regression.

    skdl adds l2 * sum(w ** 2) to the mean of the squared errors, Ridge adds
    alpha * sum(w ** 2) to their sum: alpha is l2 times the number of rows. That the
    network standardises y inside changes neither: both terms shrink alike.
    """
    with skdl.fuse():
        networks = Parallel()(
            delayed(fit_linear)(*train, HIGH_DEGREE, l2=l2, seed=seed)
            for l2 in STRENGTHS
        )
    rows = []
    for l2, network in zip(STRENGTHS, networks, strict=True):
        ridge = Ridge(alpha=l2 * len(train[0]))
        ridge.fit(polynomials(train[0], HIGH_DEGREE), train[1])
        kernel, bias = network.model_.get_weights()
        difference = np.abs(np.append(kernel, bias) - [*ridge.coef_, ridge.intercept_])
        rows.append([*errors(network, HIGH_DEGREE, (train, others)), difference.max()])
    columns = ["training", "validation", "largest difference to Ridge"]
    return pd.DataFrame(rows, pd.Index(STRENGTHS, name="l2"), columns=columns)


def verdict(table):
    """Say of each row whether it underfits or overfits, beside the best one."""
    best = table["validation"].idxmin()
    return best, {
        value: "best"
        if value == best
        else ("too simple" if is_simpler else "too flexible")
        for value, is_simpler in zip(
            table.index,
            table["training"] > table["training"][best],
            strict=True,
        )
    }


def draw_fits(ax, train, fitted):
    x = np.linspace(-1, 1, 400)
    ax.plot(x, truth(x), "--", color="0.5", label="truth")
    ax.plot(*train, "o", color="0.3", markersize=3.5)
    for degree, colour in zip(DRAWN_DEGREES, COLOURS, strict=True):
        curve = fitted[degree].predict(polynomials(x, degree))
        ax.plot(x, curve, color=colour, label=f"degree {degree}")
    ax.set(title="Polynomials", xlabel="x", ylabel="y", ylim=(-2.6, 2.6))
    ax.legend(fontsize=8, loc="upper left", ncols=2)


def draw_errors(ax, table, *, title, xlabel):
    for column, colour in zip(("training", "validation"), COLOURS[::2], strict=True):
        ax.plot(table.index, table[column], ".-", color=colour, label=column)
    best = table["validation"].idxmin()
    ax.axvline(best, color="0.5", linestyle=":", label=f"best: {best:.2g}")
    ax.axhline(NOISE**2, color="0.5", linewidth=0.8, label="noise alone")
    ax.set(title=title, xlabel=xlabel, ylabel="mean squared error", ylim=(0, None))
    ax.legend(fontsize=8)


def draw(path, train, fitted, degrees, strengths):
    figure, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    draw_fits(axes[0], train, fitted)
    draw_errors(axes[1], degrees, title="Error by degree", xlabel="degree")
    title = f"Error by L2, degree {HIGH_DEGREE}"
    draw_errors(axes[2], strengths, title=title, xlabel="L2 strength")
    axes[2].set_xscale("log")
    figure.savefig(path)
    plt.close(figure)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("notes_regularisation.svg"))
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse_arguments(arguments)
    random = np.random.RandomState(options.seed)
    train = with_noise(np.linspace(-1, 1, N_POINTS), random)
    others = with_noise(random.uniform(-1, 1, N_OTHERS), random)

    degrees, fitted = by_degree(train, others, seed=options.seed)
    best, verdicts = verdict(degrees)
    print(f"Polynomials on {N_POINTS} points, errors on {N_OTHERS} others:")
    table = degrees.assign(verdict=pd.Series(verdicts))
    print(table.to_string(float_format="%.4f"))
    print(
        f"In the notes a low degree underfits and a high one overfits. Here the best "
        f"is {best}; the training error falls all the way."
    )

    strengths = by_strength(train, others, seed=options.seed)
    best, verdicts = verdict(strengths)
    print(f"\nThe ridge curve, degree {HIGH_DEGREE}:")
    shown = strengths.assign(verdict=pd.Series(verdicts))[::2]
    formats = {"largest difference to Ridge": "{:.0e}".format}
    print(shown.to_string(float_format="%.4f", formatters=formats))
    print(
        "In the notes a linear network with L2 is ridge regression. Here no "
        "coefficient differs from scikit-learn's by more than "
        f"{strengths['largest difference to Ridge'].max():.0e}. The best strength is "
        f"{best:.2g}, with an error of {strengths['validation'].min():.3f}; of the "
        f"noise alone it would be {NOISE**2:.3f}."
    )
    draw(options.output, train, fitted, degrees, strengths)
    print(f"\nThe pictures: {options.output}")


if __name__ == "__main__":
    main()
