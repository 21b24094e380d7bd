"""Storages by name, and the errors of those that cannot be used."""

import re

import optuna
import pytest
from optuna.storages import InMemoryStorage, JournalStorage, RDBStorage

from skdl.exceptions import (
    MissingDependencyError,
    ParameterTypeError,
    StorageError,
)
from skdl.search._studies.storages import open_storage, opened


def test_none_is_memory():
    assert isinstance(open_storage(None), InMemoryStorage)


def test_a_storage_is_taken_as_it_is():
    storage = InMemoryStorage()
    assert open_storage(storage) is storage


@pytest.mark.parametrize("name", ["a.db", "a.sqlite", "a.sqlite3"])
def test_paths_of_sqlite(tmp_path, name):
    for place in (tmp_path / name, str(tmp_path / name)):
        with opened(place) as storage:
            assert isinstance(storage, RDBStorage)
            assert storage.engine.url.database == str(tmp_path / name)


@pytest.mark.parametrize("name", ["a.journal", "a.log", "a"])
def test_other_paths_are_journals(tmp_path, name):
    assert isinstance(open_storage(tmp_path / name), JournalStorage)
    assert (tmp_path / name).exists()


def test_a_closed_database_can_be_asked_again(tmp_path):
    with opened(f"sqlite:///{tmp_path}/a.db") as storage:
        study = optuna.create_study(storage=storage, study_name="x")
    assert study.trials == []
    storage.engine.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "sqlite:////nowhere/a.db",
            "The storage 'sqlite:////nowhere/a.db' cannot be reached: unable to open "
            "database file. Expected the URL of a running database, such as ",
        ),
        (
            "postgresql+psycopg://me:secret@127.0.0.1:1/x",
            r"The storage 'postgresql\+psycopg://me:\*\*\*@127.0.0.1:1/x' cannot be "
            "reached: .*Connection refused",
        ),
        ("nonsense://me:secret@here", r"'nonsense://me:\*\*\*@here' cannot be reached"),
        ("://", "'://...' cannot be reached: Could not parse SQLAlchemy URL"),
        (
            "/nowhere/study.journal",
            "The journal file '/nowhere/study.journal' cannot be used: .*No such file "
            "or directory.*Expected a path in a folder that exists",
        ),
    ],
)
def test_a_storage_that_cannot_be_reached(url, message):
    with pytest.raises(StorageError, match=message) as caught:
        open_storage(url)
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, OSError)


def test_a_file_that_is_something_else(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("Dear diary,\n")
    message = re.escape(f"The file '{file}' is not an Optuna journal: ")
    with pytest.raises(StorageError, match=message):
        open_storage(file)
    assert file.read_text() == "Dear diary,\n"
    database = tmp_path / "notes.db"
    database.write_text("Dear diary,\n" * 100)
    with pytest.raises(StorageError, match="file is not a database"):
        open_storage(database)


def test_a_file_without_any_end_of_line_is_left_alone(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("Dear diary")
    with pytest.raises(StorageError, match="is not an Optuna journal"):
        open_storage(file)
    assert file.read_text() == "Dear diary"


def test_a_driver_that_is_missing():
    message = (
        r"The storage 'mysql://here/x' needs a driver that is not installed: No module "
        r"named 'MySQLdb'. For PostgreSQL: pip install \"skdl\[postgresql\]\""
    )
    with pytest.raises(MissingDependencyError, match=message):
        open_storage("mysql://here/x")


def test_another_type():
    message = (
        "The 'storage' parameter of OptunaSearchCV must be None, the URL of a "
        "database, a path or a storage of optuna.storages. Got 3 of type int instead."
    )
    with pytest.raises(ParameterTypeError, match=message):
        open_storage(3)
