"""scikit-learn's own checks, of searches as it makes them of its own."""

import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdl import OptunaSearchCV

SETTINGS = {"cv": 2, "error_score": "raise"}
OF_A_REGRESSOR = OptunaSearchCV(
    Ridge(solver="svd"), {"alpha": [0.1, 1.0]}, n_trials=2, random_state=0, **SETTINGS
)
OF_A_PIPELINE = OptunaSearchCV(
    Pipeline([("pca", PCA()), ("logistic", LogisticRegression())]),
    {"logistic__C": [0.1, 1.0]},
    n_trials=None,
    sampler="grid",
    **SETTINGS,
)
SEARCHES = [OF_A_REGRESSOR, OF_A_PIPELINE]

# By the name of the sampler.
EXPECTED_FAILURES = {
    "tpe": {
        # scikit-learn expects it of its own searches.
        "check_supervised_y_2d": "DataConversionWarning not caught",
    },
    "grid": {},
}


# Of scikit-learn's way to find the type of targets, one of which is infinite.
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@parametrize_with_checks(
    SEARCHES, expected_failed_checks=lambda search: EXPECTED_FAILURES[search.sampler]
)
def test_scikit_learn_has_no_complaint(estimator, check):
    check(estimator)


@pytest.mark.parametrize("search", SEARCHES)
def test_the_tags_are_those_of_a_grid_search(search):
    grid = GridSearchCV(search.estimator, search.param_distributions)

    assert get_tags(search) == get_tags(grid)
    assert is_classifier(search) == is_classifier(grid)
    assert is_regressor(search) == is_regressor(grid)
