"""Explain a model that is not ours: a random forest on breast cancer. No TensorFlow.

python examples/explain_forest.py
"""

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skdl.reports import explain_report

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
y = y.map({0: "malignant", 1: "benign"}).rename("diagnosis")
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
forest = RandomForestClassifier(random_state=0).fit(X_train, y_train)
train = {"X_train": X_train, "y_train": y_train}
page = explain_report(forest, X_test, y_test, **train, random_state=0)
print(page.write("explain_forest.html"))
