"""scikit-learn's checks of a dense network that adapts to X and y."""

from functools import partial

import keras
import pytest
from keras import layers
from sklearn.utils.estimator_checks import estimator_checks_generator

from skdl import KerasClassifier, KerasRegressor

# One check compares weights with repeated rows to seven digits: more than float32 has.
DTYPE = "float64"


def hidden_part(meta):
    """The input and a hidden layer."""
    model = keras.Sequential([keras.Input(meta["X_shape_"][1:], dtype=DTYPE)])
    model.add(layers.Dense(32, activation="relu", dtype=DTYPE))
    return model


def classifier_network(meta):
    """An output per class or label, compiled for the kind of target."""
    model = hidden_part(meta)
    if meta["target_type_"] == "multiclass":
        model.add(layers.Dense(meta["n_classes_"], activation="softmax", dtype=DTYPE))
        loss = keras.losses.SparseCategoricalCrossentropy(dtype=DTYPE)
    else:
        n_units = 1 if meta["target_type_"] == "binary" else meta["n_classes_"]
        model.add(layers.Dense(n_units, activation="sigmoid", dtype=DTYPE))
        loss = keras.losses.BinaryCrossentropy(dtype=DTYPE)
    model.compile(keras.optimizers.Adam(0.02), loss)
    return model


def regressor_network(meta):
    """An output per target."""
    model = hidden_part(meta)
    model.add(layers.Dense(meta["n_outputs_"], dtype=DTYPE))
    model.compile(
        keras.optimizers.Adam(0.02), keras.losses.MeanSquaredError(dtype=DTYPE)
    )
    return model


# All rows of the checks of sample weights in one batch: repeated rows cannot be in the
# batches of the rows that weigh more.
SETTINGS = {"epochs": 60, "batch_size": 64, "random_state": 0, "verbose": 0}
ESTIMATORS = [
    KerasClassifier(classifier_network, **SETTINGS),
    KerasRegressor(regressor_network, **SETTINGS),
]


def _name(value):
    """A name without the address of a function, which differs between processes."""
    if not isinstance(value, partial):
        return type(value).__name__
    settings = (f"{name}={setting}" for name, setting in value.keywords.items())
    return ", ".join([value.func.__name__, *settings])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        (estimator, check)
        for each in ESTIMATORS
        for estimator, check in estimator_checks_generator(each)
        if not _name(check).endswith("format_decision_function")  # it has none
    ],
    ids=_name,
)
def test_scikit_learn_checks_pass(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=_name)
def test_no_tag_skips_a_check(estimator):
    tags = estimator.__sklearn_tags__()

    assert not tags.non_deterministic
    assert not tags.no_validation
    assert not tags._skip_test
    assert not getattr(tags.classifier_tags, "poor_score", False)
    assert not getattr(tags.regressor_tags, "poor_score", False)
    assert tags.input_tags.sparse
    assert tags.target_tags.required


def test_tags_accept_several_targets():
    assert KerasClassifier().__sklearn_tags__().classifier_tags.multi_label
    assert KerasRegressor().__sklearn_tags__().target_tags.multi_output
