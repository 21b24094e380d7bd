"""Who chooses: by name or as an object, the same for the same seed, grids in order."""

import importlib.util
import tomllib

import numpy as np
import optuna
import pytest
from scipy.stats import loguniform, randint, uniform
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, ParameterGrid
from sklearn.tree import DecisionTreeClassifier

from skdl import OptunaSearchCV
from skdl.exceptions import (
    MissingDependencyError,
    ParameterError,
    ParameterTypeError,
)

NAMES = ["tpe", "gp", "cmaes", "nsga2", "ga", "random", "qmc"]
SPACE = {"x": uniform(-2, 4), "y": loguniform(0.01, 100), "n": randint(1, 9)}


class Valley(BaseEstimator):
    """No model: its score is a function of its parameters, highest at (1, 1, 3)."""

    def __init__(self, x=0.0, y=1.0, n=1, which=None):
        self.x = x
        self.y = y
        self.n = n
        self.which = which

    def fit(self, X, y=None):
        return self

    def score(self, X, y=None):
        return -((self.x - 1) ** 2) - np.log(self.y) ** 2 - 0.1 * abs(self.n - 3)


X = np.zeros((4, 1))


def search(sampler, space=SPACE, **settings):
    settings = {"n_trials": 10, "cv": 2, "random_state": 0, **settings}
    return OptunaSearchCV(Valley(), space, sampler=sampler, **settings).fit(X)


def chosen(sampler, **settings):
    return search(sampler, **settings).cv_results_["params"]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_chooses_the_same(name):
    first = chosen(name, batch_size=4)

    assert chosen(name, batch_size=4) == first
    assert chosen(name, batch_size=4, random_state=1) != first


@pytest.mark.parametrize("name", NAMES)
def test_candidates_differ_and_are_in_the_space(name):
    params = chosen(name, batch_size=5)

    assert len({tuple(each.values()) for each in params}) == 10
    for each in params:
        assert -2 <= each["x"] <= 2
        assert 0.01 <= each["y"] <= 100
        assert each["n"] in range(1, 9)
        assert isinstance(each["n"], int)


@pytest.mark.parametrize("name", ["tpe", "cmaes", "nsga2"])
def test_those_that_learn_beat_chance(name):
    settings = {"n_trials": 40, "batch_size": 4}

    def mean(sampler):  # of the last candidates
        found = [search(sampler, random_state=seed, **settings) for seed in range(2)]
        return np.mean([each.cv_results_["mean_test_score"][-12:] for each in found])

    assert mean(name) > mean("random")


@pytest.mark.parametrize("name", ["random", "qmc", "grid"])
def test_those_that_do_not_learn_choose_the_same_in_any_batches(name):
    space = {"x": [0, 1, 2], "n": [1, 2, 3, 4]} if name == "grid" else SPACE

    one = chosen(name, space=space, batch_size=1)

    assert chosen(name, space=space, batch_size=7) == one


def test_a_random_state_object_moves_on():
    random_state = np.random.RandomState(0)

    first = chosen("random", random_state=random_state)

    assert chosen("random", random_state=random_state) != first
    assert chosen("random", random_state=np.random.RandomState(0)) == first


def test_without_a_seed_runs_differ():
    assert chosen("random", random_state=None) != chosen("random", random_state=None)


@pytest.mark.parametrize("name", NAMES)
def test_a_single_batch_may_have_all_trials(name):
    assert len(chosen(name, batch_size=100)) == 10


@pytest.mark.parametrize("name", [*NAMES, "grid"])
def test_lists_of_any_values(name):
    space = {"which": [None, "a", (1, 2), {"b": 3}], "n": [1, 2]}

    params = chosen(name, space=space)

    assert len(params) == (8 if name == "grid" else 10)
    assert all(each["which"] in space["which"] for each in params)


@pytest.mark.parametrize("name", NAMES)
def test_conditional_spaces(name):
    def space(trial):
        n = trial.suggest_int("n", 1, 2)
        return {"n": n} if n == 1 else {"n": n, "x": trial.suggest_float("x", 0, 1)}

    params = chosen(name, space=space, batch_size=3)

    assert all(("x" in each) == (each["n"] == 2) for each in params)
    assert len(params) == 10


@pytest.mark.parametrize("name", ["tpe", "nsga2", "ga", "random", "qmc", "gp"])
def test_several_objectives(name):
    def score(estimator, X, y=None):
        return {"a": -abs(estimator.x), "b": -abs(estimator.x - 1)}

    found = search(name, scoring=score, refit="a")
    assert [len(trial.values) for trial in found.study_.trials] == [1] * 10

    scoring = {
        "a": lambda estimator, X, y=None: -abs(estimator.x),
        "b": lambda estimator, X, y=None: -abs(estimator.x - 1),
    }
    found = search(name, scoring=scoring, refit=False)

    assert [len(trial.values) for trial in found.study_.trials] == [2] * 10
    on_front = {trial.number for trial in found.best_trials_}
    xs = [params["x"] for params in found.cv_results_["params"]]
    assert {i for i, x in enumerate(xs) if 0 <= x <= 1} <= on_front


# Grids.


@pytest.mark.parametrize("batch_size", [1, 5, 100])
def test_a_grid_is_tried_in_scikit_learns_order(batch_size):
    space = {"y": [3.0, 1.0], "n": [2, 1, 4], "x": [0.5, -1.0]}

    params = chosen("grid", space=space, n_trials=None, batch_size=batch_size)

    assert params == list(ParameterGrid(space))


def test_a_grid_ends_by_itself():
    assert len(chosen("grid", space={"n": [1, 2, 3]}, n_trials=100)) == 3


@pytest.mark.parametrize("values", [[1, True, 1.0], [0, False, 0.0]])
def test_values_of_a_grid_that_are_equal_keep_their_types(values):
    params = chosen("grid", space={"which": values}, n_trials=None)

    assert [type(each["which"]) for each in params] == [type(v) for v in values]


def test_what_is_noted_is_what_was_fitted(blobs):
    # Of one feature, or of all of them.
    tree = DecisionTreeClassifier(random_state=0)
    grid = {"max_features": [1, 1.0]}

    found = OptunaSearchCV(tree, grid, n_trials=None, sampler="grid", cv=3).fit(*blobs)

    theirs = GridSearchCV(tree, grid, cv=3).fit(*blobs)
    assert found.cv_results_["mean_test_score"].tolist() == (
        theirs.cv_results_["mean_test_score"].tolist()
    )
    fitted = [type(params["max_features"]) for params in found.cv_results_["params"]]
    assert fitted == [int, float]


# Objects.


def test_an_object_keeps_its_own_seed():
    def run(seed, random_state):
        sampler = optuna.samplers.RandomSampler(seed=seed)
        return chosen(sampler, random_state=random_state)

    assert run(5, 0) == run(5, 1)
    assert run(5, 0) != run(6, 0)


def test_an_object_is_used_as_it_is():
    sampler = optuna.samplers.TPESampler(seed=3, n_startup_trials=2)

    found = search(sampler, batch_size=1)

    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=3, n_startup_trials=2),
    )

    def objective(trial):
        valley = Valley(
            x=trial.suggest_float("x", -2, 2),
            y=trial.suggest_float("y", 0.01, 100, log=True),
            n=trial.suggest_int("n", 1, 8),
        )
        return valley.score(None)

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study.optimize(objective, n_trials=10)
    optuna.logging.set_verbosity(verbosity)
    assert [trial.params for trial in study.trials] == found.cv_results_["params"]
    assert found.study_.sampler is sampler


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_sampler_of_all_that_a_function_asks_for():
    def space(trial):
        n = trial.suggest_int("n", 1, 2)
        return {"n": n, "x": trial.suggest_int("x", 0, n)}

    sampler = optuna.samplers.BruteForceSampler(seed=0)

    params = chosen(sampler, space=space, n_trials=5, batch_size=1)

    assert sorted((each["n"], each["x"]) for each in params) == [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
        (2, 2),
    ]


def test_optunas_own_grid():
    space = {"n": [1, 2, 3]}
    sampler = optuna.samplers.GridSampler(space, seed=0)

    params = chosen(sampler, space=space, n_trials=3, batch_size=1)

    assert sorted(each["n"] for each in params) == [1, 2, 3]


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_partial_sampler_fixes_a_value():
    base = optuna.samplers.RandomSampler(seed=0)
    sampler = optuna.samplers.PartialFixedSampler({"n": 5}, base)

    assert {params["n"] for params in chosen(sampler)} == {5}


# Errors.


@pytest.mark.parametrize(
    ("sampler", "error", "message"),
    [
        ("tp", ParameterError, "one of 'tpe', 'gp', .* Got 'tp' instead"),
        ("TPE", ParameterError, "one of 'tpe', 'gp', .* Got 'TPE' instead"),
        (None, ParameterTypeError, "a sampler of optuna.samplers. Got None of type N"),
        (optuna.samplers.TPESampler, ParameterTypeError, "TPESampler.* of type ABCMet"),
    ],
)
def test_wrong_samplers_are_refused(sampler, error, message):
    with pytest.raises(error, match=f"'sampler' parameter of Optuna.*{message}"):
        search(sampler)


@pytest.mark.parametrize(("sampler", "package"), [("gp", "torch"), ("cmaes", "cmaes")])
def test_what_a_sampler_needs_is_named(sampler, package, monkeypatch):
    find = importlib.util.find_spec

    def without(name, *others):
        return None if name.split(".")[0] == package else find(name, *others)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    fitted = OptunaSearchCV(Valley(), SPACE, sampler=sampler, cv=2)

    with pytest.raises(
        MissingDependencyError,
        match=rf"sampler='{sampler}' needs the package '{package}', which is not "
        rf'installed. Install it with: pip install "skdl\[{sampler}\]"',
    ):
        fitted.fit(X)

    assert not hasattr(fitted, "study_")


def test_the_extras_exist(root):
    with (root / "pyproject.toml").open("rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]

    assert any(each.startswith("torch") for each in extras["gp"])
    assert any(each.startswith("cmaes") for each in extras["cmaes"])


def test_cmaes_and_several_objectives():
    scoring = {
        "a": lambda estimator, X, y=None: -abs(estimator.x),
        "b": lambda estimator, X, y=None: -abs(estimator.x - 1),
    }

    with pytest.raises(ValueError, match="CmaEsSampler cannot be used"):
        search("cmaes", scoring=scoring, refit=False)
