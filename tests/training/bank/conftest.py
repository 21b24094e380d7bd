"""The ends of members, which no outcome shows."""

import pytest

from skdl.training._bank.members import Member


@pytest.fixture
def ends(monkeypatch):
    """The final states of members, with the masks of their own weights."""
    seen = []
    outcome = Member.outcome

    def watched(member, program, end, status):
        seen.append((member.settings.mask, end))
        return outcome(member, program, end, status)

    monkeypatch.setattr(Member, "outcome", watched)
    return seen
