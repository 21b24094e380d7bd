"""A sweep is one fit per rate and repeat; what diverged is named."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier
from skdl.diagnosis import learning_rate_sweep
from skdl.exceptions import DataError, ParameterError

NAN = float("nan")
RATES = [1.0, 1e-5, 1e9, 0.1]
N_REPEATS = 2


@pytest.fixture(scope="module")
def X_y():
    return make_classification(
        n_samples=160, n_features=5, n_informative=4, n_redundant=0, random_state=0
    )


@pytest.fixture(scope="module")
def validation():
    return make_classification(
        n_samples=60, n_features=5, n_informative=4, n_redundant=0, random_state=0
    )


@pytest.fixture(scope="module")
def network():
    return MLPClassifier((8,), optimizer="sgd", epochs=4, batch_size=16)


@pytest.fixture(scope="module")
def sweep(network, X_y, validation):
    X_val, y_val = validation
    return learning_rate_sweep(
        network,
        *X_y,
        RATES,
        X_val=X_val,
        y_val=y_val,
        n_repeats=N_REPEATS,
        random_state=0,
    )


# Against fits one by one.


def test_each_run_is_a_fit_of_its_own(sweep, network, X_y, validation):
    X_val, y_val = validation
    assert sweep.rates.tolist() == sorted(RATES)
    for place, rate in enumerate(sweep.rates[:3]):  # the last one diverges
        for repeat, seed in enumerate(sweep.seeds):
            alone = clone(network).set_params(learning_rate=rate, random_state=seed)
            history = alone.fit(*X_y, X_val=X_val, y_val=y_val).history_
            runs = (place, repeat)
            for curves, name in (
                (sweep.loss_curves, "loss"),
                (sweep.val_loss_curves, "val_loss"),
            ):
                np.testing.assert_allclose(curves[runs], history[name], rtol=1e-4)
            assert sweep.losses[runs] == sweep.loss_curves[runs][-1]
            assert sweep.val_losses[runs] == sweep.val_loss_curves[runs][-1]


def test_divergence_is_named(sweep):
    assert sweep.statuses[3] == "diverged"
    assert sweep.status_texts()[3] == "diverged in epoch 1 (2 of 2 runs)"
    assert sweep.diverged_epochs.tolist() == [[0, 0], [0, 0], [0, 0], [1, 1]]
    assert np.isnan(sweep.losses[3]).all()
    assert np.isnan(sweep.val_losses[3]).all()
    assert "1 of 4 rates diverged" in str(sweep)


def test_the_best_rate_is_recommended_and_can_be_set(sweep, network):
    low, high = sweep.recommended

    assert sweep.best_rate in (0.1, 1.0)
    assert low <= sweep.best_rate <= high < 1e9
    assert sweep.best == {"learning_rate": sweep.best_rate}
    assert clone(network).set_params(**sweep.best).learning_rate == sweep.best_rate
    assert sweep.edge is None
    assert str(sweep).startswith(f"LearningRateSweep: best {sweep.best_rate:g}, ")


def test_the_table_has_means_and_spreads(sweep):
    frame = sweep.to_frame()

    assert list(frame) == [
        "learning_rate",
        "loss",
        "loss_std",
        "val_loss",
        "val_loss_std",
        "smoothed_val_loss",
        "status",
        "recommended",
    ]
    expected = pd.DataFrame(sweep.val_losses.T)
    np.testing.assert_allclose(frame["val_loss"], expected.mean(skipna=False))
    np.testing.assert_allclose(frame["val_loss_std"], expected.std(skipna=False))
    assert frame["recommended"].tolist() == sweep.is_recommended.tolist()
    assert "best" in sweep._repr_html_()
    assert sweep.to_dict()["val_losses"][3] == [None, None]


def test_the_order_of_the_rates_does_not_matter(sweep, network, X_y, validation):
    again = learning_rate_sweep(
        network,
        *X_y,
        np.array(RATES[::-1]),
        X_val=validation[0],
        y_val=validation[1],
        n_repeats=N_REPEATS,
        random_state=0,
    )

    np.testing.assert_allclose(again.val_losses, sweep.val_losses, rtol=1e-4)
    assert again.best == sweep.best
    assert again.seeds == sweep.seeds


def test_early_stopping_keeps_the_best_epoch(network, X_y):
    stopping = clone(network).set_params(early_stopping=True, patience=1)
    sweep = learning_rate_sweep(
        stopping, *X_y, [0.1, 2.0], epochs=12, n_repeats=2, random_state=0
    )

    assert sweep.val_loss_curves.shape[2] <= 12
    np.testing.assert_array_equal(
        sweep.val_losses, np.nanmin(sweep.val_loss_curves, axis=2)
    )
    places = np.nanargmin(sweep.val_loss_curves, axis=2)[..., None]
    losses = np.take_along_axis(sweep.loss_curves, places, axis=2)[..., 0]
    np.testing.assert_array_equal(sweep.losses, losses)


def test_all_rates_may_diverge(network, X_y):
    sweep = learning_rate_sweep(network, *X_y, [1e8, 1e9], n_repeats=1, random_state=0)

    assert (sweep.best, sweep.best_rate, sweep.recommended) == (None, None, None)
    assert sweep.edge is None
    assert not sweep.is_recommended.any()
    assert sweep.status_texts() == ["diverged in epoch 1"] * 2
    assert str(sweep) == (
        "LearningRateSweep: all 2 rates diverged; try rates below 1e+08, scale the "
        "features, or set 'clip_norm'"
    )


def test_the_best_at_an_end_is_said(network, X_y):
    sweep = learning_rate_sweep(
        network, *X_y, [1e-7, 1e-6, 1e-2], n_repeats=1, epochs=2, random_state=0
    )

    assert (sweep.edge, sweep.best_rate) == ("highest", 1e-2)
    assert str(sweep).endswith("the best is the highest tried, so try higher ones too")


def test_the_prefix_of_a_pipeline_applies():
    X, y = load_iris(return_X_y=True, as_frame=True)
    pipeline = make_pipeline(
        StandardScaler(), MLPClassifier((4,), epochs=2, batch_size=32)
    )
    sweep = learning_rate_sweep(
        pipeline, X, y, [0.001, 0.1], n_repeats=1, random_state=0
    )

    assert list(sweep.best) == ["mlpclassifier__learning_rate"]
    pipeline.set_params(**sweep.best)
    assert pipeline[-1].learning_rate == sweep.best_rate
    assert not hasattr(pipeline[-1], "classes_")


# The rates of the course notes on their own data, features as they are.


@pytest.fixture
def notes_network():
    return MLPClassifier((100, 100), optimizer="sgd", epochs=1, batch_size=32)


def test_titanic_a_network_that_died_is_not_the_best(data_file, notes_network):
    table = pd.read_csv(data_file("titanic_all_numeric.csv.gz"))
    X, y = table.drop(columns="survived").astype(float), table["survived"]

    sweep = learning_rate_sweep(notes_network, X, y, [1e-6, 0.01, 1], random_state=0)

    # At rate 1 the loss of the first steps is in the thousands, and the validation
    # loss is that of a constant: the lowest of all.
    assert np.nanargmin(sweep.mean_val_losses) == 2
    assert sweep.statuses == ("trained", "trained", "erratic")
    assert sweep.best_rate == 0.01


@pytest.mark.slow
def test_nba_shots_slow_right_diverged(data_file, notes_network):
    table = pd.read_csv(data_file("nba_shots.csv.gz"))
    y = table["FGM"]
    X = table.select_dtypes("number").drop(columns="FGM").astype(float)

    sweep = learning_rate_sweep(
        notes_network, X, y, [1e-6, 0.01, 1], n_repeats=1, random_state=0
    )

    # The notes: 0.7546, 0.6809 and nan.
    assert 0.70 < sweep.val_losses[0, 0] < 0.80
    assert 0.67 < sweep.val_losses[1, 0] < 0.69
    assert sweep.status_texts() == ["trained", "trained", "diverged in epoch 1"]
    assert sweep.recommended == (0.01, 0.01)


@pytest.mark.parametrize(
    "rates",
    [
        [],
        [0.1],
        [0.1, 0.1],
        [0.1, 0.0],
        [0.1, -1.0],
        [0.1, NAN],
        [0.1, np.inf],
        [0.1, None],
        ["a", "b"],
        [[0.1], [0.2]],
        [True, False],
        0.1,
    ],
)
def test_rates_that_cannot_be_used_are_refused(network, X_y, rates):
    with pytest.raises(ParameterError, match=r"'rates' parameter of .* two or more"):
        learning_rate_sweep(network, *X_y, rates)


def test_what_else_cannot_be_used_is_refused(network, X_y):
    with pytest.raises(ParameterError, match=r"one of skdl's networks .* Logistic"):
        learning_rate_sweep(LogisticRegression(), *X_y)
    with pytest.raises(ParameterError, match=r"'n_repeats' parameter .* Got 0"):
        learning_rate_sweep(network, *X_y, n_repeats=0)
    with pytest.raises(ParameterError, match=r"'optimizer' .* Got 'no such' instead"):
        learning_rate_sweep(clone(network).set_params(optimizer="no such"), *X_y)
    with pytest.raises(ParameterError, match=r"'epochs' parameter .* Got 1\.5"):
        learning_rate_sweep(network, *X_y, epochs=1.5)
    with pytest.raises(DataError, match=r"together, or neither\. Got no y_val"):
        learning_rate_sweep(network, *X_y, X_val=X_y[0])
    for share in (None, 5, "a"):
        with pytest.raises(ParameterError, match=r"'validation_fraction' .* Got "):
            learning_rate_sweep(network, *X_y, validation_fraction=share)
    with pytest.raises(DataError, match=r"learning_rate_sweep needs y"):
        learning_rate_sweep(network, X_y[0], None)
    with pytest.raises(DataError, match=r"cannot hold out 0.999"):
        learning_rate_sweep(network, *X_y, validation_fraction=0.999)
