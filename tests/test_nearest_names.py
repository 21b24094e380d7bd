"""Names that resemble a misspelt one."""

from skdl._nearest_names import nearest_names


def test_the_most_similar_name_comes_first():
    assert nearest_names("featur", ["fare", "feature", "xyz"])[0] == "feature"
    assert nearest_names("q", ["fare", "feature"]) == []


def test_case_does_not_matter_and_names_keep_theirs():
    assert nearest_names("PCLASS", ["Pclass", "Age"], n=1) == ["Pclass"]
