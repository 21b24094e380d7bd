"""What a rule makes of its match."""

from skdl.diagnosis.verdicts._rule_input import RuleMatch, VerdictRule
from tests.diagnosis.verdicts.example_trainings import (
    SOUND,
)


def test_a_rule_may_be_less_sure_than_its_table(without_rows):
    said = RuleMatch({"a": 1.0}, "It is.", "Act.", severity="warning")
    rule = VerdictRule("code", "problem", "verdict", lambda run: said)

    assert rule.apply(without_rows(SOUND)).severity == "warning"
    assert (
        VerdictRule("code", "problem", "verdict", lambda run: None).apply(None) is None
    )
