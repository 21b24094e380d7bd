"""scikit-learn's checks, with default parameters and with everything on."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdl import MLPClassifier, MLPRegressor

EVERYTHING_ON = {
    "activation": "gelu",
    "kernel_initializer": "he_normal",
    "optimizer": "nadam",
    "learning_rate_schedule": "cosine",
    "weight_decay": 1e-3,
    "clip_norm": 1.0,
    "clip_value": 0.5,
    "dropout": 0.1,
    "input_noise": 0.01,
    "batch_norm": True,
    "residual": True,
    "l1": 1e-5,
    "l2": 1e-4,
    "early_stopping": True,
}
PLAIN = [MLPClassifier(), MLPRegressor()]
FULL = [
    MLPClassifier(**EVERYTHING_ON, label_smoothing=0.1, class_weight="balanced"),
    MLPRegressor(**EVERYTHING_ON, loss="huber"),
]


@parametrize_with_checks(PLAIN)
def test_scikit_learn_checks_pass(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(FULL)
def test_scikit_learn_checks_pass_with_everything_on(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", PLAIN + FULL)
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
    assert MLPClassifier().__sklearn_tags__().classifier_tags.multi_label
    assert MLPRegressor().__sklearn_tags__().target_tags.multi_output
