"""Explanations of scikit-learn's estimators load no heavy package."""

import json
import os
import subprocess
import sys

HEAVY = ("tensorflow", "keras", "scikeras", "matplotlib", "optuna", "jinja2")
RUN = """
import json, sys
import numpy as np
from sklearn.ensemble import RandomForestRegressor
import skdl.explain
X = np.random.default_rng(0).normal(size=(40, 3))
forest = RandomForestRegressor(n_estimators=3, random_state=0).fit(X, X[:, 0])
importance = skdl.explain.permutation_importance(forest, X, X[:, 0], random_state=0)
dependence = skdl.explain.partial_dependence(forest, X, [0], kind="both")
importance.to_frame(), importance.to_dict(), importance._repr_html_()
dependence.to_frame(), dependence.to_dict(), dependence._repr_html_()
print(json.dumps([sorted(sys.modules), importance.importances_mean.tolist()]))
"""


def test_a_forest_needs_scikit_learn_alone(root):
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        check=True,
        text=True,
    )

    modules, importances = json.loads(process.stdout)
    assert "skdl.explain.importance._permutation_importance" in modules
    assert importances[0] > 1 > 0.1 > importances[1]
    assert [name for name in HEAVY if name in modules] == []
    assert process.stderr == ""
