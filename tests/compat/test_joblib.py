"""What skdl expects of joblib beyond its documentation."""

import pickle

import joblib
import pytest
from joblib.parallel import ParallelBackendBase, SequentialBackend, ThreadingBackend

from skdl._compat.joblib import (
    active_backend,
    backend_was_chosen,
    fallback_to,
    items_of,
    make_batch,
    named_backend,
    runs_in_this_process,
)


class Keeps(ParallelBackendBase):
    """Runs what is submitted at once, and keeps it."""

    supports_retrieve_callback = True

    def __init__(self, fallback=None, **parameters):
        super().__init__(**parameters)
        self.fallback = fallback
        self.batches = []

    def effective_n_jobs(self, n_jobs):
        return 2

    def configure(self, n_jobs=1, parallel=None, **others):
        if self.fallback is not None:
            raise fallback_to(self.fallback)
        return 2

    def submit(self, func, callback=None):
        self.batches.append(func)
        result = func()
        callback(result)
        return result

    def retrieve_result_callback(self, out):
        return out


def test_what_is_submitted_has_its_calls():
    """Otherwise, `fuse(across=...)` cannot send tasks to workers in shares."""
    backend = Keeps()
    with joblib.parallel_config(backend=backend):
        joblib.Parallel()(joblib.delayed(pow)(i, 2) for i in range(2))
    assert [items_of(batch) for batch in backend.batches] == [
        [(pow, (0, 2), {})],
        [(pow, (1, 2), {})],
    ]


def test_a_batch_can_be_sent_and_called():
    """Otherwise, `fuse(across=...)` cannot hand a share of tasks to a worker."""
    batch = make_batch((pow, (3, 2), {}))
    assert pickle.loads(pickle.dumps(batch))() == batch() == [9]
    assert items_of(batch) == [(pow, (3, 2), {})]


def test_configure_can_choose_another_backend():
    """Otherwise, calls of joblib that overlap in one thread would share one backend."""
    other = Keeps(nesting_level=0)
    with joblib.parallel_config(backend=Keeps(fallback=other)):
        joblib.Parallel()(joblib.delayed(pow)(i, 2) for i in range(2))
    assert len(other.batches) == 2


def test_the_active_backend():
    """Otherwise, `train` would not find the backend of `fuse` outside of tasks."""
    backend = Keeps()
    with joblib.parallel_config(backend=backend):
        assert active_backend() is backend
    assert active_backend() is not backend


def test_a_backend_by_name():
    """Otherwise, `fuse(across=...)` would not find the workers."""
    assert type(named_backend("threading")) is ThreadingBackend
    with pytest.raises(ValueError, match="Invalid backend: nowhere"):
        named_backend("nowhere")


@pytest.mark.parametrize(
    ("parameters", "is_chosen", "is_here"),
    [
        (None, False, True),
        ({"n_jobs": 1}, False, True),
        ({"n_jobs": 2}, True, False),
        ({"backend": "loky", "n_jobs": 2}, True, False),
        ({"backend": "threading"}, True, True),
        ({"backend": SequentialBackend(nesting_level=0)}, False, True),
    ],
    ids=["none", "one job", "two jobs", "loky", "threading", "sequential"],
)
def test_whether_a_backend_was_chosen(parameters, is_chosen, is_here):
    """Otherwise, searches would override the user's choice, or prune in workers.

    joblib's default must be one of the two backends that count as no choice.
    """
    if parameters is None:
        assert (backend_was_chosen(), runs_in_this_process()) == (is_chosen, is_here)
        return
    with joblib.parallel_config(**parameters):
        assert (backend_was_chosen(), runs_in_this_process()) == (is_chosen, is_here)
