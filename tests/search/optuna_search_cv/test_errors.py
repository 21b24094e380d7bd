"""Bad input is refused in clear words before anything trains."""

import optuna
import pytest
from scipy.stats import loguniform
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from skdl import OptunaSearchCV
from skdl.exceptions import (
    DataError,
    MissingDependencyError,
    ParameterError,
    ParameterTypeError,
    SkdlError,
    StorageError,
    StudyError,
)

SPACE = {"C": loguniform(0.1, 10)}


class Untouched(LogisticRegression):
    """A classifier that no test of this module may fit."""

    def fit(self, X, y, sample_weight=None):
        pytest.fail("It was fitted.")


def search_of(estimator=None, space=None, **settings):
    settings = {"n_trials": 2, "cv": 2, "random_state": 0, **settings}
    return OptunaSearchCV(estimator or Untouched(), space or SPACE, **settings)


def assert_refused(search, data, error, message):
    before = {k: repr(v) for k, v in search.get_params().items()}
    with pytest.raises(error, match=message):
        search.fit(*data)
    assert not hasattr(search, "cv_results_")
    assert {k: repr(v) for k, v in search.get_params().items()} == before


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"n_trials": 0}, ParameterError, "'n_trials' .* at least 1 or None. Got 0"),
        ({"n_trials": -3}, ParameterError, "'n_trials' .* Got -3 instead"),
        ({"n_trials": 2.0}, ParameterTypeError, "'n_trials' .* Got 2.0 of type float"),
        ({"n_trials": True}, ParameterTypeError, "Got True of type bool instead"),
        ({"n_trials": "9"}, ParameterTypeError, "Got '9' of type str instead"),
        (
            {"n_trials": None},
            ParameterError,
            "n_trials=None needs a 'timeout', or samp",
        ),
        ({"timeout": 0}, ParameterError, r"'timeout' .* above 0 \(seconds\) .* Got 0"),
        ({"timeout": -1.0}, ParameterError, "'timeout' .* Got -1.0 instead"),
        ({"timeout": float("nan")}, ParameterError, "'timeout' .* Got nan instead"),
        ({"timeout": "1"}, ParameterTypeError, "'timeout' .* Got '1' of type str"),
        ({"batch_size": 0}, ParameterError, "'batch_size' .* at least 1. Got 0 inst"),
        ({"batch_size": None}, ParameterTypeError, "'batch_size' .* Got None of type"),
        ({"batch_size": 1.5}, ParameterTypeError, "'batch_size' .* of type float"),
        (
            {"error_score": "ignore"},
            ParameterError,
            "must be 'raise' or a number. Got 'i",
        ),
        ({"error_score": None}, ParameterError, "'error_score' .* Got None instead"),
        ({"sampler": "bayes"}, ParameterError, "'sampler' .* Got 'bayes' instead"),
        ({"sampler": 3}, ParameterTypeError, "'sampler' .* Got 3 of type int instead"),
        ({"pruner": "worst"}, ParameterError, "'pruner' .* Got 'worst' instead"),
        (
            {"storage": "x.db"},
            ParameterError,
            "storage needs a 'study_name', .* Got stu",
        ),
        (
            {"sampler": "grid"},
            ParameterError,
            "sampler='grid' needs a finite set of va",
        ),
        ({"scoring": "acuracy"}, ValueError, "'scoring' parameter .* Got 'acuracy'"),
        ({"cv": 1}, ValueError, "at least one train/test split|n_splits=2 or more"),
        ({"cv": "three"}, ValueError, "Expected [`']?cv[`']? as an integer"),
        ({"cv": []}, ValueError, "No fits were performed. Was the CV iterator empty"),
        ({"random_state": "x"}, ValueError, "'x' cannot be used to seed"),
        (
            {"scoring": ["accuracy", "recall"]},
            ValueError,
            "refit must be set to a scor",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_parameters_are_refused(blobs, changes, error, message):
    assert_refused(search_of(**changes), blobs, error, message)


@pytest.mark.parametrize(
    ("space", "error", "message"),
    [
        ({"c": [1.0]}, ParameterError, r"no parameter 'c'.*get_params\(\) lists"),
        ({"max_itr": [1]}, ParameterError, "'max_itr' .* Did you mean 'max_iter'"),
        ({"C": []}, ParameterError, "The list for 'C' .* is empty"),
        ({"C": 1.0}, ParameterTypeError, "choices for 'C' .* must be an Optuna dist"),
        (lambda trial: {"c": 1.0}, ParameterError, "has no parameter 'c'"),
        (lambda trial: {}, ParameterError, "must return at least one parameter"),
        (
            lambda trial: 3,
            ParameterTypeError,
            "must return a dict .* Got 3 of type int",
        ),
        ([SPACE], ParameterTypeError, "must be a dict .* of type list instead"),
    ],
)
def test_wrong_spaces_are_refused(blobs, space, error, message):
    assert_refused(search_of(space=space), blobs, error, message)


def test_the_nearest_name_may_differ_in_case(blobs):
    search = search_of(space={"c": [1.0]})

    assert_refused(search, blobs, ParameterError, "Did you mean 'C'")


def test_an_empty_space_is_refused(blobs):
    search = OptunaSearchCV(Untouched(), {})

    assert_refused(search, blobs, ParameterError, "must name at least one parameter")


def test_a_grid_of_a_function_is_refused(blobs):
    search = search_of(space=lambda trial: {"C": 1.0}, sampler="grid")

    assert_refused(search, blobs, ParameterError, "needs a dict of lists, as the val")


def test_rows_and_targets_of_different_lengths_are_refused(blobs):
    data = blobs[0], blobs[1][:-1]

    assert_refused(search_of(), data, ValueError, "inconsistent numbers of samples")


def test_an_estimator_without_a_score_needs_a_scoring(blobs):
    class Silent(BaseEstimator):
        def __init__(self, C=1.0):
            self.C = C

        def fit(self, X, y):
            pytest.fail("It was fitted.")

    search = search_of(Silent())

    assert_refused(search, blobs, TypeError, "should have a 'score' method")


def test_errors_can_be_caught_as_skdls_and_as_pythons():
    assert issubclass(ParameterError, SkdlError)
    assert issubclass(StudyError, SkdlError | ValueError)
    assert issubclass(StudyError, ValueError)
    assert issubclass(StorageError, OSError)
    assert issubclass(MissingDependencyError, ImportError)


def test_too_little_time_for_any_trial(blobs):
    with pytest.raises(
        DataError, match=r"No trial finished in time. .* timeout=1e-09. Allow m"
    ):
        search_of(timeout=1e-9).fit(*blobs)


# Storages.


@pytest.mark.parametrize(
    ("storage", "error", "message"),
    [
        ("sqlite:////nowhere/at/all/study.db", StorageError, "nowhere/at/all"),
        ("/nowhere/at/all/study.db", StorageError, "nowhere/at/all"),
        ("/nowhere/at/all/study.journal", StorageError, "nowhere/at/all"),
        ("nosuchdatabase://host/name", (StorageError, ImportError), "nosuchdatabase"),
        (3, ParameterTypeError, "'storage' .* Got 3 of type int"),
    ],
)
def test_storages_that_cannot_be_reached(blobs, storage, error, message):
    search = search_of(storage=storage, study_name="s")

    assert_refused(search, blobs, error, message)


def test_a_file_that_is_no_database(blobs, tmp_path):
    path = tmp_path / "study.db"
    path.write_text("This is no database. " * 100)

    assert_refused(
        search_of(storage=path, study_name="s"), blobs, StorageError, "study.db"
    )


def test_a_password_is_not_shown(blobs):
    search = search_of(
        storage="sqlite://user:secret@/nowhere/at/all.db", study_name="s"
    )

    with pytest.raises(SkdlError) as error:
        search.fit(*blobs)

    assert "secret" not in str(error.value)


# Studies of other searches.


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.db"


@pytest.fixture
def begun(blobs, path):
    """A study with a trial of a search."""
    search_of(LogisticRegression(), n_trials=1, storage=path, study_name="s").fit(
        *blobs
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"space": {"C": loguniform(0.1, 20)}}, "'s' was created with another space"),
        ({"space": {"C": [1.0]}}, "another space .* Choose another study_name"),
        ({"space": {**SPACE, "max_iter": [90]}}, "another space"),
        ({"space": lambda trial: {"C": 1.0}}, "another space .* not a function"),
        ({"scoring": ["accuracy"], "refit": "accuracy"}, "other objectives"),
        ({"cv": 3}, "other folds|another X or y"),
        ({"cv": KFold(2)}, "other folds|another X or y"),
    ],
)
@pytest.mark.usefixtures("begun")
def test_a_study_of_another_search_is_refused(blobs, path, changes, message):
    class LogisticRegression(Untouched):
        """By the same name."""

    search = search_of(LogisticRegression(), storage=path, study_name="s", **changes)

    assert_refused(search, blobs, StudyError, message)
    assert (
        len(optuna.load_study(study_name="s", storage=f"sqlite:///{path}").trials) == 1
    )


def test_a_study_of_another_function_is_refused(blobs, path):
    def one(trial):
        return {"C": trial.suggest_categorical("C", [1.0, 2.0])}

    def other(trial):
        return {"C": trial.suggest_categorical("C", [3.0, 4.0])}

    where = {"storage": path, "study_name": "s"}
    search_of(LogisticRegression(), one, n_trials=1, **where).fit(*blobs)
    model = type("LogisticRegression", (Untouched,), {})()

    assert_refused(search_of(model, other, **where), blobs, StudyError, "another space")


@pytest.mark.usefixtures("begun")
def test_a_study_of_another_scoring_is_refused(blobs, path):
    search = search_of(
        LogisticRegression(), storage=path, study_name="s", scoring="neg_log_loss"
    )

    assert_refused(search, blobs, StudyError, "another scoring")


@pytest.mark.parametrize("what", ["settings", "targets"])
@pytest.mark.usefixtures("begun")
def test_a_study_of_other_settings_or_targets_is_refused(blobs, path, what):
    X, y = blobs
    model = LogisticRegression(fit_intercept=what != "settings")
    cv = KFold(2) if what == "targets" else 2  # rows of folds that y does not change
    where = {"storage": path, "study_name": what, "cv": cv}
    search_of(LogisticRegression(), n_trials=1, **where).fit(X, y)

    data = (X, 1 - y) if what == "targets" else blobs
    assert_refused(search_of(model, **where), data, StudyError, "another|other")


@pytest.mark.usefixtures("begun")
def test_a_study_of_another_estimator_is_refused(blobs, path):
    search = search_of(storage=path, study_name="s")

    assert_refused(
        search,
        blobs,
        StudyError,
        "another estimator .LogisticRegression, not Untouched",
    )


@pytest.mark.usefixtures("begun")
def test_a_study_of_more_objectives_is_refused(blobs, path):
    search = search_of(
        storage=path, study_name="s", scoring=["accuracy", "recall"], refit=False
    )

    assert_refused(
        search,
        blobs,
        StudyError,
        "maximises accuracy, recall. Choose another study_name",
    )


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_study_that_is_no_searchs_is_refused(blobs, direction):
    storage = optuna.storages.InMemoryStorage()
    study = optuna.create_study(storage=storage, study_name="s", direction=direction)
    study.add_trial(optuna.trial.create_trial(value=1.0))
    search = search_of(storage=storage, study_name="s")

    message = {
        "minimize": r"has the directions \['minimize'\], but this search maximises",
        "maximize": "has trials that OptunaSearchCV did not create",
    }[direction]
    assert_refused(search, blobs, StudyError, message)


def test_a_study_that_is_empty_is_taken(blobs):
    storage = optuna.storages.InMemoryStorage()
    optuna.create_study(storage=storage, study_name="s", direction="maximize")

    search = search_of(LogisticRegression(), storage=storage, study_name="s")

    assert len(search.fit(*blobs).study_.trials) == 2
