"""Networks train together unless the user has chosen how joblib's tasks run."""

import os
import subprocess
import sys

import joblib
import pytest
from joblib.parallel import get_active_backend

from skdl._parallel import fused_if
from skdl.training import FusedBackend


def active():
    return get_active_backend()[0]


@pytest.mark.parametrize(("n_fits", "n_tasks"), [(1, 128), (500, 500)])
def test_networks_train_together_and_all_may_wait(n_fits, n_tasks):
    with fused_if(True, n_fits=n_fits):
        assert type(active()) is FusedBackend
        assert active().effective_n_jobs(None) == n_tasks
    assert type(active()) is not FusedBackend


def test_other_estimators_run_as_always():
    before = type(active())
    with fused_if(False):
        assert type(active()) is before


@pytest.mark.parametrize(
    "chosen", [{"backend": "threading"}, {"n_jobs": 2}, {"backend": "skdl"}], ids=str
)
def test_the_users_choice_is_kept(chosen):
    with joblib.parallel_config(**chosen):
        before, n_jobs = get_active_backend()
        with fused_if(True, n_fits=500):
            assert type(active()) is type(before)
            assert get_active_backend()[1] == n_jobs
            assert active().effective_n_jobs(2) == before.effective_n_jobs(2)


def test_tensorflow_is_loaded_for_networks_only(root):
    code = (
        "import sys, skdl._parallel as p\n"
        "with p.fused_if(False): pass\n"
        "print('skdl.training' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout == "False\n"
