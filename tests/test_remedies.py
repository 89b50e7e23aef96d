"""The way to 70: what is proposed passes, and nothing of it can be left out."""

import numpy as np
import pandas as pd
import pytest

from healthmon.project import open_project
from healthmon.rules.remedies import Change, find_remedies
from healthmon.rules.scoring import score_facilities
from healthmon.rules.standards import ScoreStandard, load_standard

from test_plain_qh1 import random_townships
from test_qh1_boundaries import COUNTY, FULL_COUNTY, FULL_TOWNSHIP, TOWNSHIP, scored


def sets(full: dict, standard: ScoreStandard, **changes: object) -> list[tuple[Change, ...]]:
    return [r.changes for r in find_remedies(scored(full, standard, **changes), standard)]


def test_a_facility_that_passes_needs_nothing() -> None:
    assert sets(FULL_COUNTY, COUNTY) == []


def test_one_policy_is_enough_whichever() -> None:
    # 10 + 10 + 0 + 30 = 50: one of the two policies taken up gives 20, more visits only 10
    found = sets(
        FULL_COUNTY, COUNTY, has_one_stop_settlement=False, has_telemedicine=False,
        in_county_visit_count=80,
    )  # fmt: skip
    assert found == [(Change("C3", 0, None),), (Change("C3", 1, None),)]


def test_the_third_policy_gains_nothing_while_40_are_off() -> None:
    # all three missing: 60 off are cut to 40; mending one gives nothing, two give 20
    found = sets(
        FULL_COUNTY, COUNTY, has_one_stop_settlement=False, has_telemedicine=False,
        support_team_count=1, in_county_visit_count=80,
    )  # fmt: skip
    assert {len(changes) for changes in found} == {2}
    assert (Change("C3", 0, None), Change("C3", 2, None)) in found


def test_visits_are_asked_for_as_far_as_needed_and_come_last() -> None:
    # 10 + 10 + 20 + 18 = 58: 12 more points of visits, or the telemedicine
    row = scored(FULL_COUNTY, COUNTY, has_telemedicine=False, in_county_visit_count=68)
    first, second = find_remedies(row, COUNTY)
    assert first.changes == (Change("C3", 1, None),)
    assert first.by_decree
    assert second.changes == (Change("C4", 0, 30),)
    assert not second.by_decree
    assert second.points == 70


def test_a_second_physician_may_do_where_a_third_is_more_than_needed() -> None:
    # 15+5+10+5+5+0+25 = 65: one more physician (+5), drugs (+10), contracts (+5) or visits (+5)
    found = sets(
        FULL_TOWNSHIP, TOWNSHIP, township_physician_count=1, drug_kind_count=1,
        poor_diabetes_contracted_count=0, poor_diabetes_followed_up_count=0,
        grassroots_visit_count=45,
    )  # fmt: skip
    assert (Change("T2b", 0, 2),) in found
    assert (Change("T2b", 0, 3),) not in found
    assert found[-1] == (Change("T5", 0, 30),)
    assert {len(changes) for changes in found} == {1}


def test_unknown_inputs_can_be_part_of_the_way() -> None:
    found = sets(FULL_COUNTY, COUNTY, visit_count=None, in_county_visit_count=None)
    assert found == [(Change("C4", 0, 10),)]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_proposal_passes_and_needs_each_of_its_parts(seed: int) -> None:
    standard = load_standard(open_project().params, "QH/township_hospitals", ScoreStandard)
    facilities = random_townships(np.random.default_rng(seed)).head(200)
    failing = score_facilities(facilities, standard).query("state == 'fail'").head(12)
    assert len(failing) == 12
    for _, row in failing.iterrows():
        remedies = find_remedies(row, standard)
        assert remedies
        for remedy in remedies[:5]:
            assert after(row, standard, remedy.changes) >= 70
            for left_out in remedy.changes:
                rest = tuple(c for c in remedy.changes if c != left_out)
                assert after(row, standard, rest) < 70


DEVICES = ("ecg", "xray", "biochemistry_analyser")
CHRONIC = ("hypertension", "diabetes", "severe_mental_disorder")


def after(row: pd.Series, standard: ScoreStandard, changes: tuple[Change, ...]) -> int:
    """Carry out changes on the inputs of a township hospital and score it again."""
    changed = row.copy()
    for change in changes:
        if change.component == "T1":
            changed[[f"has_{DEVICES[change.part]}", f"is_{DEVICES[change.part]}_operable"]] = True
        elif change.component == "T2a":
            changed["township_gp_count"] = 1
        elif change.component == "T2b":
            changed["township_physician_count"] = change.wanted
        elif change.component in ("T3a", "T3b"):
            what = {"T3a": "contracted", "T3b": "followed_up"}[change.component]
            for name in CHRONIC:
                changed[f"poor_{name}_{what}_count"] = changed[f"poor_{name}_patient_count"]
        elif change.component == "T4":
            changed["drug_kind_count"] = 11
        else:
            # points 10 to 30 lie at 30 to 50 percent
            changed["visit_count"] = 100
            changed["grassroots_visit_count"] = change.wanted + 20
    frame = pd.DataFrame([changed[list(random_townships_columns())]]).convert_dtypes()
    return int(score_facilities(frame, standard)["points"].iloc[0])


def random_townships_columns() -> list[str]:
    return list(random_townships(np.random.default_rng(0)).columns)
