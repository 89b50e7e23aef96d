"""Facts about each person, chronic patient, patient treated and case, from several departments.

Every fact is true, false or null; null is what cannot be known from what was delivered.
"""

from functools import reduce

import narwhals as nw

from healthmon.consistency.sources import (
    Moment,
    assistance_states,
    case_states,
    chronic_settlements,
    chronic_states,
    contract_states,
    enrolment_states,
    list_days,
    register_states,
)
from healthmon.consistency.terms import Frame
from healthmon.tables import hold

_TRUE, _FALSE = nw.lit(True), nw.lit(False)
_UNKNOWN = nw.lit(None, dtype=nw.Boolean)
_KEYS = ("person_id", "disease", "household_id", "county_code", "prefecture_code")


def gather_facts(at: Moment) -> dict[Frame, nw.LazyFrame]:
    """Gather the facts of one month.

    Parameters
    ----------
    at : Moment

    Returns
    -------
    dict
        Frame to its rows, held in memory: ``person_id``, ``disease`` (null for persons),
        ``household_id``, ``county_code`` (null where no department states it),
        ``prefecture_code`` and the facts that ``params/consistency.yml`` names.

    Raises
    ------
    UserError
        When the month is none.

    References
    ----------
    JL-3; GZ-1 for who counts as what.
    """
    register = hold(register_states(at))
    chronic, settled = hold(chronic_states(at)), chronic_settlements(at)
    frames: dict[Frame, nw.LazyFrame] = {
        "persons": _persons(at, register, chronic),
        "patients": _patients(at, register, chronic, settled),
        "treated": _treated(at, register, chronic, settled),
        "cases": _cases(at, register),
    }
    return {frame: hold(rows.select(*_asked_of(at, frame))) for frame, rows in frames.items()}


def _asked_of(at: Moment, frame: Frame) -> list[str]:
    """List the columns of a frame that a comparison asks for."""
    asked = [item for item in at.terms.comparisons.values() if item.frame == frame]
    facts = {name for item in asked for name in (*item.among, item.differs)}
    return [*_KEYS, *sorted(facts)]


def _is_known(column: str) -> nw.Expr:
    return ~nw.col(column).is_null()


def _persons(at: Moment, register: nw.LazyFrame, chronic: nw.LazyFrame) -> nw.LazyFrame:
    ill = chronic.group_by("person_id").agg(
        nw.col("is_chronic").max(), nw.col("chronic_village_code").max()
    )
    parts = [
        register,
        hold(assistance_states(at)),
        hold(enrolment_states(at)),
        hold(contract_states(at)),
        ill,
        *_last_days(at, register),
    ]
    everybody = nw.concat([part.select("person_id") for part in parts[:5]]).unique()
    joined = reduce(
        lambda one, other: one.join(other, on="person_id", how="left"), parts, everybody
    )
    placed = joined.with_columns(
        county_code=nw.coalesce("register_county_code", "assistance_county_code"),
        prefecture_code=nw.coalesce(
            nw.col("register_prefecture_code"),
            nw.concat_str(nw.col("assistance_county_code").str.slice(0, 4), nw.lit("00")),
            nw.col("list_prefecture_code"),
        ),
        place_prefecture_code=nw.lit(None, dtype=nw.String),
    ).with_columns(place_prefecture_code=nw.col("prefecture_code"))
    dated = placed.join(list_days(at), on="place_prefecture_code", how="left")
    return _person_facts(at, dated)


def _last_days(at: Moment, register: nw.LazyFrame) -> list[nw.LazyFrame]:
    """Return the last visit settled and the last follow-up of those who died."""
    dead = register.filter(_is_known("died_date")).select("person_id")
    days = []
    for table, name in (("settlements", "last_settled"), ("follow_up_visits", "last_visited")):
        rows = at.scan(table).select("person_id", "visit_date")
        kept = rows.join(dead, on="person_id", how="inner")
        days.append(hold(kept.group_by("person_id").agg(nw.col("visit_date").max().alias(name))))
    return days


def _person_facts(at: Moment, rows: nw.LazyFrame) -> nw.LazyFrame:
    """Turn what the departments state into facts, in three steps that build on each other."""
    col, kinds = nw.col, list(at.terms.assistance_statuses)
    status = nw.lit("other")
    for kind in reversed(kinds):
        here = col("on_assistance") & (col("assistance_kind") == kind)
        status = nw.when(here).then(nw.lit(at.terms.assistance_statuses[kind])).otherwise(status)
    counts = col("on_register") & col("household_kind").is_in(list(at.terms.register_kinds))
    base = rows.with_columns(
        is_listed=_is_known("list_prefecture_code") | _is_known("has_basic_insurance"),
        has_contract=_is_known("signed_date"),
        was_on_assistance=_is_known("on_assistance"),
        was_registered=_is_known("household_id"),
        was_chronic=_is_known("is_chronic"),
        on_register=nw.when(_is_known("household_id")).then(col("on_register")).otherwise(_FALSE),
        on_assistance=nw.coalesce(col("on_assistance"), _FALSE),
        is_chronic=nw.coalesce(col("is_chronic"), _FALSE),
    ).with_columns(
        # in both counts as poverty register (GZ-1)
        expected_status=nw.when(counts).then(nw.lit("poverty_register")).otherwise(status),
        died=_is_known("died_date") & (col("died_date") <= nw.lit(at.day)),
        died_before=_is_known("died_date") & (col("died_date") < nw.lit(at.grace_day)),
        registered_later=nw.coalesce(col("registered_since") > col("list_day"), _FALSE),
        assisted_later=nw.coalesce(col("assistance_date") > col("list_day"), _FALSE),
        gone_later=nw.coalesce(col("gone_date") > col("list_day"), _FALSE),
    )
    facts = base.with_columns(**_insurance_facts(), **_place_facts(), **_death_facts())
    return facts.with_columns(disease=nw.lit(None, dtype=nw.String))


def _insurance_facts() -> dict[str, nw.Expr]:
    """Facts that hold the insurance's yearly list against register and civil affairs."""
    col = nw.col
    has_list, kind = _is_known("list_day"), col("person_kind")
    # who joined both after the list came could not be on it
    is_new = (col("registered_later") | ~col("was_registered")) & (
        col("assisted_later") | ~col("was_on_assistance")
    )
    left_later = nw.when(col("gone_later")).then(_UNKNOWN).otherwise(_TRUE)
    stopped_later = nw.when(col("assisted_later")).then(_UNKNOWN).otherwise(_TRUE)
    has_changed = col("registered_later") | col("assisted_later") | col("gone_later")
    same = kind == col("expected_status")
    return {
        "not_enrolled": nw.when(col("is_listed"))
        .then(~col("has_basic_insurance"))
        .otherwise(nw.when(has_list & ~is_new).then(_TRUE).otherwise(_UNKNOWN)),
        "without_major_illness": ~col("has_major_illness_insurance"),
        "without_medical_assistance": ~col("has_medical_assistance"),
        "insured_as_register": _insured_as("poverty_register"),
        "insured_as_assistance": _insured_as("extreme_poverty_support", "subsistence_allowance"),
        "not_on_register": nw.when(col("on_register")).then(_FALSE).otherwise(left_later),
        "not_on_assistance": nw.when(col("on_assistance")).then(_FALSE).otherwise(stopped_later),
        "has_expected_status": col("on_register") | col("on_assistance"),
        "status_differs": nw.when(kind.is_null() | (~same & has_changed))
        .then(_UNKNOWN)
        .otherwise(~same),
    }


def _insured_as(*kinds: str) -> nw.Expr:
    """Say who is listed as one of these kinds; unknown where a person is listed without a kind."""
    listed_as = nw.when(nw.col("is_listed")).then(nw.col("person_kind").is_in(kinds))
    return listed_as.otherwise(_FALSE)


def _place_facts() -> dict[str, nw.Expr]:
    """Facts about household, village and whether anybody knows the person."""
    col = nw.col
    village = col("register_village_code")
    return {
        "household_differs": col("contract_household_id") != col("household_id"),
        "assistance_village_differs": col("assistance_village_code") != village,
        "chronic_village_differs": col("chronic_village_code") != village,
        "unknown_to_both": ~col("was_registered") & ~col("was_on_assistance"),
        "without_contract": ~col("has_contract"),
    }


def _death_facts() -> dict[str, nw.Expr]:
    """Facts about what other departments say of a person after the death on the register."""
    days = {"settled": "last_settled", "visited": "last_visited", "contracted": "signed_date"}
    return {
        f"{name}_after_death": nw.coalesce(nw.col(day) > nw.col("died_date"), _FALSE)
        for name, day in days.items()
    }


def _placed(rows: nw.LazyFrame, register: nw.LazyFrame) -> nw.LazyFrame:
    """Add place, household and ``on_register`` of each row's person."""
    known = register.select(
        "person_id", "household_id", "on_register", "registered_since",
        county_code=nw.col("register_county_code"),
        prefecture_code=nw.col("register_prefecture_code"),
    )  # fmt: skip
    placed = rows.join(known, on="person_id", how="left")
    is_there = nw.when(_is_known("household_id")).then(nw.col("on_register")).otherwise(_FALSE)
    return placed.with_columns(on_register=is_there)


def _patients(
    at: Moment, register: nw.LazyFrame, chronic: nw.LazyFrame, settled: nw.LazyFrame
) -> nw.LazyFrame:
    first, last = at.quarter
    visits = at.scan("follow_up_visits").filter(
        nw.col("visit_date") >= nw.lit(first), nw.col("visit_date") <= nw.lit(last)
    )
    visited = visits.select("person_id", "disease", is_visited=_TRUE).unique()
    settled = settled.with_columns(is_settled=_TRUE)
    both = ["person_id", "disease"]
    rows = _placed(chronic.filter(nw.col("is_chronic")), register)
    joined = rows.join(visited, on=both, how="left").join(settled, on=both, how="left")
    return joined.with_columns(
        known_long_enough=nw.col("known_since") <= nw.lit(at.settled_after),
        known_before_quarter=(nw.col("known_since") < nw.lit(first))
        & (nw.col("registered_since") < nw.lit(first)),
        without_settlement=nw.col("is_settled").is_null(),
        not_visited_in_quarter=nw.col("is_visited").is_null(),
    )


def _treated(
    at: Moment, register: nw.LazyFrame, chronic: nw.LazyFrame, settled: nw.LazyFrame
) -> nw.LazyFrame:
    """Say of everybody treated as chronic outpatient whether the chronic list knows it.

    A patient struck off within the months looked at was on the list when treated.
    """
    known = chronic.select(
        "person_id", "disease",
        was_listed=nw.col("is_chronic") | (nw.col("chronic_date") > nw.lit(at.settled_after)),
    )  # fmt: skip
    rows = _placed(settled, register)
    joined = rows.join(known, on=["person_id", "disease"], how="left")
    return joined.with_columns(not_on_list=~nw.coalesce(nw.col("was_listed"), _FALSE))


def _cases(at: Moment, register: nw.LazyFrame) -> nw.LazyFrame:
    cases = hold(case_states(at).drop("household_id", strict=False))
    plans = cases.filter(_is_known("plan_date")).head(1).collect("pandas")
    has_plans = _TRUE if len(plans) else _UNKNOWN
    stays = at.scan("settlements").filter(nw.col("visit_type") == "inpatient")
    ill = cases.select("person_id").unique()
    last_stays = (
        stays.join(ill, on="person_id", how="inner")
        .group_by("person_id")
        .agg(nw.col("visit_date").max().alias("last_stay"))
    )
    treated = nw.col("treated_date")
    rows = _placed(cases, register).join(last_stays, on="person_id", how="left")
    return rows.with_columns(
        # as long as nobody has filled in the column, a blank says nothing
        without_plan=nw.col("plan_date").is_null() & has_plans,
        is_plan_due=nw.col("planned_treatment_date") <= nw.lit(at.day),
        untreated=treated.is_null() | (treated > nw.lit(at.day)),
        has_stay=nw.when(nw.col("last_stay").is_null())
        .then(_FALSE)
        .otherwise(nw.col("last_stay") >= nw.col("diagnosed_date")),
    )
