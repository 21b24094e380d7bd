"""What skdl relies on in the private parts of Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from skdl._compat import keras as compat


@pytest.fixture
def model():
    """Two inputs, an inner model with dropout, two outputs."""
    first, second = keras.Input((3,), name="first"), keras.Input((2,), name="second")
    inner = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(4), keras.layers.Dropout(0.5)]
    )
    hidden = inner(keras.layers.Concatenate()([first, second]))
    outputs = {
        "left": keras.layers.Dense(1, name="left")(hidden),
        "right": keras.layers.Dense(2, name="right")(hidden),
    }
    return keras.Model({"first": first, "second": second}, outputs)


# --- models -----------------------------------------------------------------------


def test_layers_are_numbered_from_the_start_and_counters_come_back():
    # Else the layers of a model that is built again have other names.
    keras.layers.Dense(1)
    with compat.fresh_layer_names():
        assert [keras.layers.Dense(1).name for _ in range(2)] == ["dense", "dense_1"]
    outside = keras.layers.Dense(1).name
    with compat.fresh_layer_names():
        keras.layers.Dense(1)
    number = int(outside.removeprefix("dense_"))
    assert keras.layers.Dense(1).name == f"dense_{number + 1}"


def test_layers_are_found_at_any_depth(model):
    # Else a user's layer inside another is taken for one of Keras's.
    kinds = {type(layer).__name__ for layer in compat.all_layers(model)}
    assert {"Sequential", "Dense", "Dropout", "Concatenate"} <= kinds
    assert model not in compat.all_layers(model)


def test_functional_models_have_a_class_of_their_own(model):
    # Else a user's subclass is trained by the engine, or no model is.
    assert type(model) is compat.Functional
    assert type(keras.Sequential()) is keras.Sequential


def test_tables_are_packed_as_the_model_takes_them(model):
    # Else the tables of a model with several inputs are confused.
    tables = np.ones((4, 3)), np.zeros((4, 2))
    packed = compat.pack_inputs(model, tables)
    assert packed["first"] is tables[0]
    assert packed["second"] is tables[1]
    sequential = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    assert compat.pack_inputs(sequential, tables[:1]) is tables[0]


def test_outputs_have_the_structure_of_a_call(model):
    # Else the losses of several outputs are applied to the wrong outputs.
    structure = compat.output_structure(model)
    assert {name: part.shape for name, part in structure.items()} == {
        "left": (None, 1),
        "right": (None, 2),
    }
    sequential = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    assert compat.output_structure(sequential).shape == (None, 1)


def test_states_of_seed_generators_are_told_from_weights(model):
    # Else random states are counted as weights and carried through training.
    states = [v for v in model.variables if compat.is_seed_state(v)]
    assert len(states) == 1
    assert states[0] is model.layers[3].layers[1].seed_generator.state


# --- layers -----------------------------------------------------------------------


def test_masks_of_spatial_dropout_have_one_value_per_feature_map():
    # Else spatial dropout drops single units.
    layer = keras.layers.SpatialDropout2D(0.5, data_format="channels_last")
    images = np.ones((2, 5, 6, 3), np.float32)
    assert compat.noise_shape(layer, images)[1:] == (1, 1, 3)


def test_batch_norm_uses_overridden_moments():
    # Else padded rows enter the batch statistics.
    class Fixed(compat.MomentsOverride):
        def moments(self, inputs, mask):
            mean, variance = super().moments(inputs, mask)
            return mean + 1.0, ops.zeros_like(variance)

    rows = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    layer = Fixed(epsilon=0.25)
    normal = layer(rows, training=True)
    expected = (rows - rows.mean(axis=0) - 1.0) / 0.5
    np.testing.assert_allclose(normal, expected, rtol=1e-5, atol=1e-6)


# --- losses and metrics -----------------------------------------------------------


def test_arguments_of_compile_are_kept(model):
    # Else a compiled model always goes to `keras.Model.fit`.
    assert compat.compile_arguments(model) is None
    model.compile("sgd", loss="mse", metrics=["mae"])
    arguments = compat.compile_arguments(model)
    assert arguments["loss"] == "mse"
    assert arguments["metrics"] == ["mae"]
    assert "optimizer" in arguments


def test_built_losses_are_listed_with_paths_and_weights(model):
    # Else models with several losses cannot be trained by the engine.
    compiled = compat.CompileLoss(
        {"left": "mse", "right": "mae"},
        {"left": 2.0, "right": 3.0},
        output_names=["left", "right"],
    )
    y = {"left": np.zeros((3, 1)), "right": np.zeros((3, 2))}
    compiled.build(y, y)
    found = {
        path: (f.name, weight) for path, f, weight, _ in compat.flat_losses(compiled)
    }
    assert found == {
        ("left",): ("mse", 2.0),
        ("right",): ("mae", 3.0),
    }
    assert all(
        f.reduction == "sum_over_batch_size"
        for _, f, _, _ in compat.flat_losses(compiled)
    )


def test_metrics_are_listed_by_output():
    # Else metrics that couple rows are not refused.
    compiled = compat.CompileMetrics(
        None, {"left": ["mae"], "right": []}, output_names=["left", "right"]
    )
    y = {"left": np.zeros((3, 1)), "right": np.zeros((3, 2))}
    compiled.build(y, y)
    left, right = compat.flat_weighted_metrics(compiled)
    assert [metric.name for metric in left.metrics] == ["mae"]
    assert not right or not right.metrics


@pytest.mark.parametrize("is_built", [False, True])
def test_losses_of_a_compiled_model_can_be_replaced(is_built):
    # Else a weighted loss is divided by the number of rows.
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    assert compat.losses_to_train(model, keras.losses.get) == []
    model.compile("sgd", loss=keras.losses.MeanSquaredError())
    rows, targets = np.ones((2, 3)), np.array([[0.0], [9.0]])
    if is_built:
        model.evaluate(rows, targets, verbose=0)
    (loss,) = compat.losses_to_train(model, lambda loss: loss)
    loss.reduction = "mean_with_sample_weight"
    weights = np.array([1.0, 3.0])
    found = model.evaluate(rows, targets, sample_weight=weights, verbose=0)
    errors = (model.predict(rows, verbose=0) - targets)[:, 0] ** 2
    assert found == pytest.approx(np.average(errors, weights=weights), rel=1e-5)


def test_metrics_have_values_per_row():
    # Else metrics that couple rows are not refused.
    metric = keras.metrics.SparseTopKCategoricalAccuracy(k=1)
    y_pred = np.array([[2.0, 1.0], [3.0, 1.0]], np.float32)
    values = compat.row_function(metric)(np.array([0, 1]), y_pred)
    assert np.asarray(values).tolist() == [1.0, 0.0]
    assert compat.row_function(keras.metrics.AUC()) is None


def test_losses_keep_settings_that_their_configuration_leaves_out():
    # Else a Huber loss loses its delta, and logits are taken for probabilities.
    assert compat.settings_of(keras.losses.Huber(delta=0.3))["delta"] == 0.3
    crossentropy = keras.losses.BinaryCrossentropy(from_logits=True)
    assert compat.settings_of(crossentropy)["from_logits"] is True
    assert compat.settings_of("mse") == {}


def test_functions_become_losses_by_name():
    # Else a user's loss function has another name in the history.
    def shifted(y, y_pred):
        return ops.mean(ops.abs(y - y_pred + 1.0), axis=-1)

    loss = compat.LossFunctionWrapper(shifted, name="shifted")
    assert isinstance(loss, keras.losses.Loss)
    assert loss.name == "shifted"
    assert float(loss(np.zeros((2, 1)), np.zeros((2, 1)))) == 1.0


# --- optimizers -------------------------------------------------------------------

FAMILIES = ["SGD", "Adagrad", "Adadelta", "RMSprop", "Adam", "AdamW", "Nadam", "Adamax"]


@pytest.mark.parametrize("name", [*FAMILIES, "Lion", "Ftrl"])
def test_stateless_updates_are_those_of_apply(name):
    # Else the engine makes other steps than `keras.Model.fit`.
    family = getattr(keras.optimizers, name)
    start = np.array([1.0, -2.0, 0.5], np.float32)
    variable = keras.Variable(start)
    plain = family(learning_rate=0.1)
    plain.build([variable])
    stateless = compat.stateless(family)(learning_rate=0.1)
    stateless.build([keras.Variable(start)])
    weights = [ops.convert_to_tensor(start)]
    state = [v.value for v in stateless.variables]
    for step in range(3):
        gradient = ops.convert_to_tensor(np.array([0.3, -step, 2.0], np.float32))
        plain.apply([gradient])
        weights, state = stateless.stateless_apply(state, [gradient], weights)
    np.testing.assert_allclose(weights[0], variable, rtol=1e-6)
    np.testing.assert_array_equal(stateless.iterations, 0)


def test_rates_and_steps_are_among_the_variables():
    # Else the learning rate of a step cannot be set, or its seed is always the same.
    optimizer = compat.stateless(keras.optimizers.Adam)(learning_rate=0.1)
    optimizer.build([keras.Variable([1.0])])
    known = [id(variable) for variable in optimizer.variables]
    assert known.count(id(optimizer.iterations)) == 1
    assert known.count(id(optimizer.learning_rate)) == 1


@pytest.mark.parametrize("given", ["var_names", "var_list"])
def test_weights_spared_from_decay_are_noticed(given):
    # Else such an optimizer decays all weights in the engine.
    optimizer = keras.optimizers.AdamW()
    assert not compat.spares_weights_from_decay(optimizer)
    excluded = {"var_names": ["bias"], "var_list": [keras.Variable([1.0])]}
    optimizer.exclude_from_weight_decay(**{given: excluded[given]})
    assert compat.spares_weights_from_decay(optimizer)
