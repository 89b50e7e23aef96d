"""Stays in hospital, worked out by hand: where, how long, referred, above the cap or not."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import narwhals as nw
import pandas as pd
import pytest

from healthmon.costs.entitled import add_caps, add_entitled, add_referrals
from healthmon.costs.stays import add_reach, inpatient_stays
from healthmon.costs.terms import CapTerms, load_cap_terms
from healthmon.project import Project, open_project

from clean_tables import deliver, household, make_project, person, settlement

TERMS: CapTerms = load_cap_terms(open_project().params)
ENGINES = pytest.mark.parametrize("engine", ["duckdb", "pandas"])


def lazy(frame: pd.DataFrame, engine: str) -> nw.LazyFrame:
    """Open a frame in one of the engines, with missing as missing."""
    if engine == "pandas":
        return nw.from_native(frame).lazy()
    return nw.from_native(duckdb.from_arrow(nw.from_native(frame).to_arrow()))


def collected(frame: nw.LazyFrame) -> list[dict]:
    return frame.collect("pyarrow").to_native().sort_by("settlement_no").to_pylist()


def make_frame(rows: list[dict], **types: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    frame.insert(0, "settlement_no", [f"{n:02d}" for n in range(len(frame))])
    return frame.astype(types)


CAPS = {
    # level, total, outside the scope -> above the cap (least, most)
    "primary: exactly 2.5 % is within": ("level_1", 100_000, 2_500, 0, 0),
    "primary: one fen above": ("level_1", 100_000, 2_501, 1, 1),
    "unrated counts as primary": ("unrated", 100_000, 2_501, 1, 1),
    "secondary: exactly 5 % is within": ("level_2", 100_000, 5_000, 0, 0),
    "secondary: one fen above": ("level_2", 100_000, 5_001, 1, 1),
    "tertiary: exactly 10 % is within": ("level_3", 100_000, 10_000, 0, 0),
    "tertiary: one fen above": ("level_3", 100_000, 10_001, 1, 1),
    # 2.5 % of 101 fen are 2.525: 2 are left to the patient, the third is not
    "a cap between two fen leaves the lower one": ("level_1", 101, 3, 1, 1),
    "and so much is within": ("level_1", 101, 2, 0, 0),
    "nothing outside the scope": ("level_3", 100_000, 0, 0, 0),
    "a stay that cost nothing": ("level_2", 0, 0, 0, 0),
    "unknown level, within every cap": (None, 100_000, 2_500, 0, 0),
    "unknown level, above the narrowest alone": (None, 100_000, 2_501, 0, 1),
    "unknown level, at the widest": (None, 100_000, 10_000, 0, 7_500),
    "unknown level, above every cap": (None, 100_000, 10_001, 1, 7_501),
    # 900 million yuan: products beyond 2^53 stay exact
    "a huge bill, at the cap": ("level_3", 90_000_000_010, 9_000_000_001, 0, 0),
    "a huge bill, one fen above": ("level_3", 90_000_000_010, 9_000_000_002, 1, 1),
}


@ENGINES
def test_costs_outside_the_scope_are_held_against_the_cap(engine: str) -> None:
    rows = [
        {"facility_level": level, "total_fen": total, "out_of_scope_fen": outside}
        for level, total, outside, *_ in CAPS.values()
    ]
    stays = make_frame(rows, total_fen="Int64", out_of_scope_fen="Int64").assign(is_capped=True)
    judged = collected(add_caps(lazy(stays, engine), TERMS))
    for (name, (*_, least, most)), row in zip(CAPS.items(), judged, strict=True):
        assert (row["excess_least_fen"], row["excess_most_fen"]) == (least, most), name
        assert row["excess_fen"] == (least if least == most else None), name
        assert row["is_over_cap"] == (True if least else False if not most else None), name


def test_who_is_not_entitled_has_no_cap() -> None:
    rows = [{"facility_level": "level_1", "total_fen": 100, "out_of_scope_fen": 100}]
    stays = make_frame(rows).assign(is_capped=False)
    (row,) = collected(add_caps(lazy(stays, "duckdb"), TERMS))
    assert [row[name] for name in ("cap_bp", "excess_most_fen", "is_over_cap")] == [None] * 3


REACH = {
    # county of residence, of the facility -> county, prefecture, province, where
    ("632801", "632801"): (True, True, True, "county"),
    ("632801", "632802"): (False, True, True, "prefecture"),
    ("632801", "630102"): (False, False, True, "province"),
    ("632801", "510104"): (False, False, False, "beyond"),
    ("632801", None): (None, None, None, None),
    (None, "632801"): (None, None, None, None),
}


@ENGINES
def test_how_far_from_home(engine: str) -> None:
    rows = [{"county_code": home, "facility_county_code": place} for home, place in REACH]
    found = collected(add_reach(lazy(make_frame(rows), engine)))
    names = ("is_in_county", "is_in_prefecture", "is_in_province", "treated_in")
    for expected, row in zip(REACH.values(), found, strict=True):
        assert tuple(row[name] for name in names) == expected


REFERRED = {
    # person, admitted, in the county -> referred; person 1 was referred on 10 March
    "on the day of the referral": (1, date(2022, 3, 10), False, True),
    "thirty days later": (1, date(2022, 4, 9), False, True),
    "thirty-one days later": (1, date(2022, 4, 10), False, False),
    "the day before": (1, date(2022, 3, 9), False, False),
    "somebody else": (2, date(2022, 3, 10), False, False),
    "in the county nobody asks": (1, date(2022, 3, 10), True, None),
    "where it was is not known": (1, date(2022, 3, 10), None, None),
    "day of admission missing": (1, None, False, None),
    "before any referral was recorded": (1, date(2022, 2, 28), False, None),
}


@ENGINES
def test_a_referral_holds_for_thirty_days(engine: str) -> None:
    rows = [
        {"person_id": who, "visit_date": day, "is_in_county": inside}
        for who, day, inside, _ in REFERRED.values()
    ]
    types = {"visit_date": "datetime64[us]", "is_in_county": "boolean"}
    # the same person was referred twice within the window: that stay still counts once
    days = [date(2022, 3, 1), date(2022, 3, 10), date(2022, 3, 10)]
    referrals = pd.DataFrame({"person_id": [7, 1, 1], "referral_date": days})
    referrals = referrals.astype({"referral_date": "datetime64[us]"})
    judged = add_referrals(
        lazy(make_frame(rows, **types), engine), lazy(referrals, engine), datetime(2022, 3, 1), 30
    )
    found = [row["is_referred"] for row in collected(judged)]
    assert dict(zip(REFERRED, found, strict=True)) == {k: v[-1] for k, v in REFERRED.items()}


def test_without_referrals_nothing_is_said_of_them() -> None:
    rows = [{"person_id": 1, "visit_date": date(2022, 3, 10), "is_in_county": False}]
    (row,) = collected(add_referrals(lazy(make_frame(rows), "duckdb"), None, None, 30))
    assert row["is_referred"] is None


ENTITLED = {
    # status, from, to (first day no longer) -> entitled; admitted 1 May, settled 10 May
    "belongs for long": ("lifted", date(2019, 1, 1), None, True),
    "listed on the day of settlement": ("marginal", date(2022, 5, 10), None, True),
    "listed a day later": ("marginal", date(2022, 5, 11), None, False),
    "left in the stay": ("unstable", date(2019, 1, 1), date(2022, 5, 2), True),
    "left on the day of admission": ("unstable", date(2019, 1, 1), date(2022, 5, 1), False),
    "assisted": ("extreme_poverty_support", date(2019, 1, 1), None, True),
    "poor households are not named by the clause": ("poor", date(2019, 1, 1), None, False),
}


@ENGINES
def test_who_is_entitled_on_the_day_of_settlement(engine: str) -> None:
    rows = [
        {"person_id": n, "visit_date": date(2022, 5, 1), "settled_date": date(2022, 5, 10),
         "village_code": None, "township_code": None, "county_code": None, "prefecture_code": None}
        for n in range(len(ENTITLED))
    ]  # fmt: skip
    places = ("village_code", "township_code", "county_code", "prefecture_code")
    types = {"visit_date": "datetime64[us]", "settled_date": "datetime64[us]"}
    stays = make_frame(rows, **types, **dict.fromkeys(places, "str"))
    spells = pd.DataFrame(
        [(n, status, begin, end) for n, (status, begin, end, _) in enumerate(ENTITLED.values())],
        columns=["person_id", "status", "from_date", "to_date"],
    ).astype({"from_date": "datetime64[us]", "to_date": "datetime64[us]"})
    spells = spells.assign(village_code="630102001001", county_code="630102")
    twice = pd.concat([spells, spells])  # in two groups at once: still one stay
    found = collected(add_entitled(lazy(stays, engine), lazy(twice, engine), TERMS.statuses))
    expected = [entitled for *_, entitled in ENTITLED.values()]
    assert [row["is_capped"] for row in found] == expected
    # never on the register: the place is that of the group
    assert found[0]["township_code"] == "630102001"
    assert found[0]["prefecture_code"] == "630100"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One household in county 632801, one person assisted elsewhere; stays at the edges."""
    project = make_project(tmp_path_factory.mktemp("stays"))
    deliver(project, "registered_households", "2021-01", [household(1)])
    deliver(project, "registered_persons", "2021-01", [person(1, 1)])
    assisted = {
        "person_id": 2, "kind": "rural_allowance", "village_code": "630102001001",
        "change": "existing", "change_date": date(2019, 1, 1),
    }  # fmt: skip
    deliver(project, "social_assistance", "2021-01", [assisted])
    common = {"facility_level": "level_2", "visit_date": date(2022, 6, 1)}
    june = [
        settlement("first", 1, date(2021, 7, 1), 100, **common | {"visit_date": None}),
        settlement("before", 1, date(2021, 6, 30), 100, **common),
        settlement("same day", 1, date(2022, 6, 1), 100, discharge_date=date(2022, 6, 1), **common),
        settlement("week", 1, date(2022, 6, 9), 100, discharge_date=date(2022, 6, 8), **common),
        settlement("wrong", 1, date(2022, 6, 9), 100, discharge_date=date(2022, 5, 31), **common),
        settlement("assisted", 2, date(2022, 6, 9), 100, **common),
        settlement("stranger", 3, date(2022, 6, 9), 100, **common),
        settlement("outpatient", 1, date(2022, 6, 9), 100, **common | {"visit_type": "outpatient"}),
    ]
    deliver(project, "settlements", "2022-06", june)
    late = settlement("late", 1, date(2022, 6, 30), 100, **common)
    deliver(project, "settlements", "2022-07", [late])
    return project


def test_the_last_twelve_months_are_listed_as_known_at_the_month(small: Project) -> None:
    assert set(inpatient_stays(small, "2022-06")["settlement_no"]) == {
        "first", "same day", "week", "wrong", "assisted", "stranger"
    }  # fmt: skip
    assert "late" in set(inpatient_stays(small, "2022-07")["settlement_no"])


def test_length_of_stay_is_whole_days_where_both_dates_make_sense(small: Project) -> None:
    days = inpatient_stays(small, "2022-06").set_index("settlement_no")["stay_days"]
    known = {name: days[name] for name in days.index if pd.notna(days[name])}
    assert known == {"same day": 0, "week": 7}


def test_residence_comes_from_the_register_or_the_assistance(small: Project) -> None:
    stays = inpatient_stays(small, "2022-06").set_index("settlement_no")
    assert stays.loc["week", ["county_code", "treated_in"]].to_list() == ["632801", "county"]
    assert stays.loc["assisted", ["county_code", "treated_in"]].to_list() == ["630102", "province"]
    assert stays.loc["stranger", ["county_code", "treated_in"]].isna().all()
    assert stays["is_capped"].to_dict()["stranger"] is False
    assert stays["is_capped"].to_dict()["assisted"] is True


def test_caps_that_are_no_shares_are_refused(tmp_path: Path) -> None:
    from healthmon.errors import ParameterError

    text = (open_project().params / "caps.yml").read_text(encoding="utf-8")
    (tmp_path / "caps.yml").write_text(text.replace("level_3: 1000 ", "level_3: 10001 "), "utf-8")
    with pytest.raises(ParameterError, match="caps lie between"):
        load_cap_terms(tmp_path)
