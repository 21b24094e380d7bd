"""What skdl relies on in scikit-learn's private parts, and what breaks without it."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, ProgressBar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, check_scoring, get_scorer, make_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.svm import SVC

from skdl._compat import sklearn as compat

X = np.arange(24.0).reshape(12, 2)
Y = np.arange(12) % 2
PLACES = np.array([3, 0, 5])


class RecordingSearchCV(compat.BaseSearchCV):
    """Search that records what `_run_search` sees."""

    def __init__(self, estimator, *, cv):
        super().__init__(estimator, cv=cv)

    def _run_search(self, evaluate_candidates, *, callback_ctx=None):
        self.seen = [compat.splitter_of(self), callback_ctx]
        context = callback_ctx.subcontext(
            task_name="search", max_subtasks=2, sequential_subtasks=False
        ).call_on_fit_task_begin(estimator=self)
        evaluate_candidates(
            [{"C": 0.1}],
            cv=self.seen[0],
            more_results={"note": ["first"]},
            callback_ctx=context,
        )
        context.call_on_fit_task_end(estimator=self)


@pytest.mark.parametrize("table", [X, X.tolist(), pd.DataFrame(X), sparse.csr_array(X)])
def test_rows(table):
    """Experiments would read the wrong rows, or refuse lists and sparse tables."""
    taken = compat.safe_indexing(table, PLACES)
    dense = taken.toarray() if sparse.issparse(taken) else np.asarray(taken)

    assert compat.num_samples(table) == 12
    np.testing.assert_array_equal(dense, X[PLACES])


def test_rows_of_an_estimator():
    """`HypergradientSearchCV` would tune on the wrong rows, kernels above all."""
    kernel = X @ X.T
    rows, targets = compat.safe_split(SVC(kernel="precomputed"), kernel, Y, PLACES)

    np.testing.assert_array_equal(rows, kernel[np.ix_(PLACES, PLACES)])
    np.testing.assert_array_equal(targets, Y[PLACES])


def test_fit_parameters_of_rows():
    """Searches would pass the weights of all rows to the fits of a fold."""
    params = {"sample_weight": np.arange(12.0), "name": "all rows"}
    own = compat.check_method_params(X, params=params, indices=PLACES)

    assert own["sample_weight"].tolist() == [3.0, 0.0, 5.0]
    assert own["name"] == "all rows"


def test_sample_weights():
    """Networks would train with weights of another type, or refuse zeros too early."""
    check = compat.check_sample_weight

    assert check(None, X, dtype=np.float32).tolist() == [1.0] * 12
    assert check([0] * 12, X, dtype=np.float32, allow_all_zero_weights=True).sum() == 0
    with pytest.raises(ValueError, match=r"sample_weight\.shape == \(3,\)"):
        check([1.0, 2.0, 3.0], X)


def test_score_function():
    """Experiments would name a score "score" instead of by its function."""
    assert compat.score_function(make_scorer(accuracy_score)) is accuracy_score
    assert compat.score_function(len) is len


def test_metrics():
    """Searches of several metrics would be taken for searches of one."""
    several = GridSearchCV(
        LogisticRegression(), {}, scoring=["accuracy", "f1"], refit="f1"
    )
    scorers, refit_metric = compat.scorers_of(several)

    assert sorted(compat.metrics_of(scorers)) == ["accuracy", "f1"]
    assert refit_metric == "f1"
    assert compat.metrics_of(get_scorer("accuracy")) is None
    assert compat.metrics_of(check_scoring(LogisticRegression())) is None


def test_routing():
    """Searches would lose the weights and groups that are passed to `fit`."""
    search = GridSearchCV(LogisticRegression(), {}, scoring="accuracy")
    routed = compat.routed_params(search, {"sample_weight": X[:, 0], "groups": Y})

    assert list(routed.estimator.fit) == ["sample_weight"]
    assert routed.splitter.split["groups"] is Y
    assert list(routed.scorer.score) == ["sample_weight"]


def test_searches_of_ones_own():
    """Both searches of skdl would stop working: they extend this class."""
    search = RecordingSearchCV(LogisticRegression(), cv=StratifiedKFold(2))
    search.fit(X, Y)

    assert search.seen[0].get_n_splits() == 2
    assert search.seen[1] is not None
    assert search.best_params_ == {"C": 0.1}
    assert search.cv_results_["note"] == ["first"]


def test_fit_and_score_and_its_results():
    """`OptunaSearchCV` would not score and report as `GridSearchCV` does."""
    search = GridSearchCV(LogisticRegression(), {}, return_train_score=True)
    context = compat.fit_context(search, max_subtasks=1).subcontext(
        task_name="search", max_subtasks=2, sequential_subtasks=False
    )
    fits = [
        compat.fit_and_score(
            LogisticRegression(),
            X,
            Y,
            scorer=get_scorer("accuracy"),
            train=train,
            test=test,
            verbose=0,
            parameters={"C": 0.1},
            fit_params={},
            score_params={},
            return_train_score=True,
            return_n_test_samples=True,
            return_times=True,
            split_progress=(split, 2),
            candidate_progress=(0, 1),
            error_score=np.nan,
            caller=None,
            callback_ctx=context.subcontext(task_name="fit", task_id=split),
        )
        for split, (train, test) in enumerate(StratifiedKFold(2).split(X, Y))
    ]
    table = compat.cv_results(search, [{"C": 0.1}], 2, fits, {"note": ["first"]})
    own = GridSearchCV(
        LogisticRegression(), {"C": [0.1]}, cv=2, return_train_score=True
    ).fit(X, Y)

    assert set(fits[0]) == {
        "fit_error",
        "fit_time",
        "n_test_samples",
        "score_time",
        "test_scores",
        "train_scores",
    }
    assert set(table) == set(own.cv_results_) | {"note"}
    assert table["mean_test_score"] == own.cv_results_["mean_test_score"]
    assert table["mean_train_score"] == own.cv_results_["mean_train_score"]
    assert compat.best_index(search, "score", table) == 0


def test_refit_must_name_a_metric():
    """A search whose function returns several scores would refit by none of them."""
    search = GridSearchCV(LogisticRegression(), {}, refit="f1")

    compat.check_refit(search, {"f1": 1.0})
    with pytest.raises(ValueError, match="refit must be set to a scorer key"):
        compat.check_refit(search, {"accuracy": 1.0})


class Fitter(CallbackSupportMixin, BaseEstimator):
    pass


def test_callbacks():
    """Fits would report to no callback, or to those of an estimator without any."""
    plain, watched = Fitter(), Fitter().set_callbacks(ProgressBar())

    assert not compat.has_callbacks(plain)
    assert compat.has_callbacks(watched)
    assert not compat.has_callbacks(object())
    context = compat.fit_context(plain, max_subtasks=3)
    context.call_on_fit_task_begin(estimator=plain, X=X, y=Y, metadata=None)
    context.call_on_fit_task_end(estimator=plain, X=X, y=Y, metadata=None)


class SecondColumn(compat.MaskSelector):
    def fit(self, X, y=None):
        return self


def test_selector():
    """Short linear surrogates would not know which columns they keep."""
    selector = SecondColumn()
    selector.n_features_in_, selector.support_ = 2, np.array([False, True])

    assert selector.transform(X).tolist() == X[:, [1]].tolist()
    assert selector.get_feature_names_out(["a", "b"]).tolist() == ["b"]


def test_the_module_is_light():
    """Explainers import it, and must do so without TensorFlow and Optuna."""
    code = (
        "import sys, skdl._compat.sklearn; "
        "print([m for m in ('keras', 'optuna', 'tensorflow') if m in sys.modules])"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )

    assert process.stdout == "[]\n"
