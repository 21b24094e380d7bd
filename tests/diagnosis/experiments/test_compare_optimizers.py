"""Optimizers compared: equal to fits one by one, and right about made-up losses."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier, MLPRegressor
from skdl.diagnosis import compare_optimizers
from skdl.diagnosis.experiments import _compare_optimizers as optimizers
from skdl.diagnosis.experiments._compare_optimizers import RATES
from skdl.exceptions import DataError, ParameterError

TRIED = [0.1, 1e-3, 1e-2]


@pytest.fixture(scope="module")
def rows():
    X, y = load_iris(return_X_y=True)
    return train_test_split(X, y, test_size=30, random_state=0)


@pytest.fixture(scope="module")
def network():
    return MLPClassifier((4,), epochs=4, early_stopping=True, patience=1)


@pytest.fixture(scope="module")
def comparison(network, rows):
    X, X_val, y, y_val = rows
    return compare_optimizers(
        network,
        X,
        y,
        ["adam", "sgd"],
        rates=TRIED,
        n_repeats=2,
        X_val=X_val,
        y_val=y_val,
        random_state=0,
    )


def fit_alone(network, rows, **parameters):
    """The history of a plain fit."""
    X, X_val, y, y_val = rows
    alone = network.__class__(**{**network.get_params(), **parameters})
    return alone.fit(X, y, X_val=X_val, y_val=y_val).history_


class TestTraining:
    def test_curves_are_those_of_fits_one_by_one(self, comparison, network, rows):
        for run in comparison.runs:
            assert run.seeds == comparison.seeds
            for seed, loss, val_loss in zip(
                run.seeds, run.losses, run.val_losses, strict=True
            ):
                history = fit_alone(
                    network,
                    rows,
                    early_stopping=False,
                    optimizer=run.name,
                    learning_rate=run.learning_rate,
                    random_state=seed,
                )
                np.testing.assert_allclose(loss, history["loss"], rtol=1e-4)
                np.testing.assert_allclose(val_loss, history["val_loss"], rtol=1e-4)

    def test_the_rate_is_that_of_the_lowest_validation_loss(
        self, comparison, network, rows
    ):
        (run,) = (run for run in comparison.runs if run.name == "adam")
        alone = [
            fit_alone(
                network,
                rows,
                early_stopping=False,
                learning_rate=rate,
                random_state=comparison.tuning_seed,
            )["val_loss"].min()
            for rate in sorted(TRIED)
        ]

        assert run.rates.tolist() == sorted(TRIED)
        np.testing.assert_allclose(run.rate_losses, alone, rtol=1e-4)
        assert run.learning_rate == run.rates[np.argmin(alone)]
        assert comparison.tuning_seed not in comparison.seeds

    def test_the_best_comes_first_and_can_be_set(self, comparison, network):
        first, second = comparison.runs

        assert first.best_losses.mean() <= second.best_losses.mean()
        assert comparison.best == {
            "optimizer": first.name,
            "learning_rate": first.learning_rate,
        }
        network.__class__().set_params(**comparison.best)
        assert (comparison.n_train, comparison.n_val) == (120, 30)

    def test_the_table_tells_what_the_curves_say(self, comparison):
        table = comparison.to_frame()
        run = comparison.runs[0]

        row = table.iloc[0]
        assert row["best_val_loss"] == pytest.approx(run.val_losses.min(axis=1).mean())
        assert row["best_val_loss_low"] == pytest.approx(run.val_losses.min())
        assert row["final_val_loss"] == pytest.approx(run.val_losses[:, -1].mean())
        assert row["epochs_to_best"] == np.median(run.val_losses.argmin(axis=1) + 1)
        assert row["status"] == "trained"
        assert table["seconds"].gt(0).all()
        assert run.name in str(comparison)
        assert "\n" not in str(comparison)
        assert len(comparison.to_dict()["runs"]) == 2

    def test_the_estimator_is_left_as_it_is(self, comparison, network):
        assert network.early_stopping
        assert not hasattr(network, "history_")

    def test_rates_that_diverge_are_not_chosen_and_named(self, rows):
        X, X_val, y, y_val = rows
        found = compare_optimizers(
            make_pipeline(StandardScaler(), MLPRegressor((4,), epochs=3)),
            pd.DataFrame(X),
            y,
            {"good": {"optimizer": "sgd"}, "wild": {"optimizer": "sgd"}},
            rates={"good": [0.01, 1e20], "wild": [1e20, 1e22]},
            n_repeats=1,
            X_val=pd.DataFrame(X_val),
            y_val=y_val,
            random_state=0,
        )

        good, wild = found.runs
        assert (good.name, wild.name) == ("good", "wild")
        assert np.isnan(good.rate_losses).tolist() == [False, True]
        assert wild.status == "diverged at every rate"
        assert np.isnan(wild.learning_rate)
        assert (wild.seeds, wild.diverged) == ((), ())
        assert found.best == {
            "mlpregressor__optimizer": "sgd",
            "mlpregressor__learning_rate": 0.01,
        }
        assert "wild diverged at every rate" in str(found)
        assert found.to_frame()["status"].tolist() == ["trained", wild.status]


@pytest.fixture
def made_up(monkeypatch, rows):
    """Compare without training: losses by a function of the parameters."""

    def compare(loss_of, *arguments, estimator=None, **parameters):
        trained = []

        def train(subject, variants, **_):
            trained.append(variants)
            networks = []
            for variant in variants:
                curve = loss_of(variant)
                history = pd.DataFrame({"loss": curve, "val_loss": curve})
                status = "finished all epochs"
                if not np.isfinite(curve).all():
                    status = "diverged: the loss or a weight grew beyond all bounds"
                networks.append(SimpleNamespace(history_=history, status_=status))
            return networks

        monkeypatch.setattr(optimizers, "train_variants", train)
        X, _, y, _ = rows
        estimator = MLPClassifier((4,)) if estimator is None else estimator
        parameters = {"random_state": 0, "n_repeats": 3, **parameters}
        return compare_optimizers(estimator, X, y, *arguments, **parameters), trained

    return compare


def distance_to(best):
    """Lowest at a rate, on a logarithmic scale; at the second epoch."""

    def loss_of(variant):
        distance = abs(np.log10(variant["learning_rate"]) - np.log10(best))
        return [distance + 2, distance + 1, distance + 3]

    return loss_of


class TestChoices:
    def test_all_nine_by_default(self, made_up):
        from skdl.training import OPTIMIZERS

        found, _ = made_up(distance_to(1e-3))

        assert set(RATES) == set(OPTIMIZERS)
        assert {run.name for run in found.runs} == set(OPTIMIZERS)
        adam = next(run for run in found.runs if run.name == "adam")
        assert adam.rates.tolist() == list(RATES["adam"])
        assert adam.learning_rate == 1e-3
        assert not adam.is_at_edge
        assert adam.best_epochs.tolist() == [2, 2, 2]

    def test_rates_go_on_where_the_best_is_at_an_end(self, made_up):
        high, _ = made_up(distance_to(0.3), ["adam"])
        low, _ = made_up(distance_to(1e-5), ["adam"])
        far, _ = made_up(distance_to(1e9), ["adam"])

        assert high.runs[0].rates.tolist() == [*RATES["adam"], 0.1, 0.3, 1.0, 3.0]
        assert high.runs[0].learning_rate == 0.3
        assert low.runs[0].rates.tolist() == [
            1e-6,
            3e-6,
            1e-5,
            3e-5,
            *RATES["adam"],
        ]
        assert low.runs[0].learning_rate == 1e-5
        assert not low.runs[0].is_at_edge
        assert far.runs[0].is_at_edge
        assert "its rate is at the edge of those tried" in str(far)

    def test_they_go_lower_where_all_diverged(self, made_up):
        def loss_of(variant):
            rate = variant["learning_rate"]
            return [1 - rate if rate < 1e-3 else np.nan] * 2

        found, _ = made_up(loss_of, ["sgd"])

        assert found.runs[0].learning_rate == 3e-4
        assert np.isnan(found.runs[0].rate_losses[-len(RATES["sgd"]) :]).all()

    def test_rates_that_were_given_are_all(self, made_up):
        found, trained = made_up(distance_to(1.0), ["adam"], rates=[0.1, 0.01])

        assert found.runs[0].rates.tolist() == [0.01, 0.1]
        assert found.runs[0].is_at_edge
        assert [len(variants) for variants in trained] == [2, 3]

    def test_parameters_by_name(self, made_up):
        pipeline = make_pipeline(StandardScaler(), MLPClassifier((4,), optimizer="sgd"))
        found, trained = made_up(
            distance_to(0.1),
            {"full batch": {"batch_size": "full"}, "heavy": {"momentum": 0.9}},
            estimator=pipeline,
            rates={"heavy": (0.1, 1.0)},
        )

        assert (
            trained[0][0].items() >= {"optimizer": "sgd", "batch_size": "full"}.items()
        )
        assert found.runs[0].name == "full batch"  # of equal losses the first
        assert found.best == {
            "mlpclassifier__optimizer": "sgd",
            "mlpclassifier__batch_size": "full",
            "mlpclassifier__learning_rate": 0.1,
        }

    def test_seeds_are_the_same_for_all_and_come_from_random_state(self, made_up):
        _, trained = made_up(distance_to(0.1), ["adam", "sgd"], rates=[0.1])
        seeds = [[v["random_state"] for v in variants] for variants in trained]
        _, other = made_up(
            distance_to(0.1), ["adam", "sgd"], rates=[0.1], random_state=1
        )

        assert seeds[:2] == seeds[2:]
        assert len({*seeds[0], *seeds[1]}) == 4
        assert other[1][0]["random_state"] != seeds[1][0]


class TestDivergedSeeds:
    def test_they_are_named_and_in_no_mean(self, made_up):
        seen = []

        def loss_of(variant):
            seen.append(variant["random_state"])
            # adam is better, but diverges with its second seed
            if variant["optimizer"] == "adam":
                return [np.inf, 1] if len(seen) == 3 else [0.5, 0.25]
            return [0.9, 1.0]

        found, _ = made_up(loss_of, ["adam", "sgd"], rates=[0.1])

        sgd, adam = found.runs
        assert (sgd.name, adam.name) == ("sgd", "adam")
        assert adam.diverged == (seen[2],)
        assert adam.seeds == (seen[1], seen[3])
        assert adam.status == "diverged with 1 of 3 seeds"
        assert adam.best_losses.tolist() == [0.25, 0.25]
        assert found.best["optimizer"] == "sgd"
        assert "adam diverged with 1 of 3 seeds" in str(found)

    def test_nothing_finished(self, made_up):
        found, _ = made_up(lambda _: [np.nan], ["sgd"])

        assert found.best == {}
        assert str(found) == (
            "OptimizerComparison: no training finished, sgd diverged at every rate"
        )
        assert found.to_frame()["best_val_loss"].isna().all()
        mean, low, high = found.runs[0].band()
        assert len(mean) == len(low) == len(high) == 0
        assert found.runs[0].best_losses.tolist() == []
        assert found.runs[0].best_epochs.tolist() == []

    def test_the_band_by_hand(self, made_up):
        counted = iter(range(4))

        def loss_of(_):
            return np.array([3.0, 1.0, 2.0]) + next(counted)

        (run,) = made_up(loss_of, ["sgd"], rates=[0.1])[0].runs
        mean, low, high = run.band()

        assert mean.tolist() == [5, 3, 4]
        assert low.tolist() == [4, 2, 3]
        assert high.tolist() == [6, 4, 5]
        assert run.best_losses.tolist() == [2, 3, 4]


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"optimizers": ["adam", "sdg"]}, r"'adam'.* Got 'sdg' instead"),
            ({"optimizers": "adam"}, r"None, a sequence .* Got 'adam' instead\.$"),
            ({"optimizers": []}, r"must be None, a sequence .* Got \[\] instead\.$"),
            (
                {"optimizers": {"a": {"learning_rate": 1}}},
                r"give 'a' parameters of MLPClassifier other than 'learning_rate'",
            ),
            ({"optimizers": {"a": {"speed": 1}}}, r"'a' parameters .* Got 'speed' ins"),
            (
                {"optimizers": {"a": {"optimizr": "sgd", "momentum": 0.9}}},
                r"Got 'optimizr' instead; did you mean 'optimizer'\?$",
            ),
            (
                {"optimizers": ["adam", "sgd", "adam"]},
                r"once\. Got 'adam' more than on",
            ),
            ({"optimizers": ["sdg"]}, r"Got 'sdg' instead; did you mean 'sgd'\?$"),
            ({"rates": [0.1, -1]}, r"numbers above 0, .* Got \[0\.1, -1\] for 'adam'"),
            ({"rates": 0.1}, r"must be a sequence of numbers"),
            ({"rates": []}, r"must be a sequence of numbers"),
            ({"rates": {"sgd": [1]}}, r"compared, \['adam'\]\. Got \['sgd'\] as well"),
            ({"n_repeats": 0}, r"'n_repeats' parameter of compare_optimizers"),
            ({"optimizers": {"a": 5}}, r"mapping from names to parameters .* Got"),
            ({"validation_fraction": 5}, r"'validation_fraction' .*\(0, 1\)\. Got 5"),
            ({"validation_fraction": None}, r"'validation_fraction' .* Got None"),
        ],
    )
    def test_of_parameters(self, parameters, message, rows):
        X, _, y, _ = rows
        parameters = {"optimizers": ["adam"], **parameters}

        with pytest.raises(ParameterError, match=message):
            compare_optimizers(MLPClassifier(), X, y, **parameters)

    def test_of_what_is_no_network(self, rows):
        X, _, y, _ = rows

        with pytest.raises(ParameterError, match="must be one of skdl's networks"):
            compare_optimizers(LogisticRegression(), X, y)

    def test_of_half_a_validation_set(self, rows):
        X, X_val, y, _ = rows

        with pytest.raises(DataError, match="Got no y_val"):
            compare_optimizers(MLPClassifier(), X, y, X_val=X_val)
