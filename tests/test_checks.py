"""The rule language for parameters: what is accepted, and what a refusal says."""

import numpy as np
import pytest

from skdl._checks import (
    NONE,
    at_least,
    boolean,
    check_count,
    check_share,
    check_weights,
    either,
    number,
    word,
)
from skdl.exceptions import DataError, ParameterError, ParameterTypeError

POSITIVE = number("a number above 0", lambda v: v > 0)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (POSITIVE, 0.5),
        (POSITIVE, 3),
        (POSITIVE, np.float32(0.5)),
        (at_least(2), 2),
        (at_least(2), np.int64(7)),
        (boolean(), True),
        (boolean(), np.False_),
        (word(("a", "b")), "b"),
        (either("a number above 0, or None", POSITIVE, NONE), None),
    ],
)
def test_a_valid_value_is_returned(rule, value):
    assert rule.check("rate", value, "Net") is value


@pytest.mark.parametrize(
    ("rule", "value", "message"),
    [
        (POSITIVE, 0, "must be a number above 0. Got 0 instead."),
        (POSITIVE, float("nan"), "must be a number above 0. Got nan instead."),
        (POSITIVE, "1", "must be a number above 0. Got '1' of type str instead."),
        (POSITIVE, True, "must be a number above 0. Got True of type bool instead."),
        (at_least(2), 1, "must be an integer of 2 or more. Got 1 instead."),
        (at_least(2), 2.0, "must be an integer of 2 or more. Got 2.0 of type float"),
        (boolean(), 1, "must be True or False. Got 1 of type int instead."),
        (word(("a", "b")), "c", "must be one of 'a', 'b'. Got 'c' instead."),
    ],
)
def test_an_invalid_value_is_refused(rule, value, message):
    with pytest.raises(ParameterError) as error:
        rule.check("rate", value, "Net")

    assert str(error.value).startswith(f"The 'rate' parameter of Net {message}")
    assert isinstance(error.value, TypeError) == ("of type" in message)


def test_a_wrong_type_is_also_a_value_error():
    # As scikit-learn's InvalidParameterError: one `except ValueError` catches both.
    with pytest.raises(ValueError, match="of type list"):
        POSITIVE.check("rate", [1], "Net")
    assert issubclass(ParameterTypeError, TypeError)


def test_share_and_count():
    assert check_share(0.25, name="share", function="f") == 0.25
    assert check_count(np.int32(4), name="n", function="f", least=4) == 4
    for share in (0, 1, 1.5, "a", None):
        with pytest.raises(ParameterError, match=r"^The 'share' .* in \(0, 1\)\. Got"):
            check_share(share, name="share", function="f")
    with pytest.raises(ParameterError, match=r"an integer of 4 or more\. Got 3 inst"):
        check_count(3, name="n", function="f", least=4)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, 2.0], "X has 3 rows but 'sample_weight' has shape (2,)."),
        (["a", "b", "c"], "The 'sample_weight' parameter must hold one number per row"),
        ([1.0, -1.0, 1.0], "The weights in 'sample_weight' must be finite and not neg"),
        ([1.0, np.nan, 1.0], "The weights in 'sample_weight' must be finite and not"),
        ([0.0, 0.0, 0.0], "The weights in 'sample_weight' must be finite and not neg"),
    ],
)
def test_weights_are_refused(weights, message):
    with pytest.raises(DataError) as error:
        check_weights(weights, n_samples=3)

    assert str(error.value).startswith(message)


def test_weights():
    assert check_weights(None, n_samples=2).tolist() == [1.0, 1.0]
    weights = check_weights([1, 0], n_samples=2)
    assert weights.dtype == np.float64
    assert weights.tolist() == [1.0, 0.0]
