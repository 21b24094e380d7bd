"""Explain a regression: what makes a house in California dear?

python examples/explain_california.py california_housing.csv.gz
"""

import sys

import pandas as pd
from sklearn.model_selection import train_test_split
from tune_and_explain import with_preprocessing

from skdl import MLPRegressor
from skdl.reports import explain_report

table = pd.read_csv(sys.argv[1]).sample(6000, random_state=0)
y = table.pop("median_house_value") / 1000
y.name = "median house value, 1000 $"
X_train, X_test, y_train, y_test = train_test_split(table, y, random_state=0)
X_test.attrs["units"] = {"housing_median_age": "years", "median_income": "10,000 $"}
network = MLPRegressor((64, 64), batch_size=128, early_stopping=True, random_state=0)
model = with_preprocessing(network).fit(X_train, y_train)
train = {"X_train": X_train, "y_train": y_train}
title = "House values in California"
page = explain_report(model, X_test, y_test, **train, title=title, random_state=0)
print(page.write("explain_california.html"))
