"""The main job, on small tables and few candidates."""

import importlib.util
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def example(root, monkeypatch):
    """The example as a module; it finds its neighbour as it does when run."""
    monkeypatch.syspath_prepend(str(root / "examples"))
    path = root / "examples" / "tune_and_explain.py"
    spec = importlib.util.spec_from_file_location("tune_and_explain", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("tables", None)


@pytest.fixture
def tables(example):
    return sys.modules["tables"]


def small_table(n_rows=120, seed=0):
    """A number, a category and a hostile name; "kind" follows from the number."""
    rng = np.random.RandomState(seed)
    x = rng.normal(size=n_rows)
    return pd.DataFrame(
        {
            "cost in $": np.where(rng.rand(n_rows) < 0.1, np.nan, x),
            HOSTILE: rng.choice(["a", "b", None], size=n_rows),
            "kind": np.where(x + rng.normal(scale=0.3, size=n_rows) > 0, "up", "down"),
            "size": 3 * x + rng.normal(size=n_rows),
        }
    )


@pytest.mark.parametrize(("target", "dropped"), [("kind", "size"), ("size", "kind")])
@pytest.mark.slow
def test_from_file_to_page(example, tmp_path, capsys, target, dropped):
    small_table().to_csv(tmp_path / "small.csv", index=False)
    output = tmp_path / "page.html"

    example.main(
        f"--data {tmp_path / 'small.csv'} --target {target} --drop {dropped} "
        f"--output {output} --n-iter 2".split()
    )

    html = output.read_text(encoding="utf-8")
    assert html.count("<script") == 1  # the page's own, which sorts tables
    assert "&lt;script&gt;" in html
    assert f"predicting {target}" in html
    assert str(tmp_path) not in html
    assert html.count("<svg ") == 9
    printed = capsys.readouterr().out
    assert "network (tuned)" in printed
    assert "The best candidates" in printed


def test_titanic(example, tables, data_file):
    name, table, target = tables.read_table(
        data_file("titanic_seaborn.csv.gz"), "survived"
    )
    problem = tables.make_problem(name, table, target, dropped=[], seed=0)

    (remark,) = tables.find_leaks(problem, seed=0)
    model = example.with_preprocessing(LogisticRegression(max_iter=2000))
    model.fit(problem.X_train, problem.y_train)

    assert remark.startswith("The column 'alive' alone predicts 'survived' perfectly")
    assert problem.is_classification
    assert len(problem.X_test) == 223
    assert model.score(problem.X_test, problem.y_test) == 1


def test_the_target_decides_the_task(tables):
    table = small_table()
    table["few"] = np.arange(len(table)) % 3
    tasks = {
        target: tables.make_problem("t", table, target, dropped=[], seed=0)
        for target in ("kind", "size", "few")
    }

    assert {name: task.is_classification for name, task in tasks.items()} == {
        "kind": True,
        "size": False,
        "few": True,
    }
    assert tasks["few"].metrics == ("accuracy", "roc_auc_ovr")
    shares = tasks["kind"].y_test.value_counts(normalize=True)
    assert shares["up"] == pytest.approx((table["kind"] == "up").mean(), abs=0.02)


def test_rows_without_a_target_and_empty_columns_are_left_out(tables):
    table = small_table().assign(empty=np.nan)
    table.loc[:9, "kind"] = None

    problem = tables.make_problem("t", table, "kind", dropped=["size"], seed=0)

    assert len(problem.X_train) + len(problem.X_test) == 110
    assert list(problem.X_train) == ["cost in $", HOSTILE]


def test_a_leak_of_a_regression_is_found(tables):
    table = small_table(400)
    table["leak"] = np.arange(400) % 25
    table["size"] = table["leak"] * 2 + 0.5
    problem = tables.make_problem("t", table, "size", dropped=[], seed=0)

    remarks = tables.find_leaks(problem, seed=0)

    assert ["'leak'" in remark for remark in remarks] == [True]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.02, "better"),
        (-0.02, -0.01, "worse"),
        (-0.01, 0.02, "could be chance"),
        (0.0, 0.02, "could be chance"),
        (0.0, 0.0, "no difference"),
    ],
)
def test_gain_in_words(example, low, high, words):
    assert example.gain_in_words(low, high) == words


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--data nowhere.csv --target a", "The file 'nowhere.csv' does not exist."),
        ("--data nowhere.csv", "Name the column to predict: --target COLUMN."),
        ("--target diagnosys", "no column 'diagnosys'. Nearest: diagnosis"),
        ("--drop meen", "The table has no column 'meen'. Nearest: "),
    ],
)
def test_mistakes_end_in_one_line(example, arguments, message):
    with pytest.raises(SystemExit, match=message) as error:
        example.main(arguments.split())

    assert "\n" not in str(error.value)


def test_too_little_data_is_refused(tables):
    with pytest.raises(SystemExit, match=r"at least 50 rows.* Got 30, 3, 2 and \d+\."):
        tables.make_problem("t", small_table(30), "kind", dropped=[], seed=0)


@pytest.mark.parametrize("arguments", ["--output no/where.html", "--n-iter 1"])
def test_bad_options_are_refused(example, arguments, capsys):
    with pytest.raises(SystemExit):
        example.parse_arguments(arguments.split())

    error = capsys.readouterr().err.splitlines()[-1]
    assert "does not exist" in error or "at least 2" in error
