"""Explain a network that reads words and missing values: who survived the Titanic?

python examples/explain_titanic.py titanic_seaborn.csv.gz
"""

import sys

import pandas as pd
from sklearn.model_selection import train_test_split
from tune_and_explain import with_preprocessing

from skdl import MLPClassifier
from skdl.reports import explain_report

table = pd.read_csv(sys.argv[1])
X = table.drop(columns=["survived", "alive", "class", "who", "adult_male", "alone"])
X.attrs["units"] = {"age": "years", "fare": "£"}
y = table["survived"].map({0: "died", 1: "survived"}).rename("fate")
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
network = MLPClassifier((64, 32), dropout=0.2, early_stopping=True, random_state=0)
model = with_preprocessing(network).fit(X_train, y_train)
train = {"X_train": X_train, "y_train": y_train}
page = explain_report(model, X_test, y_test, **train, title="Titanic", random_state=0)
print(page.write("explain_titanic.html"))
