"""Every class of records has a description in reports."""

from skdl.reports._record_kinds import KINDS
from tests.every_record import record_classes


def test_no_class_of_records_is_forgotten():
    assert set(KINDS) == record_classes()
