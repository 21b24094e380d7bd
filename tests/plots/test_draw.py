"""Each record is drawn by the function that belongs to it; no class is forgotten."""

import inspect
import re
import subprocess
import sys
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from skdl import diagnosis, plots
from skdl.exceptions import ParameterTypeError
from skdl.plots._draw import DRAWN_BY
from tests.every_record import FINDINGS_ALONE, Record, every_record, record_classes

NOT_DRAWN = {type(FINDINGS_ALONE).__name__}  # words alone
OF_SEARCH = {"Candidates", "ParameterImportance"}
DRAWN = {cls.__name__ for cls in DRAWN_BY}
# The others are drawn by the function of the same name.
OTHER_NAMES = {
    "BaselineComparison": "compare_baselines",
    "GroupAttributions": "attributions",
    "OptimizerComparison": "compare_optimizers",
    "RegularisationComparison": "compare_regularisation",
}
SEVERAL = {"OptimizerComparison": 2, "GradientFlow": 2}


@pytest.fixture(scope="module")
def records():
    return every_record()


def test_every_class_of_records_is_drawn_or_named_as_not_drawable(records):
    names = {cls.__name__ for cls in record_classes()}

    assert names == DRAWN - OF_SEARCH | NOT_DRAWN
    assert not DRAWN & NOT_DRAWN
    assert set(records) == names - NOT_DRAWN


def test_every_function_of_plots_that_takes_a_record_is_in_the_table():
    others = {"hyperparameter_path", "learning_curve", "search_results"}
    others |= {"draw", "inline_svg", "temporary_figures"}

    drawing = {function.__name__ for function in DRAWN_BY.values()}

    assert drawing == set(plots.__all__) - others


@pytest.mark.parametrize(
    "name", sorted({*plots.__all__} - {"inline_svg", "temporary_figures"})
)
def test_where_to_draw_is_named_alike_everywhere(name):
    parameters = inspect.signature(getattr(plots, name)).parameters

    assert parameters["ax"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["ax"].default is None
    assert list(parameters)[-1] == "ax"


def contents(axes):
    """Everything that is drawn, as numbers and words."""
    lines = [line.get_xydata().tolist() for ax in axes for line in ax.lines]
    boxes = [patch.get_path().vertices.tolist() for ax in axes for patch in ax.patches]
    words = [text.get_text() for ax in axes for text in ax.texts]
    names = [
        (ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel()) for ax in axes
    ]
    return str([lines, boxes, words, names])  # nan is equal to nan


@pytest.mark.parametrize("name", sorted(DRAWN - OF_SEARCH))
def test_a_record_is_drawn_as_by_its_function(records, name):
    drawn = np.ravel(plots.draw(records[name]))
    own_name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    function = getattr(plots, OTHER_NAMES.get(name, own_name))
    expected = np.ravel(function(records[name]))

    assert all(isinstance(ax, Axes) for ax in drawn)
    assert len(drawn) == SEVERAL.get(name, 1)
    assert contents(drawn) == contents(expected)
    assert plots.inline_svg(drawn, alternative=name).startswith("<svg ")


@pytest.mark.parametrize("name", sorted(DRAWN - OF_SEARCH - {*SEVERAL}))
def test_it_draws_where_it_is_told(records, name):
    _, (ax, other) = plt.subplots(2)

    assert plots.draw(records[name], ax=ax) is ax
    assert not other.has_data()


@pytest.mark.parametrize("name", SEVERAL)
def test_some_are_drawn_on_several_axes(records, name):
    _, axes = plt.subplots(2)

    drawn = plots.draw(records[name], ax=axes)

    assert list(drawn) == list(axes)
    assert all(ax.has_data() for ax in axes)


def test_measures_are_drawn_where_there_are_no_curves(records):
    found = records["ExplanationQuality"]

    ax = plots.draw(replace(found, curves=found.curves.iloc[:0]))

    assert ax.get_xlabel() == "value and 95 % interval"


def test_a_class_that_derives_from_a_record_is_drawn_as_it(records):
    class OwnSweep(diagnosis.LearningRateSweep):
        pass

    own = OwnSweep(**vars(records["LearningRateSweep"]))

    assert plots.draw(own).get_xlabel() == "learning rate"


@dataclass(frozen=True)
class Confusion(Record):
    """Of the same name as a class of skdl, but another one."""

    def to_frame(self):
        return pd.DataFrame({"value": [1]})


def test_what_cannot_be_drawn_is_refused(records):
    with pytest.raises(
        ParameterTypeError, match=r"Attributions, .*Slices or Surrogate\."
    ) as e:
        plots.draw(Confusion())
    assert str(e.value).endswith(
        "Got Confusion instead. Its numbers are in to_frame()."
    )
    with pytest.raises(ParameterTypeError, match=r"Got dict instead\.$"):
        plots.draw({"loss": [1, 2]})
    with pytest.raises(ParameterTypeError, match="Got FindingsRecord instead"):
        plots.draw(FINDINGS_ALONE)
    with pytest.raises(ParameterTypeError, match="matplotlib Axes for a Diagnosis"):
        plots.draw(records["Diagnosis"], ax=np.array([None]))


OF_TABLES = {"hyperparameter_path", "learning_curve", "search_results"}
DRAWING = sorted({*plots.__all__} - {"draw", "inline_svg", "temporary_figures"})


def test_each_function_says_what_draws_the_record_of_another(records):
    for name in DRAWING:
        other = "Slices" if name == "residuals" else "Residuals"
        function = getattr(plots, name)
        parameter = next(iter(inspect.signature(function).parameters))
        expected = [
            cls.__name__ for cls, draws in DRAWN_BY.items() if draws is function
        ]
        beside = {"gradient_flow", *OF_TABLES}
        expected += ["DataFrame"] * (name in beside)
        expected += ["Bunch"] * (name == "permutation_importance")

        with pytest.raises(ParameterTypeError) as error:
            function(records[other])

        assert str(error.value) == (
            f"The '{parameter}' parameter of skdl.plots.{name} must be "
            f"{' or '.join(expected)}. Got {other} instead, which "
            f"skdl.plots.{other.lower()} draws."
        )
        assert plt.get_fignums() == []


@pytest.mark.parametrize("name", DRAWING)
def test_what_is_no_record_is_refused_by_each_function(name):
    for wrong in (3, "loss", FINDINGS_ALONE):
        with pytest.raises(ParameterTypeError) as error:
            getattr(plots, name)(wrong)
        assert f"Got {type(wrong).__name__} instead." in str(error.value)
    assert str(error.value).endswith("Its numbers are in to_frame().")


def test_each_of_several_partial_dependences_is_checked(records):
    found, other = records["PartialDependence"], records["Residuals"]
    for several in ([found, other], (other,), {"length": found, "width": other}):
        with pytest.raises(ParameterTypeError, match="Got Residuals instead, which"):
            plots.partial_dependence(several)


def test_drawing_loads_nothing_heavy():
    code = (
        "import sys; from skdl import diagnosis, plots\n"
        "plots.draw(diagnosis.diagnose({'loss': [2, 1]}))\n"
        "print([m for m in ('tensorflow', 'keras', 'optuna') if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
