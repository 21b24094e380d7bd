"""Explain hourly bike rentals: the classic example of partial dependence.

python examples/explain_bikes.py bike_hour.csv.gz
"""

import sys

import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPRegressor
from skdl.reports import explain_report

table = pd.read_csv(sys.argv[1]).sample(8000, random_state=0)
y = table["cnt"].rename("rentals per hour").astype(float)
X = table[["yr", "mnth", "hr", "workingday", "weathersit", "temp", "hum", "windspeed"]]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
network = MLPRegressor((64, 64), batch_size=128, early_stopping=True, random_state=0)
model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
train = {"X_train": X_train, "y_train": y_train}
page = explain_report(model, X_test, y_test, **train, title="Bikes", random_state=0)
print(page.write("explain_bikes.html"))
