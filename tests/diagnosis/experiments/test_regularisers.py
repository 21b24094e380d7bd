"""The kinds of regularisation and their strengths."""

import numpy as np
import pytest

from skdl import ConvClassifier, MLPClassifier, MLPRegressor
from skdl.diagnosis.experiments._regularisers import (
    OFF,
    STRENGTHS,
    Regulariser,
    regularisers,
)
from skdl.exceptions import ParameterError


@pytest.mark.parametrize("network", [MLPClassifier(), MLPRegressor(), ConvClassifier()])
def test_all_are_parameters_that_are_off_by_default(network):
    parameters = network.get_params()

    assert {name: parameters[name] for name in OFF} == OFF
    for each in regularisers(None, function="f"):
        network.set_params(**each.parameters)


def test_none_comes_first_and_every_kind_has_its_strengths():
    listed = regularisers(None, function="f")

    assert listed[0] == Regulariser("none")
    assert listed[0].parameters == OFF
    kinds = list(dict.fromkeys(each.kind for each in listed))
    assert kinds == ["none", *STRENGTHS]
    assert len(listed) == 1 + sum(map(len, STRENGTHS.values()))


def test_one_kind_is_on_at_a_time():
    dropout = Regulariser("dropout", 0.5)
    stopping = Regulariser("early_stopping", 7)

    assert dropout.parameters == {**OFF, "dropout": 0.5}
    assert stopping.parameters == {**OFF, "early_stopping": True, "patience": 7}
    assert (dropout.name, Regulariser("none").name) == ("dropout 0.5", "none")


def test_strengths_may_be_an_array():
    listed = regularisers({"l2": np.array([0.5, 0.25])}, function="f")

    assert [each.strength for each in listed] == [None, 0.5, 0.25]
    assert type(listed[1].strength) is float


@pytest.mark.parametrize(
    ("strengths", "message"),
    [
        ({"momentum": [0.9]}, r"'strengths' parameter of f .*\['l1', .*'momentum'"),
        ([0.1], r"must be a dict .* Got \[0.1\] instead"),
        ({"l2": []}, r"strengths of 'l2' .* such as \[0.0001, .* Got \[\] instead"),
        ({"l2": 0.1}, r"strengths of 'l2' .* Got 0.1 instead"),
        ({"batch_norm": "after"}, r"strengths of 'batch_norm' .* Got 'after' instead"),
    ],
)
def test_errors(strengths, message):
    with pytest.raises(ParameterError, match=message):
        regularisers(strengths, function="f")
