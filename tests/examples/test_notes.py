"""The notes on their own data: what the examples claim, on few rows and repeats."""

import importlib
import re
import sys

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow  # compiles many networks

NAMES = ("rate_loop", "nba_shots", "titanic", "imdb", "wages", "regularisation")


@pytest.fixture
def example(root, monkeypatch):
    """A function from the name of an example to its module, imported as when run."""
    monkeypatch.syspath_prepend(str(root / "examples"))
    yield lambda name: importlib.import_module(f"notes_{name}")
    for name in NAMES:
        sys.modules.pop(f"notes_{name}", None)


# Titanic and NBA shots: the rate loop


@pytest.fixture
def passengers(example, data_file):
    return example("titanic").read_passengers(data_file("titanic_all_numeric.csv.gz"))


def test_a_rate_of_1_explodes_on_columns_as_they_are(example, passengers):
    loop = example("rate_loop")

    sweep, table = loop.loop_in_one_line(
        loop.NETWORK, *passengers, (6.0, 2.1, 8.8e7), n_repeats=3
    )

    assert passengers[0].shape == (891, 10)
    assert sweep.best == {"learning_rate": 0.01}
    assert table.loc[1.0, "how"] != "trained"
    assert table.loc[1.0, "lowest here"] > 100
    assert table["best"].tolist() == [False, True, False]


def test_a_rate_of_1_is_best_on_standardised_columns(example, passengers):
    loop, titanic = example("rate_loop"), example("titanic")
    scaled = titanic.make_pipeline(titanic.StandardScaler(), loop.NETWORK)

    sweep, table = loop.loop_in_one_line(
        scaled, *passengers, titanic.NOTED_LOSSES, n_repeats=3
    )

    assert sweep.best == {"mlpclassifier__learning_rate": 1.0}
    assert table["how"].tolist() == ["trained"] * 3


def test_the_loop_of_the_notes_trains_a_softmax(example, passengers):
    import keras

    loop = example("rate_loop")
    X, y = (part[:64] for part in passengers)

    table = loop.loop_of_the_notes(X, y, (1, 2, 3), n_repeats=1, seed=5)
    model = loop.build_softmax({"n_features_in_": 10, "n_classes_": 2})

    assert [layer.units for layer in model.layers] == [100, 100, 2]
    assert model.layers[-1].activation is keras.activations.softmax
    assert table["in the notes"].tolist() == [1, 2, 3]
    assert table["lowest here"].equals(table["highest"])
    assert table.loc[1.0, "median"] > 10 * table.loc[0.01, "median"]


def test_divergence_is_above_all_losses_and_is_named(example, capsys):
    loop = example("rate_loop")
    losses = np.array([[0.7, 0.9, 0.8], [0.6, 0.6, 0.7], [5.0, np.nan, np.nan]])

    table = loop._beside(losses, (0.7546, 0.6809, np.nan))
    loop.show("Shots", table)

    assert table["median"].tolist() == [0.8, 0.6, np.inf]
    assert table["highest"].tolist() == [0.9, 0.7, np.inf]
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last == ["1.000000", "NaN", "5", "diverged", "diverged"]


@pytest.mark.slow
def test_titanic(example, data_file, capsys):
    path = data_file("titanic_all_numeric.csv.gz")

    example("titanic").main([str(path), "--repeats", "10"])

    printed = capsys.readouterr().out
    _, softmax, sigmoid, scaled = printed.split("\n\n")[:4]
    lowest, _, highest = [
        [float(row.split()[column]) for row in softmax.splitlines()[3:]]
        for column in (2, 3, 4)
    ]
    for low, noted, high in zip(lowest, (6.0, 2.1, 8.8e7), highest, strict=True):
        assert low < noted < 1.1 * high
    assert "best 0.01" in sigmoid
    assert "best 1," in scaled


@pytest.fixture
def shots(example, data_file):
    return example("nba_shots").read_shots(data_file("nba_shots.csv.gz"), 3000)


def test_early_stopping_on_the_last_shots(example, shots):
    X, y = shots

    parts = example("nba_shots").split(X, y)
    table, fitted = example("nba_shots").stop_early(parts, n_seeds=2, seed=0)

    assert list(X) == example("nba_shots").COLUMNS
    assert set(y) == {"made", "missed"}
    assert [len(part) for part in parts.values()] == [2100, 2100, 900, 900]
    for row, network in zip(table.to_dict("records"), fitted, strict=True):
        assert row["epochs"] == network.n_iter_ <= 20
        assert row["epochs"] == 20 or row["epochs"] - row["best epoch"] == 2
        assert row["validation loss"] == network.history_["val_loss"].min()
        held_out = network.score(X[2100:], y[2100:])
        assert row["validation accuracy"] == pytest.approx(held_out)


@pytest.mark.slow
def test_nba_shots(example, data_file, capsys):
    path = data_file("nba_shots.csv.gz")

    example("nba_shots").main([str(path), "--rows", "40000", "--seeds", "2"])

    printed = capsys.readouterr().out
    assert "Seed 0: Diagnosis: " in printed
    raw = printed.split("held out:\n")[1].split("\n\n")[0]
    assert "diverged" in raw
    assert re.search(r"0\.010000 .* True", raw)
    stopped = re.findall(r"^seed \d +(\d+) +(0\.\d+) +(0\.\d+)", printed, re.MULTILINE)
    assert len(stopped) == 2
    for _, loss, accuracy in stopped:  # of fewer shots than the notes'
        assert float(loss) == pytest.approx(0.651, abs=0.01)
        assert float(accuracy) == pytest.approx(0.617, abs=0.015)


# IMDB


def test_reviews_are_sparse_zeros_and_ones(example, data_file):
    path = data_file("imdb_seq10k.npz")

    X, y = example("imdb").read_reviews(path, 0)
    (X_train, y_train), (X_val, y_val) = example("imdb").split(X, y)

    assert X.shape == (25_000, 10_000)
    assert X.dtype == np.float32
    assert X.has_canonical_format
    assert set(np.unique(X.data)) == {1}
    assert X_train.shape[0] == len(y_train) == 15_000
    assert X_val.shape[0] == len(y_val) == 10_000
    assert y_train.mean() == pytest.approx(0.5, abs=0.02)
    with np.load(path) as file:
        words = file["tokens_train"][slice(*file["offsets_train"][[7, 8]])]
        order = np.random.RandomState(0).permutation(25_000)
        assert file["y_train"][7] == y[np.flatnonzero(order == 7)[0]]
    row = X[np.flatnonzero(order == 7)[0]]
    assert row.indices.tolist() == np.unique(words).tolist()


@pytest.mark.slow
def test_imdb(example, data_file, capsys):
    path = data_file("imdb_seq10k.npz")

    example("imdb").main([str(path), "--rows", "4000", "--repeats", "1"])

    printed = capsys.readouterr().out
    assert "2,400 rows to train on" in printed
    for name in ("sgd", "adagrad", "rmsprop", "adam"):
        assert re.search(rf"^{name} .*0\.\d+", printed, re.MULTILINE)
    for name in example("imdb").REGULARISED:
        assert re.search(rf"  {name}: \w+ \((problem|warning)\)", printed)
    accuracies = dict(re.findall(r"^(\w[\w .,]*?)  +(0\.\d+) ", printed, re.MULTILINE))
    assert float(accuracies["tanh"]) > 0.6 > float(accuracies["plain"])


# Wages


def test_networks_that_were_not_visited_keep_the_figure_of_the_notes(example):
    wages = example("wages")

    class Search:
        networks = ("1 x 100", "2 x 200")

        @staticmethod
        def to_frame():
            return pd.DataFrame(
                {
                    "network": Search.networks,
                    "score": [25.0, 16.0],
                    "standard_error": [1.0, 1.0],
                    "next_step": ["add a layer", "done"],
                    "chosen": ["", "best"],
                }
            )

    table = wages.beside_notes(Search())

    assert list(table.index) == [*wages.NOTED, "2 x 200"]
    assert table.loc["1 x 100", ["MSE here", "its root", "in the notes"]].tolist() == [
        25,
        5,
        5.4,
    ]
    assert table.loc["3 x 250", "in the notes"] == 4.5
    assert np.isnan(table.loc["3 x 250", "MSE here"])


@pytest.mark.slow
def test_wages(example, data_file, capsys):
    path = data_file("hourly_wages.csv.gz")

    example("wages").main(f"{path} --epochs 15 --folds 3 --repeats 1".split())

    printed = capsys.readouterr().out
    assert "534 wages, mean 9.02, variance 26.4" in printed
    assert "It is not worth its cost here" in printed
    mean_squared_error = float(re.search(r"1 x 100 +(\d+\.\d+) ", printed)[1])
    assert 15 < mean_squared_error < 26.4
    assert re.search(r"of which no network here comes below 1\d\.\d\d;", printed)
    assert re.search(r"simplest within one standard error 1 x 100", printed)


# Regularisation


@pytest.fixture
def points(example):
    notes = example("regularisation")
    random = np.random.RandomState(0)
    return [
        notes.with_noise(x, random)
        for x in (np.linspace(-1, 1, 20), random.uniform(-1, 1, 200))
    ]


def test_a_linear_network_with_l2_is_ridge_regression(example, points, monkeypatch):
    notes = example("regularisation")
    monkeypatch.setattr(notes, "STRENGTHS", np.array([1e-5, 0.1, 10.0]))

    table = notes.by_strength(*points, seed=0)
    best, verdicts = notes.verdict(table)

    assert (table["largest difference to Ridge"] < 1e-8).all()
    assert table["training"].is_monotonic_increasing
    assert best == 0.1
    assert list(verdicts.values()) == ["too flexible", "best", "too simple"]


@pytest.mark.slow
def test_low_degrees_underfit_and_high_ones_overfit(example, points, monkeypatch):
    notes = example("regularisation")
    monkeypatch.setattr(notes, "DEGREES", (1, 3, 15))

    table, fitted = notes.by_degree(*points, seed=0)
    best, verdicts = notes.verdict(table)

    (x, y), _ = points
    for degree, network in fitted.items():  # least squares on the powers of x
        exact = np.polynomial.Polynomial.fit(x, y, degree)(x)
        found = network.predict(notes.polynomials(x, degree))
        np.testing.assert_allclose(found, exact, atol=1e-6)
    assert table["training"].is_monotonic_decreasing
    assert verdicts == {1: "too simple", 3: "best", 15: "too flexible"}
    assert best == 3


@pytest.mark.slow
def test_regularisation_is_drawn(example, tmp_path, capsys):
    path = tmp_path / "curves.svg"

    example("regularisation").main(["--output", str(path)])

    printed = capsys.readouterr().out
    assert "Here the best is 3;" in printed
    assert "The best strength is 0.1," in printed
    drawn = path.read_text(encoding="utf-8")
    for text in ("degree 15", "L2 strength", "noise alone"):
        assert text in drawn
