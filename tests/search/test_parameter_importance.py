"""Which parameters mattered, on searches whose answer is known."""

import warnings

import numpy as np
import optuna
import pytest

from skdl.exceptions import DataError, ParameterError
from skdl.search import parameter_importance


def grid(**values):
    """Every combination of the values."""
    combinations = np.stack(np.meshgrid(*[range(len(v)) for v in values.values()]), -1)
    return [
        {name: values[name][i] for name, i in zip(values, row, strict=True)}
        for row in combinations.reshape(-1, len(values))
    ]


def test_the_only_parameter_that_matters_comes_first(made_search):
    parameters = grid(m__a=[0, 1, 2, 3, 4], m__b=[0, 1, 2, 3, 4])
    search = made_search(parameters, [params["m__a"] for params in parameters])

    importance = parameter_importance(search, random_state=0)

    assert importance.parameters == ("m__a", "m__b")
    assert importance.labels == ("a", "b")
    assert importance.importances[0] > 0.99
    assert sum(importance.importances) == pytest.approx(1)
    assert importance.n_candidates == 25
    assert importance.to_frame()["parameter"].tolist() == ["a", "b"]


def test_shares_follow_the_variances(made_search):
    # score = 2 a + b with equal values: the variances are as 4 to 1.
    parameters = grid(a=list(range(8)), b=list(range(8)))
    search = made_search(parameters, [2 * p["a"] + p["b"] for p in parameters])

    importance = parameter_importance(search, random_state=0)

    assert importance.importances == pytest.approx((0.8, 0.2), abs=0.05)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1e-4, 1e-3, 1e-2, 1e-1], "log"),
        ([1, 2, 5, 10], "linear"),
        ([0.0, 1.0, 10.0, 1000.0], "linear"),
        ([-1.0, 1.0, 10.0, 1000.0], "linear"),
        ([1.0, np.inf, 2.0, 3.0], "categorical"),
        (["adam", "sgd", "lion", "adamw"], "categorical"),
        ([(8,), (8, 8), (16,), (16, 16)], "categorical"),
        ([True, False, True, False], "categorical"),
        ([None, "None", "x", 3], "categorical"),
    ],
)
def test_scales(made_search, values, scale):
    parameters = [{"a": value, "b": i % 2} for i, value in enumerate(values)]
    search = made_search(parameters, [1, 2, 3, 4])

    importance = parameter_importance(search, random_state=0)

    assert dict(zip(importance.parameters, importance.scales, strict=True))["a"] == (
        scale
    )
    assert np.isfinite(importance.importances).all()


def test_the_logarithm_is_taken(made_search):
    # Equal steps of the logarithm: half of the candidates decide the score. Read on a
    # linear scale, nine tenths of the range would have the same score.
    rates = np.logspace(-4, 0, 16)
    parameters = grid(rate=list(rates), b=[0, 1])
    scores = [float(p["rate"] < 1e-2) + 0.5 * p["b"] for p in parameters]

    importance = parameter_importance(made_search(parameters, scores), random_state=0)

    # Variances 1/4 and 1/16.
    assert importance.importances == pytest.approx((0.8, 0.2), abs=0.05)


def test_a_single_parameter_has_all_importance(made_search):
    search = made_search([{"a": 1}, {"a": 2}, {"a": 3}], [1, 2, 4])

    assert parameter_importance(search, random_state=0).importances == (1.0,)


def test_constant_and_conditional_parameters_are_omitted_and_said(made_search):
    parameters = [{"a": i, "b": "x"} for i in range(4)]
    parameters[0]["c"] = 1

    importance = parameter_importance(
        made_search(parameters, [1, 2, 3, 4]), random_state=0
    )

    assert importance.parameters == ("a",)
    assert importance.omitted == {
        "b": "the same in every candidate",
        "c": "not set in every candidate",
    }


def test_failed_candidates_are_left_out(made_search):
    parameters = [{"a": i} for i in range(5)]

    importance = parameter_importance(
        made_search(parameters, [1, np.nan, 3, 4, 5]), random_state=0
    )

    assert (importance.n_candidates, importance.n_failed) == (4, 1)


def test_equal_scores_mean_that_nothing_matters(made_search):
    parameters = grid(a=[1, 2, 3], b=[1, 2])

    importance = parameter_importance(
        made_search(parameters, [0.5] * 6), random_state=0
    )

    assert importance.importances == (0, 0)


def test_halving_is_judged_by_its_first_iteration(made_search):
    parameters = [{"a": i} for i in (0, 1, 2, 3, 0, 1)]
    search = made_search(
        parameters, [1, 2, 3, 4, 5, np.nan], iter=np.array([0, 0, 0, 0, 1, 1])
    )

    importance = parameter_importance(search, random_state=0)

    assert (importance.n_candidates, importance.n_failed) == (4, 0)


def test_ped_anova(made_search):
    rng = np.random.RandomState(0)
    parameters = [{"a": a, "b": b} for a, b in rng.rand(60, 2)]
    search = made_search(parameters, [params["a"] for params in parameters])

    importance = parameter_importance(search, method="ped_anova", random_state=0)

    assert importance.parameters[0] == "a"
    assert importance.method == "ped_anova"


def test_the_same_seed_gives_the_same_numbers(made_search):
    rng = np.random.RandomState(0)
    parameters = [{"a": a, "b": b} for a, b in rng.rand(20, 2)]
    search = made_search(parameters, rng.rand(20))

    one, two, other = (parameter_importance(search, random_state=i) for i in (1, 1, 2))

    assert one == two
    assert one != other


def test_optuna_is_quiet_and_left_as_it_was(made_search, capfd):
    search = made_search([{"a": 1}, {"a": 2}], [1, 2])
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    filters = list(warnings.filters)
    try:
        parameter_importance(search, random_state=0)
        assert optuna.logging.get_verbosity() == optuna.logging.DEBUG
    finally:
        optuna.logging.set_verbosity(verbosity)

    assert capfd.readouterr() == ("", "")
    assert warnings.filters == filters


@pytest.mark.parametrize(
    ("parameters", "scores", "message"),
    [
        ([{"a": 1}, {"a": 2}], [1, np.nan], "at least 2 candidates .* Got 1 of 2"),
        ([{"a": 1}, {"a": 1}], [1, 2], "a parameter that differs .* Got 2 candidates"),
    ],
)
def test_too_little_to_say_is_refused(made_search, parameters, scores, message):
    with pytest.raises(DataError, match=message):
        parameter_importance(made_search(parameters, scores), random_state=0)


def test_an_unknown_method_is_refused(made_search):
    search = made_search([{"a": 1}, {"a": 2}], [1, 2])

    with pytest.raises(ParameterError, match="must be 'fanova' or 'ped_anova'"):
        parameter_importance(search, method="shap")
