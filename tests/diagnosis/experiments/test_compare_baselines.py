"""Baselines beside an estimator: plain scores, intervals by hand, true verdicts."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from threadpoolctl import threadpool_limits

from skdl import MLPClassifier, MLPRegressor, NearestMeanClassifier
from skdl.diagnosis import BaselineComparison, ScoredModel, compare_baselines
from skdl.exceptions import DataError, ParameterError

NO_BOOSTING = {"gradient boosting": None}  # which takes most of the time
ONLY_DUMMY = dict.fromkeys(
    [
        "nearest mean (RMSE)",
        "nearest mean (MAE)",
        "logistic regression",
        "gradient boosting",
    ]
)
TREE = DecisionTreeClassifier(random_state=0)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


def by_name(comparison):
    return {model.name: model for model in comparison.baselines}


class TestScores:
    def test_they_are_those_of_cross_val_score(self, iris):
        folds = list(StratifiedKFold(3, shuffle=True, random_state=3).split(*iris))
        found = compare_baselines(TREE, *iris, cv=folds, random_state=0)
        plain = {
            "dummy": DummyClassifier(),
            "nearest mean (RMSE)": make_pipeline(
                StandardScaler(), NearestMeanClassifier()
            ),
            "nearest mean (MAE)": make_pipeline(
                StandardScaler(), NearestMeanClassifier("mae")
            ),
            "logistic regression": make_pipeline(
                StandardScaler(), LogisticRegression(max_iter=1000)
            ),
            "gradient boosting": HistGradientBoostingClassifier(),
        }

        assert sorted(by_name(found)) == sorted(plain)
        assert found.estimator.name == "DecisionTreeClassifier"
        expected = cross_val_score(TREE, *iris, cv=folds)
        np.testing.assert_array_equal(found.estimator.scores, expected)
        for name, model in plain.items():
            with threadpool_limits(1):
                expected = cross_val_score(model, *iris, cv=folds)
            np.testing.assert_allclose(by_name(found)[name].scores, expected)
        assert found.metric == "accuracy"
        assert (found.n_samples, found.n_folds) == (150, 3)
        assert not found.left_out

    def test_a_network_trains_as_it_does_alone(self, iris):
        network = make_pipeline(
            StandardScaler(), MLPClassifier((4,), epochs=5, random_state=0)
        )
        folds = list(StratifiedKFold(3).split(*iris))

        found = compare_baselines(network, *iris, cv=folds, baselines=NO_BOOSTING)

        expected = cross_val_score(network, *iris, cv=folds)
        np.testing.assert_allclose(found.estimator.scores, expected)
        assert found.estimator.name == "MLPClassifier"
        assert found.estimator.n_diverged == 0
        assert not hasattr(network[-1], "history_")

    def test_quantities(self):
        X, y = load_diabetes(return_X_y=True)
        tree = DecisionTreeRegressor(random_state=0)

        found = compare_baselines(tree, X, y, n_repeats=1, random_state=0)

        names = ["dummy", "gradient boosting", "ridge regression"]
        assert sorted(by_name(found)) == names
        assert found.baselines[0].name == "ridge regression"
        assert (found.metric, found.n_folds) == ("r2", 5)
        assert found.conclusion == "worse"

    def test_folds_are_drawn_anew_for_few_rows_and_by_random_state(self, iris):
        def scores(**parameters):
            found = compare_baselines(TREE, *iris, baselines=ONLY_DUMMY, **parameters)
            return found.estimator.scores.tolist()

        assert len(scores(cv=4, random_state=0)) == 12
        assert len(scores(cv=4, n_repeats=2)) == 8
        assert scores(random_state=0) == scores(random_state=0)
        assert scores(random_state=0) != scores(random_state=1)
        assert len(scores(cv=StratifiedKFold(4))) == 4

    def test_several_labels_and_several_quantities(self, iris):
        X, y = iris
        labels = np.column_stack([y == 1, y == 2]).astype(int)

        one = compare_baselines(TREE, X, labels, cv=2, n_repeats=1)
        other = compare_baselines(DecisionTreeRegressor(), X, X[:, :2], cv=2)

        assert sorted(by_name(one)) == [
            "dummy",
            "gradient boosting",
            "logistic regression",
        ]
        assert by_name(other)["ridge regression"].score > 0.99
        assert not one.left_out
        assert not other.left_out

    def test_another_score(self, iris):
        found = compare_baselines(
            TREE, *iris, cv=2, scoring="neg_log_loss", baselines=NO_BOOSTING
        )

        assert found.metric == "neg_log_loss"
        assert sorted(found.left_out) == ["nearest mean (MAE)", "nearest mean (RMSE)"]
        assert "predict_proba" in found.left_out["nearest mean (MAE)"]

        def share_right(model, X, y):
            return accuracy_score(y, model.predict(X))

        found = compare_baselines(
            TREE, *iris, scoring=share_right, baselines=ONLY_DUMMY
        )
        assert found.metric == "share_right"


class TestWhatBaselinesGet:
    def test_the_steps_of_a_pipeline(self, iris):
        X, y = iris
        words = pd.DataFrame({"words": [",".join(map(str, row)) for row in X]})

        def read(table):
            return np.array([row.split(",") for row in table["words"]], dtype=float)

        reads = FunctionTransformer(read)
        folds = list(StratifiedKFold(3).split(X, y))
        found = compare_baselines(
            make_pipeline(make_pipeline("passthrough", reads), TREE),
            words,
            y,
            cv=folds,
            baselines={
                "behind": KNeighborsClassifier(),
                "of its own": make_pipeline(reads, KNeighborsClassifier(1)),
                **NO_BOOSTING,
            },
        )

        plain = {
            "nearest mean (RMSE)": NearestMeanClassifier(),  # not scaled
            "logistic regression": LogisticRegression(max_iter=1000),
            "behind": KNeighborsClassifier(),
            "of its own": KNeighborsClassifier(1),
        }
        for name, model in plain.items():
            expected = cross_val_score(model, X, y, cv=folds)
            np.testing.assert_allclose(by_name(found)[name].scores, expected)

    def test_gaps_and_words_without_a_pipeline(self, iris):
        X, y = iris
        table = pd.DataFrame(X, columns=list("abcd"))
        table["kind"] = pd.Categorical(np.array(["x", "y", "z"])[y])
        table.loc[::7, "a"] = np.nan
        model = HistGradientBoostingClassifier(max_iter=5)

        found = compare_baselines(model, table, y, cv=3, n_repeats=1)

        assert not found.left_out
        scores = {name: model.score for name, model in by_name(found).items()}
        assert scores["logistic regression"] == 1.0
        assert scores["nearest mean (MAE)"] > 0.95
        assert scores["gradient boosting"] > 0.95

    def test_chance_is_that_of_random_state(self, iris):
        def scores(**parameters):
            model = make_pipeline(DecisionTreeClassifier(splitter="random"))
            comparison = compare_baselines(
                model, *iris, cv=folds, baselines=ONLY_DUMMY, **parameters
            )
            return comparison.estimator.scores.tolist()

        # The same folds four times: what differs is the estimator's own chance.
        folds = list(StratifiedKFold(2, shuffle=True, random_state=0).split(*iris)) * 4
        found = scores(random_state=0)
        assert found == scores(random_state=0) != scores(random_state=1)
        assert len(set(found[::2])) > 1

    def test_a_sparse_table(self):
        X, y = load_breast_cancer(return_X_y=True)

        found = compare_baselines(
            TREE, sparse.csr_array(X / X.max(axis=0)), y, cv=2, n_repeats=1
        )

        assert list(found.left_out) == ["gradient boosting"]
        assert "Not compared: gradient boosting (see 'left_out')." in str(found)
        assert "dense" in found.left_out["gradient boosting"]
        assert len(found.baselines) == 4

    def test_images(self):
        random = np.random.default_rng(0)
        y = np.arange(60) % 2
        images = random.integers(0, 100, size=(60, 4, 4), dtype=np.uint8)
        images[y == 1, 0] += 150

        class Corner(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                assert X.ndim == 3
                self.classes_ = np.unique(y)
                return self

            def predict(self, X):
                return (X[:, 0, 0] > 125).astype(int)

        bare = compare_baselines(Corner(), images, y, cv=3, n_repeats=1)
        behind = compare_baselines(
            make_pipeline(FunctionTransformer(np.negative), Corner()),
            images,
            y,
            cv=3,
            n_repeats=1,
        )

        for found in (bare, behind):
            assert not found.left_out
            assert by_name(found)["nearest mean (RMSE)"].score > 0.9
            assert by_name(found)["logistic regression"].score > 0.9
        assert bare.estimator.score == 1.0

    def test_baselines_can_be_replaced(self, iris):
        found = compare_baselines(TREE, *iris, baselines={**ONLY_DUMMY, "dummy": TREE})

        assert list(by_name(found)) == ["dummy"]
        assert found.baselines[0].difference == 0
        assert found.conclusion == "not distinguishable"


def model(name="best", difference=(0.1, 0.05, 0.15), seconds=0.1, n_diverged=0):
    return ScoredModel(
        name=name,
        scores=np.array([0.8, 0.9]),
        low=0.7,
        high=1.0,
        difference=difference[0],
        difference_low=difference[1],
        difference_high=difference[2],
        seconds=seconds,
        n_diverged=n_diverged,
    )


def record(*, difference, seconds=2.0, n_diverged=0):
    return BaselineComparison(
        estimator=model("Net", (0, 0, 0), seconds, n_diverged),
        baselines=(model(difference=difference), model("other", (9, 9, 9))),
        metric="accuracy",
        confidence_level=0.95,
        n_samples=10,
        n_folds=2,
        left_out={},
    )


class TestVerdicts:
    @pytest.mark.parametrize(
        ("difference", "seconds", "conclusion", "ending"),
        [
            ((0.1, 0.01, 0.2), 2.0, "better", "It is worth its cost."),
            (
                (0.1, -0.01, 0.2),
                2.0,
                "not distinguishable",
                "It is not worth its cost here: best will do.",
            ),
            ((0.1, 0.0, 0.2), 0.05, "not distinguishable", "It costs no more."),
            (
                (-0.1, -0.2, -0.01),
                0.05,
                "worse",
                "It is not worth its cost here: use best.",
            ),
        ],
    )
    def test_by_the_interval(self, difference, seconds, conclusion, ending):
        found = record(difference=difference, seconds=seconds)

        assert found.conclusion == conclusion
        assert found.earns_its_cost is (conclusion == "better")
        assert found.verdict.endswith(ending)

    def test_in_words(self):
        assert str(record(difference=(0.1, 0.01, 0.2))) == (
            "BaselineComparison: Net is better than the best baseline, best: accuracy "
            "0.85 against 0.85, difference 0.1 (0.01 to 0.2). A fold takes 2 s against "
            "0.1 s. It is worth its cost."
        )
        assert "Net is not distinguishable from the best" in str(
            record(difference=(0.1, -0.01, 0.2))
        )

    def test_diverged_folds_are_named(self):
        found = record(difference=(-0.1, -0.2, -0.01), n_diverged=1)

        assert "Training diverged in 1 of 2 folds" in found.verdict
        assert found.to_frame()["diverged"].tolist() == [1, 0, 0]

    def test_a_network_that_diverges(self):
        X, y = load_diabetes(return_X_y=True)
        network = MLPRegressor((), optimizer="sgd", learning_rate=1e20, epochs=2)

        found = compare_baselines(
            network.set_params(random_state=0), X, y, cv=2, baselines=NO_BOOSTING
        )

        assert found.estimator.n_diverged == found.n_folds
        assert found.conclusion != "better"

    def test_the_table(self, iris):
        found = compare_baselines(TREE, *iris, baselines=NO_BOOSTING, random_state=0)
        table = found.to_frame()

        assert table["model"].tolist()[0] == "DecisionTreeClassifier"
        assert table["score"].tolist()[1:] == sorted(
            table["score"].tolist()[1:], reverse=True
        )
        assert table["model"].tolist()[-1] == "dummy"
        assert table["difference"].iloc[-1] == pytest.approx(
            found.estimator.scores.mean() - 1 / 3
        )
        assert table["seconds"].gt(0).all()
        assert found.to_dict()["estimator"]["name"] == "DecisionTreeClassifier"


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"cv": 1}, r"^The 'cv' parameter of compare_baselines must be an integer"),
            ({"cv": None}, r"^The 'cv' parameter of compare_baselines .* Got None"),
            ({"cv": [(range(100), range(100, 150))]}, r"at least 2 folds.* Got 1\.$"),
            ({"n_repeats": 0}, r"^The 'n_repeats' parameter of compare_baselines"),
            (
                {"cv": KFold(3), "n_repeats": 2},
                r"needs a number as 'cv'\. Got n_repeats=2 and cv=KFold",
            ),
            (
                {"scoring": "precise"},
                r"a name of a scikit-learn.* Got 'precise' instead\.$",
            ),
            ({"scoring": ["r2"]}, r"must be one score: .* Got \['r2'\] instead\.$"),
            ({"confidence_level": 1}, r"'confidence_level' parameter of compare_base"),
            ({"baselines": [TREE]}, r"must map names to estimators"),
            ({"baselines": {"tree": None}}, r"None for one of \['dummy', .*for 'tree'"),
            (
                {"baselines": {"tree": "tree"}},
                r"must contain estimators .* Got 'tree' for",
            ),
        ],
    )
    def test_of_parameters(self, parameters, message, iris):
        with pytest.raises(ParameterError, match=message):
            compare_baselines(TREE, *iris, **parameters)

    @pytest.mark.parametrize(
        "estimator", [KMeans(), object(), StandardScaler(), MLPClassifier]
    )
    def test_of_what_neither_classifies_nor_regresses(self, estimator, iris):
        with pytest.raises(ParameterError, match="must be a classifier or a regressor"):
            compare_baselines(estimator, *iris)

    def test_of_more_folds_than_rows(self, iris):
        X, y = iris

        with pytest.raises(DataError, match="compare_baselines cannot split the"):
            compare_baselines(TREE, X[::30], y[::30], cv=10)

    def test_of_no_targets(self, iris):
        with pytest.raises(DataError, match="compare_baselines needs y"):
            compare_baselines(TREE, iris[0], None)

    def test_of_a_comparison_with_nothing(self, iris):
        with pytest.raises(DataError, match="needs a baseline to compare with"):
            compare_baselines(TREE, *iris, baselines={**ONLY_DUMMY, "dummy": None})

    def test_of_a_fold_without_a_score(self, iris):
        def unsure(model, X, y):
            return np.nan

        with pytest.raises(
            DataError, match=r"That of DecisionTreeClassifier is nan in fold 1\."
        ):
            compare_baselines(TREE, *iris, scoring=unsure)

    def test_errors_of_ones_own_baselines_are_raised(self, iris):
        needs_more = KNeighborsClassifier(n_neighbors=1000)

        with pytest.raises(ValueError, match="n_neighbors"):
            compare_baselines(TREE, *iris, baselines={"far": needs_more, **NO_BOOSTING})
