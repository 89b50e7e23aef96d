"""The list of breaches beside the simulated exports, held against the tables as taken in."""

import narwhals as nw
import pandas as pd
import pytest

from healthmon.costs.stays import inpatient_stays
from healthmon.deadlines.breaches import list_breaches
from healthmon.indicators.cases import cases as product_cases
from healthmon.indicators.disease_lists import load_disease_lists
from healthmon.indicators.patients import patients
from healthmon.indicators.persons import persons
from healthmon.indicators.span import Span
from healthmon.indicators.teams import teams
from healthmon.indicators.telephone_checks import telephone_checks
from healthmon.intake.identity import DEMONSTRATION_KEY, Pseudonyms
from healthmon.month import Month
from healthmon.project import Project, open_project
from healthmon.rules.expressions import express
from healthmon.rules.indicators import load_indicators
from healthmon.tables import collect_frame, read_table

LAST, QUARTER = pd.Timestamp("2022-06-30"), pd.Timestamp("2022-04-01")
OWN_ACTION = {
    "wrong_identity_data": "reported", "no_card": "notified", "away": "telephoned",
}  # fmt: skip
SPOILT = 2
WORDS = {
    "高血压": "hypertension", "糖尿病": "diabetes", "肺结核": "tuberculosis",
    "严重精神障碍": "severe_mental_disorder",
}  # fmt: skip


@pytest.fixture(scope="module")
def breaches(sample: Project) -> pd.DataFrame:
    """Breaches of the simulated sample, with ids as the intake gives them."""
    frame = pd.read_parquet(sample.raw / "truth" / "breaches.parquet")
    give = Pseudonyms(DEMONSTRATION_KEY, simulated=True)
    for name, kind in (("person", give.person_id), ("household", give.household_id)):
        numbers = frame[f"{name}_no"]
        ids = [None if pd.isna(one) else kind(one) for one in numbers]
        frame[f"{name}_id"] = pd.array(ids, dtype="Int64")
    return frame


class Taken:
    """Tables as taken in, and who was there on the last day."""

    def __init__(self, project: Project) -> None:
        self.project = project
        persons = last_row(self.table("registered_persons"), ["person_id"])
        self.present = persons[~persons["change"].isin(["died", "moved_out"])]

    def table(self, name: str) -> pd.DataFrame:
        return read_table(self.project, name)

    def is_present(self, rows: pd.DataFrame) -> pd.Series:
        return rows["person_id"].isin(self.present["person_id"])


@pytest.fixture(scope="module")
def taken(sample: Project) -> Taken:
    return Taken(sample)


def last_row(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    ordered = rows.sort_values(["change_date", "source_row"], kind="stable")
    return ordered.groupby(key, as_index=False).last()


def keys(rows: pd.DataFrame, *columns: str) -> set:
    return set(rows[list(columns)].itertuples(index=False, name=None))


def late(done: pd.Series, due: pd.Series) -> pd.Series:
    return (done > due) | (done.isna() & (due < LAST))


def listings(taken: Taken) -> pd.DataFrame:
    return last_row(taken.table("monitored_households"), ["household_id", "listed_date"])


def verified_late(taken: Taken) -> set:
    rows = listings(taken)
    is_late = late(rows["verified_date"], rows["listed_date"] + pd.Timedelta(days=7))
    return keys(rows[is_late], "household_id", "listed_date")


def helped_late(taken: Taken) -> set:
    rows = listings(taken)
    # pandas' month offset ends on the last day of a shorter month
    is_late = late(rows["measures_date"], rows["listed_date"] + pd.DateOffset(months=1))
    return keys(rows[is_late], "household_id", "listed_date")


def ledger(taken: Taken) -> pd.DataFrame:
    rows = last_row(taken.table("unsigned_persons"), ["person_id"])
    return rows[(rows["change"] != "removed") & taken.is_present(rows)]


def unclassed(taken: Taken) -> set:
    rows = ledger(taken)
    return keys(rows[rows["class"].isna()], "person_id")


def without_own_action(taken: Taken) -> set:
    rows = ledger(taken).dropna(subset="class")
    own = rows["class"].map(OWN_ACTION)
    return keys(rows[rows["action"].isna() | (rows["action"] != own)], "person_id")


def large_teams(taken: Taken) -> set:
    rows = taken.table("family_doctor_contracts")
    last = rows.sort_values("signed_date").drop_duplicates("person_id", keep="last")
    homes = last_row(taken.table("registered_households"), ["household_id"])
    poor = homes.loc[homes["household_kind"].isin(["poor", "lifted", "unstable"]), "household_id"]
    present = taken.present[taken.present["household_id"].isin(poor)]
    size = last[last["person_id"].isin(present["person_id"])].groupby("team_code").size()
    return {(code,) for code in size.index[size > 150]}


def bad_numbers(taken: Taken) -> set:
    rows = taken.table("telephone_checks")
    is_bad = rows["result"].isin(["unassigned", "suspended", "wrong_household"])
    return keys(rows[is_bad], "household_id", "team_code", "check_date")


def cases(taken: Taken) -> pd.DataFrame:
    rows = last_row(taken.table("major_disease_cases"), ["person_id", "disease"])
    is_named = rows["disease"].isin(["帕金森病", "强直性脊柱炎", "重症肌无力"])
    return rows[taken.is_present(rows) & ~is_named]


def untreated(taken: Taken) -> set:
    rows = cases(taken)
    return keys(rows[rows["treated_date"].isna()], "person_id", "disease")


def without_plan(taken: Taken) -> set:
    rows = cases(taken)
    return keys(rows[rows["plan_date"].isna()], "person_id", "disease")


def stays(taken: Taken) -> pd.DataFrame:
    rows = taken.table("settlements").query("visit_type == 'inpatient'")
    people = last_row(taken.table("registered_persons"), ["person_id"])
    homes = last_row(taken.table("registered_households"), ["household_id"])
    people = people[["person_id", "household_id"]]
    rows = rows.merge(people, on="person_id").merge(
        homes[["household_id", "village_code"]], on="household_id"
    )
    return rows.assign(home=rows["village_code"].str[:6])


def unreferred(taken: Taken) -> set:
    rows = stays(taken)
    rows = rows[rows["home"] != rows["facility_county_code"]].sort_values("visit_date")
    referred = taken.table("referrals").sort_values("referral_date")
    both = pd.merge_asof(
        rows, referred[["person_id", "referral_date"]], left_on="visit_date",
        right_on="referral_date", by="person_id",
    )  # fmt: skip
    days = (both["visit_date"] - both["referral_date"]).dt.days
    return keys(both[~(days <= 30)], "settlement_no")


def unvisited(taken: Taken) -> set:
    rows = taken.table("chronic_patients")
    first = rows.groupby(["person_id", "disease"], as_index=False)["change_date"].min()
    last = last_row(rows, ["person_id", "disease"])
    listed = last[(last["change"] != "removed") & (first["change_date"] < QUARTER)]
    listed = listed[taken.is_present(listed)]
    visits = taken.table("follow_up_visits").query("visit_date >= @QUARTER")
    return keys(listed, "person_id", "disease") - keys(visits, "person_id", "disease")


FOUND = {
    "late_verification": (verified_late, ["household_id", "day"]),
    "late_measures": (helped_late, ["household_id", "day"]),
    "unclassed": (unclassed, ["person_id"]),
    "no_action": (without_own_action, ["person_id"]),
    "team_over_150": (large_teams, ["team_code"]),
    "bad_telephone": (bad_numbers, ["household_id", "team_code", "day"]),
    "untreated": (untreated, ["person_id", "disease"]),
    "no_plan": (without_plan, ["person_id", "disease"]),
    "unreferred": (unreferred, ["settlement_no"]),
    "unvisited": (unvisited, ["person_id", "disease"]),
}


@pytest.mark.parametrize("kind", FOUND)
def test_what_the_files_hold_is_what_the_list_says(
    kind: str, breaches: pd.DataFrame, taken: Taken
) -> None:
    """But for the odd row that a planted error spoilt or left out."""
    find, columns = FOUND[kind]
    stated = breaches[breaches["kind"] == kind]
    stated = stated.assign(disease=stated["disease"].replace(WORDS))
    wanted = keys(stated, *columns)
    assert len(wanted) > SPOILT
    differing = wanted ^ find(taken)
    assert len(differing) <= SPOILT


DISEASES = load_disease_lists(open_project().params).names()
ON_REGISTER = nw.col("is_registered_poor") | nw.col("is_monitored")


@pytest.fixture(scope="module")
def span(sample: Project) -> Span:
    """The last month alone, as the lists of undone work look at it."""
    return Span(sample, "2022-06", 1)


def ids(rows: nw.LazyFrame, *columns: str) -> set:
    return keys(collect_frame(rows.select(*columns)), *columns)


def product_untreated(span: Span) -> set:
    rows = product_cases(span).filter(ON_REGISTER, nw.col("is_on_qh35"), ~nw.col("is_treated"))
    return ids(rows, "person_id", "disease")


def product_without_plan(span: Span) -> set:
    rows = product_cases(span).filter(ON_REGISTER, nw.col("is_on_qh35"), ~nw.col("is_planned"))
    return ids(rows, "person_id", "disease")


def product_unvisited(span: Span) -> set:
    rows = patients(span).filter(ON_REGISTER, nw.col("is_visit_due"), ~nw.col("is_visited"))
    return ids(rows, "person_id", "disease")


def product_large_teams(span: Span) -> set:
    return ids(teams(span).filter(nw.col("poor_person_count") > 150), "team_code")


def product_without_own_action(span: Span) -> set:
    done = load_indicators(span.project.params)["unsigned_acted_on"]
    classed = nw.col("unsigned_class").is_in(list(OWN_ACTION))
    rows = persons(span).filter(ON_REGISTER, classed, ~nw.col("has_contract"))
    return ids(rows.filter(~express(*done.counts)), "person_id")


def product_bad_numbers(span: Span) -> set:
    year = Span(span.project, span.month)
    rows = telephone_checks(year).filter(~nw.col("is_valid"))
    return ids(rows, "household_id", "check_date")


def product_stays(span: Span) -> pd.DataFrame:
    return inpatient_stays(span.project, span.month)


def product_unreferred(span: Span) -> set:
    rows = product_stays(span)
    is_missing = (rows["is_referred"] == False).fillna(False)  # noqa: E712
    return keys(rows[is_missing & rows["household_kind"].notna()], "settlement_no")


def product_above_cap(span: Span) -> set:
    rows = product_stays(span)
    return keys(rows[rows["is_over_cap"].fillna(False)], "settlement_no", "excess_fen")


PRODUCT = {
    "untreated": (product_untreated, ["person_id", "disease"]),
    "no_plan": (product_without_plan, ["person_id", "disease"]),
    "unvisited": (product_unvisited, ["person_id", "disease"]),
    "team_over_150": (product_large_teams, ["team_code"]),
    "no_action": (product_without_own_action, ["person_id"]),
    "bad_telephone": (product_bad_numbers, ["household_id", "day"]),
    "unreferred": (product_unreferred, ["settlement_no"]),
    "over_cap": (product_above_cap, ["settlement_no", "amount_fen"]),
}
OF_THE_YEAR = ("bad_telephone", "unreferred", "over_cap")


@pytest.mark.parametrize("kind", PRODUCT)
def test_the_facts_find_what_was_planted_and_nothing_else(
    kind: str, breaches: pd.DataFrame, span: Span
) -> None:
    """But for the odd row that a planted error spoilt or left out."""
    find, columns = PRODUCT[kind]
    stated = breaches[breaches["kind"] == kind]
    if kind in OF_THE_YEAR:
        stated = stated[stated["day"] >= "2021-07-01"]
    names = WORDS if kind == "unvisited" else DISEASES
    stated = stated.assign(disease=stated["disease"].replace(names))
    wanted, found = keys(stated, *columns), find(span)
    assert len(wanted) > SPOILT
    assert len(wanted - found) <= SPOILT
    assert len(found - wanted) <= SPOILT


@pytest.mark.parametrize(
    ("deadline", "kind"), [("verified", "late_verification"), ("measures", "late_measures")]
)
def test_deadlines_find_what_is_late_and_nothing_else(
    deadline: str, kind: str, breaches: pd.DataFrame, month: Month
) -> None:
    found = list_breaches(month.deadlines.judged)
    wanted = keys(breaches[breaches["kind"] == kind], "household_id", "day")
    found = keys(found[found["deadline"] == deadline], "household_id", "listed_date")
    assert len(wanted) > SPOILT
    assert len(wanted ^ found) <= SPOILT


def test_every_kind_occurs(breaches: pd.DataFrame) -> None:
    assert set(breaches["kind"]) == {*FOUND, *PRODUCT}
