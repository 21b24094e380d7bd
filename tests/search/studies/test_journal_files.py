"""Journal files that several workers write to, and workers that die while writing."""

import json

import optuna

from skdl.search._studies import journal_lock
from skdl.search._studies.storages import open_storage


def test_half_a_line_is_cut_off(tmp_path):
    """As a machine leaves it that goes down while it writes."""
    file = tmp_path / "a.journal"
    optuna.create_study(storage=open_storage(file), study_name="x")
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"op_code": 4, "wor')

    study = optuna.load_study(storage=open_storage(file), study_name="x")
    study.ask()

    lines = file.read_bytes().splitlines()
    assert len(lines) == len(whole.splitlines()) + 1
    assert all(map(json.loads, lines))
    assert (
        len(optuna.load_study(storage=open_storage(file), study_name="x").trials) == 1
    )


def test_where_files_cannot_be_locked_optunas_lock_is_used(tmp_path, monkeypatch):
    path = str(tmp_path / "a.journal")
    open(path, "w").close()

    def refuse(descriptor, how):
        raise OSError("no locks available")

    monkeypatch.setattr(journal_lock.fcntl, "flock", refuse)
    lock = journal_lock.lock_of(path)
    assert isinstance(lock, optuna.storages.journal.JournalFileSymlinkLock)
    study = optuna.create_study(storage=open_storage(path), study_name="x")
    assert study.trials == []


def test_half_a_line_is_cut_off_under_a_worker_that_goes_on(tmp_path):
    """One of two workers dies while it writes."""
    file = tmp_path / "a.journal"
    study = optuna.create_study(storage=open_storage(file), study_name="x")
    with file.open("ab") as journal:
        journal.write(b'{"op_code":8,"worker_id":"other","user_a')

    study.ask()
    study.ask()

    assert all(map(json.loads, file.read_bytes().splitlines()))
    assert len(study.trials) == 2
    again = optuna.load_study(storage=open_storage(file), study_name="x")
    assert len(again.trials) == 2
