"""Other thresholds than 1,560 yuan, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from healthmon.errors import ParameterError
from healthmon.project import open_project
from healthmon.risk.cohorts import make_cohort
from healthmon.risk.settings import load_risk_settings
from healthmon.risk.spending_cohorts import COLUMNS, make_spending_cohorts
from healthmon.risk.threshold import (
    compare_at_shares,
    count_at_thresholds,
    is_above_share,
    is_above_threshold,
    paired_lead,
)
from healthmon.risk.threshold_origin import (
    list_round_neighbours,
    relate_to_lines,
    split_threshold,
)
from healthmon.risk.threshold_settings import load_threshold_settings

from clean_tables import make_random_project

PARAMS = open_project().params
#         id  members  oop_fen  before  income_fen  at start  falls
PEOPLE = [
    (1, 1, 156_000, 156_001, 1_560_000, True, True),  # exactly 1,560.00; one fen above before
    (2, 1, 156_001, 0, 400_000, True, True),  # one fen above the line
    (3, 2, 312_000, None, 390_000, True, False),  # 1,560.00 a head; no year before
    (4, 3, 468_001, 900_000, 300_000, True, True),  # one fen above for three, in both years
    (5, 2, 900_000, 0, 500_000, False, True),  # below the line at the start
    (6, 4, 0, 0, 0, True, False),  # nothing spent, no income
    (7, 1, 100, 500_000, -5_000, True, False),  # something spent, income below nothing
]


def make_people() -> pd.DataFrame:
    columns = [
        "household_id", "member_count", "oop_fen", "previous_oop_fen", "income_per_member_fen",
        "is_above_line", "is_fallen",
    ]  # fmt: skip
    frame = pd.DataFrame(PEOPLE, columns=columns).astype({"previous_oop_fen": "Int64"})
    members = frame["member_count"].astype("Int64")
    return frame.assign(previous_member_count=members.where(frame["previous_oop_fen"].notna()))


def count(threshold: int, years: str) -> pd.Series:
    people = make_people()
    rows = count_at_thresholds(people, people["is_fallen"].to_numpy(), [threshold])
    return rows.set_index("years").loc[years]


@pytest.mark.parametrize(
    ("years", "flagged", "eligible", "found", "missed"),
    [
        pytest.param("own", 3, 2, 2, 1, id="2, 4 and 5 in the year itself"),
        pytest.param("either", 5, 4, 3, 0, id="1 and 7 were above in the year before"),
        pytest.param("both", 1, 1, 1, 2, id="only 4 in both"),
    ],
)
def test_households_at_1560_are_counted_by_year(years, flagged, eligible, found, missed) -> None:
    row = count(1560, years)
    assert row["flagged_household_count"] == flagged
    assert row["eligible_flagged_household_count"] == eligible
    assert row["found_household_count"] == found
    assert row["missed_household_count"] == missed
    assert row["fallen_household_count"] == 3  # 5 was below the line already
    assert row["eligible_household_count"] == 6


def test_a_household_exactly_at_the_threshold_is_not_above_it() -> None:
    spent, members = pd.Series([156_000, 156_001, 312_000, 312_001]), pd.Series([1, 1, 2, 2])
    assert is_above_threshold(spent, members, 1560).tolist() == [False, True, False, True]
    assert is_above_threshold(spent, members, 1559).tolist() == [True] * 4


def test_a_cohort_without_a_year_before_is_counted_on_its_own_year_alone() -> None:
    people = make_people().assign(previous_oop_fen=pd.NA)
    people["previous_oop_fen"] = people["previous_oop_fen"].astype("Int64")
    rows = count_at_thresholds(people, people["is_fallen"].to_numpy(), [1560])
    assert rows["years"].tolist() == ["own"]


@pytest.mark.parametrize(
    ("share", "above"),
    [
        pytest.param(10, [2, 3, 4, 5, 7], id="1 spends exactly 10 % of 15,600"),
        pytest.param(39, [2, 3, 4, 5, 7], id="2 spends one fen more than 39 % of 4,000"),
        pytest.param(40, [4, 5, 7], id="3 spends exactly 40 % of 3,900"),
    ],
)
def test_shares_of_income_are_strict_and_without_division(share, above) -> None:
    people = make_people()
    assert people.loc[is_above_share(people, share), "household_id"].tolist() == above


def test_shares_and_spending_flag_equally_many() -> None:
    """Above 40 % at the start: 4 and 7. By spending per head: 2 and 4 (by a third of a fen)."""
    people = make_people()
    (row,) = compare_at_shares(people, people["is_fallen"].to_numpy(), (40,), 95).itertuples()
    assert row.flagged_household_count == 3
    assert row.eligible_flagged_household_count == 2
    assert row.found_household_count == 1  # 4
    assert row.spending_found_household_count == 2  # 2 and 4
    assert row.lead == pytest.approx(-1 / 3)  # one less of three
    assert row.spending_cut_yuan == pytest.approx(4680.01 / 3)


def test_the_sweep_ranks_by_share_as_many_as_the_threshold_flags() -> None:
    """At 1,560 two are flagged at the start; by share 7 (no income) and 4 (52 %) come first."""
    row = count(1560, "own")
    assert row["share_found_household_count"] == 1
    assert row["share_cut_pct"] == pytest.approx(100 * 468_001 / 900_000)


def test_paired_lead_by_hand() -> None:
    """30 - 10 of 100: 0.2; the error is the root of (40 - 400/100) over 100, which is 0.06."""
    lead, lower, upper = paired_lead(30, 10, 100, 95)
    assert lead == pytest.approx(0.2)
    assert (upper - lower) / 2 == pytest.approx(1.959964 * 0.06, rel=1e-6)
    assert np.isnan(paired_lead(0, 0, 0, 95)).all()


def test_1560_is_split_into_share_and_base() -> None:
    split = split_threshold(1560, load_threshold_settings(PARAMS).coincidence)
    rows = {row.share_pct: (row.base_yuan, row.is_round) for row in split.itertuples()}
    assert rows[40] == (3900, True)
    assert rows[25] == (6240, False)
    assert rows[15] == (10400, True)


def test_multiples_of_40_are_40_percent_of_round_hundreds() -> None:
    near = list_round_neighbours(load_threshold_settings(PARAMS).coincidence)
    fits = near.loc[near["is_claimed_share"], "threshold_yuan"]
    assert fits.tolist() == [1520, 1560, 1600]
    assert len(near) == 11


def test_1560_is_39_percent_of_4000() -> None:
    lines = {"line": load_risk_settings(PARAMS).poverty_lines}
    rows = relate_to_lines(1560, lines).set_index("line_yuan")
    assert rows.loc[4000, "share_pct"] == 39
    assert rows["is_whole"].to_dict() == {3747: False, 4000: True}


def test_a_flagged_household_asks_for_one_verification_and_four_visits() -> None:
    visits = load_threshold_settings(PARAMS).visits
    assert visits.per_household == 1 + 4
    assert "定期随访" in visits.required_by.quote


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("table_yuan: [500,", "table_yuan: [550,", "not among the thresholds tried"),
        ("to_yuan: 5000", "to_yuan: 500", "lies above from_yuan"),
        ("  step_yuan: 100", "  stepyuan: 100", "stepyuan"),
    ],
)
def test_mistakes_in_the_parameters_are_named(tmp_path, old, new, said) -> None:
    text = (PARAMS / "threshold.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "threshold.yml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ParameterError, match=said):
        load_threshold_settings(tmp_path)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_random_project(tmp_path_factory.mktemp("threshold"), households=120)


def test_spending_cohorts_are_those_of_the_risk_model(project) -> None:
    """Other code, the same households, spending and outcome."""
    from healthmon.burden import load_rule

    cohorts = make_spending_cohorts(project, "2022-06")
    settings, rule = load_risk_settings(project.params), load_rule(project.params)
    assert cohorts["cohort_year"].unique().tolist() == [2019, 2020]
    for year, cohort in cohorts.groupby("cohort_year"):
        other = make_cohort(project, "2022-06", year, settings, rule)
        cohort = cohort.set_index("household_id").loc[other.index]
        for name in ("oop_fen", "member_count", "is_above_line", "is_fallen", "oldest_age"):
            assert (cohort[name] == other[name]).all(), name
    assert cohorts["is_helped"].isna().all()  # not simulated: nobody knows


def test_the_year_before_is_what_its_cohort_said(project) -> None:
    cohorts = make_spending_cohorts(project, "2022-06").set_index("household_id")
    first, second = (cohorts[cohorts["cohort_year"] == year] for year in (2019, 2020))
    assert (second["previous_oop_fen"] == first["oop_fen"].loc[second.index]).all()
    assert first["previous_oop_fen"].isna().all()


def test_a_month_without_an_outcome_has_no_cohorts(project) -> None:
    cohorts = make_spending_cohorts(project, "2020-06")
    assert cohorts.empty
    assert list(cohorts) == list(COLUMNS)
