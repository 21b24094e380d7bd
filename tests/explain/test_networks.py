"""The networks of skdl are explained as scikit-learn would explain them."""

import numpy as np
import pytest
from sklearn import inspection
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl.estimators import MLPClassifier
from skdl.explain import partial_dependence


@pytest.fixture(scope="module")
def network(numbers):
    X, y = numbers
    network = MLPClassifier((4,), epochs=3, batch_norm=True, random_state=0)
    return make_pipeline(StandardScaler(), network).fit(X, y > 0), X, y > 0


def test_importances(network, compare):
    scores = ["neg_log_loss", "roc_auc", "accuracy"]

    compare(*network, scoring=scores, n_repeats=2)
    compare(*network, n_repeats=2, max_samples=0.5)


def test_dependences(network):
    estimator, X, _ = network
    parameters = {"grid_resolution": 5, "kind": "both"}

    theirs = inspection.partial_dependence(estimator, X, [0, 1], **parameters)
    ours = partial_dependence(estimator, X, [0, 1], **parameters)

    np.testing.assert_allclose(ours.average, theirs.average, rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.individual, theirs.individual, rtol=0, atol=1e-9)
