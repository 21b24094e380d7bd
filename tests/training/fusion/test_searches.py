"""Everything that uses joblib trains in banks, with the same results as without `fuse`.

The sizes of the banks follow from how each class of scikit-learn calls joblib: when no
task can go on, all that wait are one bank. A fit outside of joblib's tasks, such as the
refit of a search, is a bank of one.
"""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFECV, SequentialFeatureSelector
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

N_FOLDS = 3
RATES = [0.003, 0.03]


def found(search, X):
    """All numbers of a fitted search except times."""
    results = search.cv_results_
    columns = [name for name in results if "score" in name and "time" not in name]
    scores = {name: results[name] for name in columns if "rank" not in name}
    return {**scores, "predicted": search.predict_proba(X)}


def test_grid_search(classifier, X, two_classes, banks_of):
    def run():
        grid = {"learning_rate": RATES, "l2": [0.01, 0.1]}
        scoring = "neg_log_loss"
        search = GridSearchCV(classifier(), grid, cv=N_FOLDS, scoring=scoring)
        return found(search.fit(X, two_classes), X)

    # All candidates x folds in one call of joblib, and the refit.
    assert banks_of(run) == [4 * N_FOLDS, 1]


def test_different_initializers(classifier, X, two_classes, banks_of):
    def run():
        grid = {"kernel_initializer": ["glorot_uniform", "he_normal", "orthogonal"]}
        search = GridSearchCV(classifier(), grid, cv=N_FOLDS, scoring="neg_log_loss")
        return found(search.fit(X, two_classes), X)

    # The initializer is not part of a program.
    assert banks_of(run) == [3 * N_FOLDS, 1]


def test_randomized_search(classifier, X, two_classes, banks_of):
    def run():
        search = RandomizedSearchCV(
            classifier(),
            {"learning_rate": np.geomspace(1e-3, 1e-1, 9), "l2": [0.01, 0.1]},
            n_iter=4,
            cv=N_FOLDS,
            scoring="neg_log_loss",
            random_state=0,
        )
        return found(search.fit(X, two_classes), X)

    # The same as in a grid search.
    assert banks_of(run) == [4 * N_FOLDS, 1]


def test_halving_grid_search(classifier, X, two_classes, banks_of):
    def run():
        search = HalvingGridSearchCV(
            classifier(),
            {"learning_rate": RATES, "l2": [0.01, 0.1]},
            cv=N_FOLDS,
            factor=2,
            min_resources=24,
            scoring="neg_log_loss",
            random_state=0,
        )
        return found(search.fit(X, two_classes), X)

    # 4 candidates on 24 rows; the better 2 on 48. Then the refit.
    assert banks_of(run) == [4 * N_FOLDS, 2 * N_FOLDS, 1]


def test_halving_random_search_of_epochs(classifier, X, two_classes, banks_of):
    def run():
        search = HalvingRandomSearchCV(
            classifier(),
            {"learning_rate": np.geomspace(1e-3, 1e-1, 9)},
            n_candidates=4,
            resource="epochs",
            min_resources=2,
            max_resources=4,
            cv=N_FOLDS,
            factor=2,
            scoring="neg_log_loss",
            random_state=0,
        )
        return found(search.fit(X, two_classes), X)

    # 4 candidates for 2 epochs, 2 for 4. Then the refit.
    assert banks_of(run) == [4 * N_FOLDS, 2 * N_FOLDS, 1]


def test_cross_validate(classifier, X, two_classes, banks_of):
    def run():
        result = cross_validate(
            classifier(),
            X,
            two_classes,
            cv=N_FOLDS,
            scoring="neg_log_loss",
            return_train_score=True,
            return_estimator=True,
        )
        return [
            result["test_score"],
            result["train_score"],
            [estimator.predict_proba(X) for estimator in result["estimator"]],
            [estimator.history_["loss"] for estimator in result["estimator"]],
        ]

    # One fit per fold, all in one call of joblib.
    assert banks_of(run) == [N_FOLDS]


def test_cross_val_score(classifier, X, two_classes, banks_of):
    def run():
        return cross_val_score(
            classifier(), X, two_classes, cv=N_FOLDS, scoring="neg_log_loss"
        )

    assert banks_of(run) == [N_FOLDS]


def test_cross_val_predict(classifier, X, three_classes, banks_of):
    def run():
        return cross_val_predict(
            classifier(), X, three_classes, cv=N_FOLDS, method="predict_proba"
        )

    assert banks_of(run) == [N_FOLDS]


def test_learning_curve(classifier, X, two_classes, banks_of):
    def run():
        return learning_curve(
            classifier(),
            X,
            two_classes,
            cv=N_FOLDS,
            train_sizes=[20, 30, 40],
            scoring="neg_log_loss",
        )

    # Sizes x folds are one call of joblib; all sizes share one program.
    assert banks_of(run) == [3 * N_FOLDS]


def test_validation_curve(classifier, X, two_classes, banks_of):
    def run():
        return validation_curve(
            classifier(),
            X,
            two_classes,
            param_name="learning_rate",
            param_range=[0.001, 0.01, 0.1],
            cv=N_FOLDS,
            scoring="neg_log_loss",
        )

    # Values x folds are one call of joblib.
    assert banks_of(run) == [3 * N_FOLDS]


def test_permutation_test_score(classifier, X, two_classes, banks_of):
    def run():
        score, permuted, p_value = permutation_test_score(
            classifier(),
            X,
            two_classes,
            cv=N_FOLDS,
            n_permutations=4,
            scoring="neg_log_loss",
            random_state=0,
        )
        return [score, permuted, p_value]

    # The score itself is computed without joblib, fold after fold. A permutation is a
    # task of joblib and goes from fold to fold, side by side with the others.
    assert banks_of(run) == [1] * N_FOLDS + [4] * N_FOLDS


def first_layer_norms(network):
    """A feature's importance: the norm of its row in the first kernel."""
    return np.linalg.norm(network.model_.get_weights()[0], axis=1)


def test_recursive_feature_elimination(classifier, X, two_classes, banks_of):
    selectors = []

    def run():
        selector = RFECV(
            classifier(),
            min_features_to_select=3,
            cv=N_FOLDS,
            scoring="neg_log_loss",
            importance_getter=first_layer_norms,
        ).fit(X, two_classes)
        selectors.append(selector)
        scores = selector.cv_results_["mean_test_score"]
        return [scores, selector.support_, selector.predict_proba(X)]

    # A fold is a task that fits 4 features, then 3, each in step with the other folds.
    # Without joblib, the selection is repeated on all rows down to the best number,
    # and its last network fitted once more.
    banks = banks_of(run)
    n_steps = 1 + 4 - selectors[0].n_features_
    assert banks == [N_FOLDS, N_FOLDS] + [1] * (n_steps + 1)


def test_sequential_feature_selection(classifier, X, two_classes, banks_of):
    def run():
        selector = SequentialFeatureSelector(
            classifier(), n_features_to_select=1, cv=N_FOLDS, scoring="neg_log_loss"
        )
        return selector.fit(X, two_classes).support_

    # One call of joblib per feature tried, in a Python loop; no refit.
    assert banks_of(run) == [N_FOLDS] * X.shape[1]


def test_bagging(classifier, X, two_classes, banks_of):
    def run():
        bagging = BaggingClassifier(classifier(), n_estimators=5, random_state=0)
        together = bagging.fit(X, two_classes).predict_proba(X)
        return [together, [each.predict_proba(X) for each in bagging.estimators_]]

    # Bagging makes one task per network, as it may run that many.
    assert banks_of(run) == [5]


def test_voting(classifier, X, two_classes, banks_of):
    def run():
        named = [(str(seed), classifier(random_state=seed)) for seed in range(3)]
        voting = VotingClassifier(named, voting="soft")
        together = voting.fit(X, two_classes).predict_proba(X)
        return [together, [each.predict_proba(X) for each in voting.estimators_]]

    assert banks_of(run) == [3]


@pytest.mark.parametrize("final", ["logistic regression", "network"])
def test_stacking(final, classifier, X, two_classes, banks_of):
    def run():
        named = [(str(seed), classifier(random_state=seed)) for seed in range(2)]
        is_network = final == "network"
        estimator = classifier() if is_network else LogisticRegression()
        stacking = StackingClassifier(named, estimator, cv=N_FOLDS)
        return stacking.fit(X, two_classes).predict_proba(X)

    # First all on all rows; then, in a second call of joblib, each cross-predicts in
    # a nested call, side by side. The final estimator needs those predictions.
    alone = [1] if final == "network" else []
    assert banks_of(run) == [2, 2 * N_FOLDS, *alone]


def test_one_versus_rest(classifier, X, three_classes, banks_of):
    def run():
        ensemble = OneVsRestClassifier(classifier()).fit(X, three_classes)
        return ensemble.predict_proba(X)

    assert banks_of(run) == [3]


def test_one_versus_one(classifier, X, three_classes, banks_of):
    def run():
        ensemble = OneVsOneClassifier(classifier()).fit(X, three_classes)
        return ensemble.decision_function(X)

    # Each pair of classes has its own rows.
    assert banks_of(run) == [3]


def test_multi_output_regressor(regressor, X, quantities, banks_of):
    def run():
        return MultiOutputRegressor(regressor()).fit(X, quantities).predict(X)

    assert banks_of(run) == [3]


def test_classifier_chain(classifier, X, banks_of):
    def run():
        chain = ClassifierChain(classifier()).fit(X, (X[:, :2] > 0).astype(int))
        return chain.predict_proba(X)

    # Each link needs the one before: one after the other, without joblib.
    assert banks_of(run) == [1, 1]


def test_pipeline_with_a_scaler_per_fold(classifier, X, two_classes, banks_of):
    def run():
        pipeline = make_pipeline(StandardScaler(), classifier())
        grid = {"mlpclassifier__learning_rate": RATES}
        search = GridSearchCV(pipeline, grid, cv=N_FOLDS, scoring="neg_log_loss")
        return found(search.fit(5 * X + 3, two_classes), X)

    # The scalers' means differ between folds, the candidates of a fold share rows.
    assert banks_of(run) == [2 * N_FOLDS, 1]


def test_transformed_target(regressor, X, quantities, banks_of):
    def run():
        model = TransformedTargetRegressor(
            regressor(), func=np.arcsinh, inverse_func=np.sinh
        )
        return cross_val_score(model, X, quantities[:, 0], cv=N_FOLDS)

    assert banks_of(run) == [N_FOLDS]


def test_calibration(classifier, X, two_classes, banks_of):
    def run():
        model = CalibratedClassifierCV(classifier(), cv=2)
        return cross_val_score(
            model, X, two_classes, cv=N_FOLDS, scoring="neg_log_loss"
        )

    # Calibration calls joblib inside the task of each fold: all fits meet.
    assert banks_of(run) == [2 * N_FOLDS]


def test_nested_cross_validation(classifier, X, two_classes, banks_of):
    def run():
        grid = {"learning_rate": RATES}
        search = GridSearchCV(classifier(), grid, cv=2, scoring="neg_log_loss")
        return cross_val_score(
            search, X, two_classes, cv=N_FOLDS, scoring="neg_log_loss"
        )

    # 2 candidates x 2 inner folds of all outer folds together; then all their refits.
    assert banks_of(run) == [4 * N_FOLDS, N_FOLDS]


def test_three_levels(classifier, X, two_classes, banks_of):
    def run():
        bagging = BaggingClassifier(classifier(), n_estimators=2, random_state=0)
        grid = {"estimator__learning_rate": RATES}
        search = GridSearchCV(bagging, grid, cv=2, scoring="neg_log_loss")
        return cross_val_score(
            search, X, two_classes, cv=N_FOLDS, scoring="neg_log_loss"
        )

    assert banks_of(run) == [2 * 4 * N_FOLDS, 2 * N_FOLDS]


def test_large_rows_limit_banks(classifier, X, two_classes, banks_of, monkeypatch):
    fold = 40 * X.shape[1] * X.itemsize
    monkeypatch.setattr("skdl.training._fusion.fuse.MAX_WAITING_BYTES", 2 * fold)

    def run():
        return cross_val_score(
            classifier(), X, two_classes, cv=3, scoring="neg_log_loss"
        )

    assert banks_of(run) == [3]  # the rows of two fit, and a third begins
    monkeypatch.setattr("skdl.training._fusion.fuse.MAX_WAITING_BYTES", fold)
    assert banks_of(run) == [2, 1]


def test_max_waiting(classifier, X, two_classes, banks_of):
    def run():
        grid = {"learning_rate": RATES}
        search = GridSearchCV(classifier(), grid, cv=2, scoring="neg_log_loss")
        return cross_val_score(
            search, X, two_classes, cv=N_FOLDS, scoring="neg_log_loss"
        )

    # No bank is larger than max_waiting, and no network is lost.
    banks = banks_of(run, max_waiting=2)
    assert max(banks) == 2
    assert sum(banks) == 5 * N_FOLDS
