"""Jobs that differ in numbers alone share a program."""

from __future__ import annotations

from skdl.networks import Regularization
from skdl.training import Rates, clear_programs, train
from skdl.training._bank.bank import programs


def test_numbers_share_a_program(make_job):
    clear_programs()
    for rate, dropout in ((0.1, 0.1), (0.2, 0.5)):
        train(
            [
                make_job(
                    rates=Rates(rate), regularization=Regularization(dropout=dropout)
                )
            ]
        )
    assert len(programs) == 1
