"""The scoreboard of contract teams, counted by hand."""

from datetime import date

import pytest
from test_indicators import MONTH, YEAR, Example

from healthmon.standing.team_scores import score_teams


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Two teams of 30 patients each; T1 visited 28 of them, T2 4; T2 has a monitored patient."""
    example = Example(tmp_path_factory.mktemp("teams"))
    example.came("follow_up_visits", *YEAR)
    for number in range(1, 61):
        example.household(number, "marginal" if number == 60 else "lifted")
        example.patient(number)
        example.contract(number, team="T1" if number <= 30 else "T2")
        if number <= 28 or 31 <= number <= 34:
            example.visit(number, date(2022, 5, 3))
    for number, result in ((1, "valid"), (2, "suspended"), (3, "no_answer")):
        example.add("telephone_checks", MONTH, household_id=number, team_code="T1",
                    check_date=date(2022, 6, 1), result=result)  # fmt: skip
    example.deliver()
    scored = score_teams(example.project, MONTH, 90)
    return scored.set_index("team_code").to_dict("index")


def test_persons_patients_and_numbers_are_counted(teams: dict[str, dict]) -> None:
    names = ["poor_person_count", "due_count", "visited_count", "managed_count",
             "answered_count", "valid_count"]  # fmt: skip
    assert [teams["T1"][name] for name in names] == [30, 30, 28, 0, 2, 1]
    # the household that is only monitored is not on the poverty register
    assert [teams["T2"][name] for name in names] == [29, 29, 4, 0, 0, 0]


def test_only_a_team_surely_below_all_is_behind(teams: dict[str, dict]) -> None:
    # 32 of 59 in all; 4 of 29 lies below beyond doubt, 28 of 30 above
    assert teams["T2"]["is_behind"]
    assert not teams["T1"]["is_behind"]
    # drawn towards the share of all
    assert 4 / 29 < teams["T2"]["estimate"] < 32 / 59 < teams["T1"]["estimate"] < 28 / 30
