"""The nearest mean worked by hand, compared with scikit-learn, and on MNIST."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdl import NearestMeanClassifier
from skdl.estimators import _nearest_mean_classifier as nearest_mean
from skdl.exceptions import DataError, ParameterError, ParameterTypeError

METRICS = ["rmse", "mae"]
# Means (1, 0) and (4, 4).
ROWS = np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 4.0]])
LABELS = np.array(["near", "near", "far"])


@parametrize_with_checks([NearestMeanClassifier(metric) for metric in METRICS])
def test_scikit_learn_checks_pass(estimator, check):
    check(estimator)


def test_no_tag_skips_a_check():
    tags = NearestMeanClassifier().__sklearn_tags__()

    assert not tags.non_deterministic
    assert not tags.no_validation
    assert not tags._skip_test
    assert not tags.classifier_tags.poor_score
    assert tags.input_tags.sparse


def test_means_and_distances_by_hand():
    rmse = NearestMeanClassifier().fit(ROWS, LABELS)
    mae = NearestMeanClassifier(metric="mae").fit(ROWS, LABELS)

    assert rmse.classes_.tolist() == ["far", "near"]
    assert rmse.means_.tolist() == [[4, 4], [1, 0]]
    # From (5, 1): errors (1, 3) to far, (4, 1) to near.
    row = [[5.0, 1.0]]
    np.testing.assert_allclose(rmse.distances(row), [[5**0.5, 8.5**0.5]])
    np.testing.assert_allclose(mae.distances(row), [[2.0, 2.5]])
    np.testing.assert_allclose(mae.decision_function(row), [-0.5])
    assert mae.predict(row) == ["far"]


def test_the_two_metrics_may_disagree():
    # Errors (3, 0) and (2, 2): squared 9 and 8, absolute 3 and 4.
    X, y = [[3.0, 0.0], [2.0, 2.0]], ["one", "spread"]

    predicted = [NearestMeanClassifier(m).fit(X, y).predict([[0, 0]]) for m in METRICS]

    assert predicted == [["spread"], ["one"]]


def test_weights_of_two_and_zero_equal_duplicated_and_dropped_rows():
    weighted = NearestMeanClassifier().fit(ROWS, LABELS, sample_weight=[2, 1, 0])

    assert weighted.classes_.tolist() == ["near"]
    np.testing.assert_allclose(weighted.means_, [[2 / 3, 0]])
    assert weighted.predict([[9, 9]]) == ["near"]


def test_rmse_equals_scikit_learn_but_mae_differs_from_its_manhattan():
    random = np.random.default_rng(0)
    X, y = random.exponential(size=(300, 5)), random.integers(3, size=300)
    new = random.exponential(size=(200, 5))

    ours, theirs = NearestMeanClassifier().fit(X, y), NearestCentroid().fit(X, y)
    by_medians = NearestCentroid("manhattan").fit(X, y)
    by_means = NearestMeanClassifier("mae").fit(X, y)

    np.testing.assert_array_equal(ours.predict(new), theirs.predict(new))
    np.testing.assert_allclose(by_means.means_, theirs.centroids_)
    assert (by_means.predict(new) != by_medians.predict(new)).any()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("block_bytes", [1, 2**25])
def test_sparse_and_dense_agree_for_any_block_size(metric, block_bytes, monkeypatch):
    X = sparse.random_array((60, 20), density=0.2, rng=np.random.default_rng(1))
    X = X.tocsr()
    y = np.arange(60) % 3
    dense = NearestMeanClassifier(metric).fit(X.toarray(), y)
    expected = dense.distances(X.toarray())

    monkeypatch.setattr(nearest_mean, "BLOCK_BYTES", block_bytes)
    stored = NearestMeanClassifier(metric).fit(X, y)

    np.testing.assert_allclose(stored.means_, dense.means_)
    np.testing.assert_allclose(stored.distances(X), expected)
    np.testing.assert_allclose(stored.distances(X.toarray()), expected)
    assert stored.decision_function(X).shape == (60, 3)


def test_a_sparse_table_is_never_dense():
    # 20,000 x 1,000,000 would be 160 GB.
    random = np.random.default_rng(0)
    rows, columns = np.repeat(np.arange(20_000), 5), random.integers(10**6, size=10**5)
    X = sparse.csr_array((np.ones(10**5), (rows, columns)), shape=(20_000, 10**6))

    for metric in METRICS:
        clf = NearestMeanClassifier(metric).fit(X, np.arange(20_000) % 2)
        assert clf.predict(X[:50]).shape == (50,)


def test_uint8_does_not_overflow():
    X = np.array([[0, 250], [10, 255]], dtype=np.uint8)
    clf = NearestMeanClassifier("mae").fit(X, [0, 1])

    assert clf.distances(X).tolist() == [[0, 7.5], [7.5, 0]]


def test_it_works_in_a_pipeline_with_columns(X, three_classes):
    import pandas as pd
    from sklearn.preprocessing import StandardScaler

    table = pd.DataFrame(X, columns=list("abcd"))
    pipeline = make_pipeline(
        StandardScaler().set_output(transform="pandas"), NearestMeanClassifier()
    )

    assert pipeline.fit(table, three_classes).score(table, three_classes) > 0.8
    assert pipeline[-1].feature_names_in_.tolist() == list("abcd")


def test_an_unknown_metric_is_refused():
    with pytest.raises(
        ParameterError,
        match=r"^The 'metric' parameter of NearestMeanClassifier must be one of "
        r"'rmse', 'mae'\. Got 'euclidean' instead\.$",
    ):
        NearestMeanClassifier("euclidean").fit(ROWS, LABELS)
    with pytest.raises(ParameterTypeError, match="Got 2 of type int"):
        NearestMeanClassifier(2).fit(ROWS, LABELS)


def test_negative_weights_are_refused():
    with pytest.raises(DataError, match="sample_weight must be 0 or more"):
        NearestMeanClassifier().fit(ROWS, LABELS, sample_weight=[1, -1, 1])


def test_mnist_accuracy_is_that_of_the_notes(data_file):
    """81 % by RMSE and 65 % by MAE: those of the training rows, to the digit."""
    with np.load(data_file("mnist_train.npz")) as train:
        X, y = train["x"].reshape(60_000, -1), train["y"]
    with np.load(data_file("mnist_test.npz")) as test:
        X_test, y_test = test["x"].reshape(10_000, -1), test["y"]

    fitted = [NearestMeanClassifier(metric).fit(X, y) for metric in METRICS]

    on_train = [round(clf.score(X, y), 2) for clf in fitted]
    assert on_train == [0.81, 0.65]
    assert [clf.score(X_test, y_test) for clf in fitted] == [0.8203, 0.6685]
