"""What may be chosen: distributions, lists and functions, as a study holds them."""

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdl.exceptions import ParameterError, ParameterTypeError
from skdl.search._studies.spaces import read_space

MODEL = SVC()


def read(choices, name="C"):
    """The parameter that a table with one has."""
    return read_space({name: choices}, MODEL).parameters[name]


def drawn(space, n_trials=20):
    """What trials of a random study choose."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [space.suggest(study.ask()) for _ in range(n_trials)]


@pytest.fixture(autouse=True)
def quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


# Distributions.


@pytest.mark.parametrize(
    "distribution",
    [
        FloatDistribution(0.1, 1.0),
        FloatDistribution(0.1, 1.0, log=True),
        FloatDistribution(0.1, 1.0, step=0.3),
        IntDistribution(1, 9, step=2),
        IntDistribution(1, 9, log=True),
        CategoricalDistribution([1.0, 2.0]),
    ],
)
def test_distributions_of_optuna_are_taken_as_they_are(distribution):
    space = read_space({"C": distribution}, MODEL)

    assert space.parameters["C"].distribution == distribution
    assert all(
        distribution._contains(params["C"])
        or isinstance(distribution, CategoricalDistribution)
        for params in drawn(space)
    )
    study = optuna.create_study()
    trial = study.ask()
    space.suggest(trial)
    assert trial.distributions == {"C": distribution}


@pytest.mark.parametrize(
    ("frozen", "distribution"),
    [
        (stats.uniform(2, 3), FloatDistribution(2.0, 5.0)),
        (stats.uniform(loc=-1, scale=0.5), FloatDistribution(-1.0, -0.5)),
        (stats.uniform(), FloatDistribution(0.0, 1.0)),
        (stats.loguniform(1e-3, 1e2), FloatDistribution(1e-3, 1e2, log=True)),
        (stats.reciprocal(0.1, 10), FloatDistribution(0.1, 10.0, log=True)),
        (stats.loguniform(1, 2, scale=3), FloatDistribution(3.0, 6.0, log=True)),
        (stats.randint(2, 5), IntDistribution(2, 4)),
        (stats.randint(low=0, high=2), IntDistribution(0, 1)),
        (stats.randint(0, 3, loc=10), IntDistribution(10, 12)),
    ],
)
def test_frozen_distributions_of_scipy(frozen, distribution):
    assert read(frozen).distribution == distribution


@pytest.mark.parametrize(
    "frozen",
    [
        stats.norm(),
        stats.expon(scale=3),
        stats.poisson(2),
        stats.loguniform(1, 2, loc=1),
        stats.beta(1, 2),
    ],
)
def test_other_distributions_of_scipy_are_refused(frozen):
    name = frozen.dist.name
    with pytest.raises(
        ParameterError, match=rf"uniform, randint and loguniform .* Got {name} for 'C'"
    ):
        read(frozen)


@pytest.mark.parametrize(
    "frozen", [stats.uniform(1, 0), stats.uniform(1, -1), stats.randint(5, 2)]
)
def test_distributions_of_scipy_with_wrong_limits_are_refused(frozen):
    with pytest.raises(ValueError) as error:  # noqa: PT011  looked at below
        read(frozen)

    assert isinstance(error.value, ParameterError)
    assert "'C'" in str(error.value)


# Lists.


@pytest.mark.parametrize(
    "values", [[1, 2.5], ["a", None], [True, False], (0.1, 1.0), range(3)]
)
def test_a_list_of_what_a_study_can_hold_is_held(values):
    parameter = read(values)

    assert parameter.distribution.choices == tuple(values)
    assert [parameter.value(choice) for choice in values] == list(values)
    assert {type(v["C"]) for v in drawn(read_space({"C": values}, MODEL))} == (
        {type(v) for v in values}
    )


def test_numbers_of_numpy_become_numbers():
    for values in (np.array([1, 2]), [np.int64(1), np.int32(2)]):
        choices = read(values).distribution.choices
        assert choices == (1, 2)
        assert {type(choice) for choice in choices} == {int}
    assert type(read(np.logspace(-1, 1, 3)).distribution.choices[0]) is float


@pytest.mark.parametrize(
    "values",
    [
        [(8,), (8, 8)],
        [{"a": 1}, None],
        [np.arange(2), np.arange(3)],
        [StandardScaler(), MinMaxScaler(), "passthrough"],
        [len, np.tanh, lambda x: x],
        [1.0, float("nan"), float("inf")],
        [MinMaxScaler, None],
    ],
)
def test_what_a_study_cannot_hold_has_a_label(values):
    space = read_space({"C": values}, MODEL)
    parameter = space.parameters["C"]

    labels = parameter.distribution.choices
    assert all(isinstance(label, str) for label in labels)
    assert len(set(labels)) == len(values)
    held = [parameter.value(label) for label in labels]
    assert all(ours is theirs for ours, theirs in zip(held, values, strict=True))
    chosen = [params["C"] for params in drawn(space)]
    assert all(any(each is value for value in values) for each in chosen)


def test_labels_can_be_read():
    assert read([(8,), (8, 8)]).distribution.choices == ("(8,)", "(8, 8)")
    assert read([StandardScaler(), None]).distribution.choices == (
        "StandardScaler()",
        "None",
    )
    assert read([len, MinMaxScaler]).distribution.choices == ("len", "MinMaxScaler")


def test_labels_have_no_addresses():
    class Plain:
        pass

    for values in ([Plain(), 1], [lambda x: x, 1], [Plain().__init__, 1]):
        assert all(" at 0x" not in label for label in read(values).distribution.choices)


def test_values_with_the_same_label_are_told_apart():
    values = [(1,), (1,), "(1,)", np.array(1)]

    parameter = read(values)

    assert len(set(parameter.distribution.choices)) == 4
    for label, value in zip(parameter.distribution.choices, values, strict=True):
        assert parameter.value(label) is value


@pytest.mark.parametrize("values", [[1, True], [0, False], [1, 1.0], [0.0, False, 0]])
def test_values_that_are_equal_keep_their_types(values):
    types = {
        type(params["C"]) for params in drawn(read_space({"C": values}, MODEL), 40)
    }

    assert types == {type(value) for value in values}


# Errors.


@pytest.mark.parametrize("values", [[], (), np.array([]), range(0)])
def test_an_empty_list_is_refused(values):
    with pytest.raises(ParameterError, match=r"list for 'C' .* is empty. Expected"):
        read(values)


@pytest.mark.parametrize("choices", [1, 0.5, "linear", None, {1, 2}, {"a": 1}, b"ab"])
def test_what_is_no_choice_is_refused(choices):
    with pytest.raises(
        ParameterTypeError,
        match=f"for 'C' .* must be an Optuna .* of type {type(choices).__name__}",
    ):
        read(choices)


def test_an_empty_space_is_refused():
    with pytest.raises(
        ParameterError, match=r"at least one parameter. Got an empty dic"
    ):
        read_space({}, MODEL)


@pytest.mark.parametrize("space", [None, [{"C": [1]}], "C", 3])
def test_what_is_no_space_is_refused(space):
    with pytest.raises(
        ParameterTypeError,
        match=f"'param_distributions' .* must be a dict .* type {type(space).__name__}",
    ):
        read_space(space, MODEL)


def test_names_are_words():
    with pytest.raises(ParameterTypeError, match=r"must be str. Got 1 of type int"):
        read_space({1: [1]}, MODEL)


@pytest.mark.parametrize(
    ("estimator", "name", "message"),
    [
        (SVC(), "gama", "SVC has no parameter 'gama' .* Did you mean 'gamma'"),
        (
            SVC(),
            "xyzw",
            r"'xyzw' to search over. estimator.get_params\(\)",
        ),
        (SVC(), "svc__C", "SVC has no parameter 'svc__C'"),
        (
            make_pipeline(StandardScaler(), SVC()),
            "C",
            "Pipeline has no parameter 'C' .* Did you mean 'svc__C'",
        ),
        (
            make_pipeline(StandardScaler(), SVC()),
            "svc__gama",
            "Did you mean 'svc__gamma'",
        ),
    ],
)
@pytest.mark.parametrize("as_function", [False, True])
def test_unknown_parameters_are_refused(estimator, name, message, as_function):
    space = {name: [1.0]}
    if as_function:

        def space(trial):
            return {name: 1.0}

    with pytest.raises(ParameterError, match=message):
        read_space(space, estimator)


def test_parameters_of_what_the_space_brings_are_known():
    pipeline = make_pipeline(StandardScaler(), SVC())
    trees = [DecisionTreeClassifier()]

    space = read_space({"svc": trees, "svc__max_depth": [1, 2]}, pipeline)

    assert set(space.parameters) == {"svc", "svc__max_depth"}


# Functions.


def test_a_function_is_asked_for_each_trial():
    def function(trial):
        kernel = trial.suggest_categorical("kernel", ["rbf", "poly"])
        if kernel == "poly":
            return {"kernel": kernel, "degree": trial.suggest_int("degree", 2, 4)}
        return {"kernel": kernel, "gamma": trial.suggest_float("width", 0.1, 1) ** -2}

    chosen = drawn(read_space(function, MODEL))

    assert {tuple(sorted(params)) for params in chosen} == {
        ("degree", "kernel"),
        ("gamma", "kernel"),
    }


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (None, ParameterTypeError, "must return a dict .* Got None of type NoneType"),
        ([1], ParameterTypeError, r"must return a dict .* Got \[1\] of type list"),
        ({}, ParameterError, "must return at least one parameter. Got an empty dict"),
    ],
)
def test_what_a_function_returns_is_checked(returned, error, message):
    with pytest.raises(error, match=message):
        read_space(lambda trial: returned, MODEL)


def test_what_a_function_returns_later_is_checked_too():
    n_calls = []

    def function(trial):
        n_calls.append(1)
        return {"C" if len(n_calls) < 3 else "c": 1.0}

    space = read_space(function, MODEL)
    with pytest.raises(ParameterError, match="SVC has no parameter 'c'"):
        drawn(space)


def test_errors_of_a_function_are_its_own():
    def function(trial):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        read_space(function, MODEL)


# Grids and fingerprints.


@pytest.mark.parametrize(
    ("choices", "values"),
    [
        ([3, 1, 2], [3, 1, 2]),
        (IntDistribution(1, 7, step=3), [1, 4, 7]),
        (stats.randint(2, 5), [2, 3, 4]),
        (FloatDistribution(0.1, 0.5, step=0.1), [0.1, 0.2, 0.3, 0.4, 0.5]),
        ([(1,), (2,)], ["(1,)", "(2,)"]),
    ],
)
def test_the_values_of_a_grid(choices, values):
    assert read_space({"C": choices}, MODEL).grid() == {"C": values}


@pytest.mark.parametrize(
    "choices",
    [stats.uniform(), FloatDistribution(0, 1), IntDistribution(1, 8, log=True)],
)
def test_what_cannot_be_listed_is_no_grid(choices):
    with pytest.raises(
        ParameterError, match=r"needs a finite set .* Pass a list, or a"
    ):
        read_space({"C": choices}, MODEL).grid()


def test_a_function_is_no_grid():
    with pytest.raises(ParameterError, match="needs a dict of lists, as the val"):
        read_space(lambda trial: {"C": 1.0}, MODEL).grid()


def test_equal_spaces_have_equal_fingerprints():
    def fingerprint(**space):
        return read_space(space, LogisticRegression()).fingerprint

    one = fingerprint(C=stats.loguniform(0.1, 1), max_iter=[1, 2])
    assert one == fingerprint(max_iter=[1, 2], C=FloatDistribution(0.1, 1, log=True))
    assert one != fingerprint(C=stats.loguniform(0.1, 2), max_iter=[1, 2])
    assert one != fingerprint(C=stats.loguniform(0.1, 1), max_iter=[2, 1])
    assert one != fingerprint(C=stats.loguniform(0.1, 1))
