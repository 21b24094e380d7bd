"""The bar of explanations that take long."""

import sys

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from skdl import _progress as progress
from skdl._progress import Progress
from skdl.explain import partial_dependence, permutation_importance


@pytest.fixture
def fitted(numbers):
    X, y = numbers
    return LinearRegression().fit(X, y), X, y


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_bar_is_shown_when_asked(fitted, capsys, n_jobs):
    permutation_importance(*fitted, progress=True, n_repeats=3, n_jobs=n_jobs)

    shown = capsys.readouterr()
    assert "permutation importance" in shown.err
    assert "12/12" in shown.err
    assert shown.out == ""


def test_a_bar_of_partial_dependence(fitted, capsys):
    estimator, X, _ = fitted

    partial_dependence(estimator, X, [0], grid_resolution=7, progress=True)

    assert "7/7" in capsys.readouterr().err


def test_no_bar_without_a_terminal(fitted, capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BEFORE_SHOWN", -1.0)

    for shown in None, False:
        permutation_importance(*fitted, progress=shown)
        partial_dependence(fitted[0], fitted[1], [0], progress=shown)

    assert capsys.readouterr() == ("", "")


def test_a_bar_comes_late_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("quick", 3, shown=None) as bar:
        bar.advance(3)
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(progress, "SECONDS_BEFORE_SHOWN", -1.0)
    with Progress("slow", 3, shown=None) as bar:
        bar.advance()
        bar.advance(2)
    assert "3/3" in capsys.readouterr().err


def test_a_bar_is_closed_by_an_error(capsys):
    def fail():
        with Progress("failing", 3, shown=True) as bar:
            bar.advance()
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()

    assert "1/3" in capsys.readouterr().err
    with Progress("next", 1, shown=True) as bar:  # a live bar would refuse a second
        bar.advance()


def test_numbers_do_not_depend_on_the_bar(fitted, capsys):
    shown = permutation_importance(*fitted, random_state=0, progress=True)
    hidden = permutation_importance(*fitted, random_state=0, progress=False)

    np.testing.assert_array_equal(shown.importances, hidden.importances)
    capsys.readouterr()
