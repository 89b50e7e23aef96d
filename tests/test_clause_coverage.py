"""No clause without a case; the page in docs/ is current."""

import pytest

import clause_coverage

ROWS = list(clause_coverage.rows())


@pytest.mark.parametrize("row", ROWS, ids=[f"{name} {key}" for name, key, *_ in ROWS])
def test_every_clause_has_a_case(row: tuple[str, str, str, list[str]]) -> None:
    assert row[3]


def test_every_score_component_has_cases_on_both_sides() -> None:
    for name, key, clause, cases in ROWS:
        if name in clause_coverage.SCORED and not clause.startswith("reading"):
            assert len(cases) >= 2, f"{name} {key}"


def test_the_page_is_current() -> None:
    assert clause_coverage.PAGE.read_text("utf-8") == clause_coverage.render(), "run make docs"
