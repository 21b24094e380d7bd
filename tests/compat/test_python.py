"""What skdl expects of Python beyond its documentation."""

import sys
import warnings

import pytest

from skdl._compat.python import (
    filters_belong_to_contexts,
    forget_ignored_warnings,
    set_warning_display,
    warning_display,
)

needs_filters_per_process = pytest.mark.skipif(
    filters_belong_to_contexts(), reason="filters of warnings belong to contexts here"
)


@needs_filters_per_process
def test_recording_can_be_moved_to_another_time():
    """Otherwise, warnings of one fused task would be recorded by another one."""
    before = warning_display()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        recording = warning_display()
        set_warning_display(before)
        assert warning_display() == before
        set_warning_display(recording)
        warnings.warn("of the task", stacklevel=1)
    assert [str(each.message) for each in caught] == ["of the task"]
    assert warning_display() == before


@needs_filters_per_process
def test_new_filters_decide_on_warnings_that_were_ignored():
    """Otherwise, a fused task would miss a warning that another one had ignored."""

    def warn():
        warnings.warn("again", stacklevel=1)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        filters = warnings.filters
        default = [("default", None, Warning, None, 0)]
        warnings.filters = default
        forget_ignored_warnings()
        warn()
        warn()  # the second time at this line, so it is not shown
        assert len(caught) == 1
        forget_ignored_warnings()
        assert warnings.filters is default  # as before
        warn()
        assert len(caught) == 2
        warnings.filters = filters
        forget_ignored_warnings()


def test_filters_belong_to_contexts_where_python_says_so(monkeypatch):
    """Otherwise, fused tasks would save filters that are not theirs."""
    flag = getattr(sys.flags, "context_aware_warnings", 0)
    assert filters_belong_to_contexts() is bool(flag)

    class Flags:
        context_aware_warnings = 1

    monkeypatch.setattr(sys, "flags", Flags())
    assert filters_belong_to_contexts() is True
