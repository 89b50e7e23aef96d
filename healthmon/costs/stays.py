"""Stays in hospital: one row an inpatient settlement, with where the patient lives and was treated.

The core works on Narwhals frames; money is whole fen.
"""

import datetime

import narwhals as nw
import pandas as pd

from healthmon.costs.entitled import add_caps, add_entitled, add_referrals
from healthmon.costs.terms import load_cap_terms, load_cost_terms
from healthmon.project import Project, check_month
from healthmon.registers import last_day, last_homes
from healthmon.statuses import status_spells
from healthmon.tables import collect_nullable, hold, is_delivered, scan_table

MONTHS = 12
_LIVES = ("village_code", "township_code", "county_code", "prefecture_code", "household_kind")
_SETTLED = (
    "settlement_no", "person_id", "facility_code", "facility_level", "facility_county_code",
    "visit_date", "discharge_date", "settled_date", "delivered_month", "total_fen",
    "out_of_scope_fen", "out_of_pocket_fen",
)  # fmt: skip


def inpatient_stays(
    project: Project, month: str, statuses: nw.LazyFrame | None = None
) -> pd.DataFrame:
    """List the stays in hospital settled in the last 12 months, as known at the month.

    Parameters
    ----------
    project : Project
    month : str
        Also the last month delivered that is seen, as in ``2022-06``.
    statuses : narwhals.LazyFrame, optional
        As :func:`healthmon.statuses.status_spells`, which is asked by default.

    Returns
    -------
    DataFrame
        One row an inpatient settlement, by ``settlement_no``: the columns of
        :func:`list_stays` and :func:`add_reach`, ``stay_days`` (whole days from admission to
        discharge, 0 on the same day; missing where a date is missing or the discharge comes
        first), ``is_referred``
        (:func:`~healthmon.costs.entitled.add_referrals`), ``is_capped``
        (:func:`~healthmon.costs.entitled.add_entitled`), ``cap_bp``, ``is_over_cap``,
        ``excess_fen``, ``excess_least_fen``, ``excess_most_fen``
        (:func:`~healthmon.costs.entitled.add_caps`).

    Raises
    ------
    ParameterError
        When ``caps.yml`` or ``costs.yml`` is refused.
    UserError
        When `month` is no month.

    References
    ----------
    QH-4; GZ 三·（三）·1; KF-3, KF-6.
    """
    spells = status_spells(project, month) if statuses is None else statuses
    terms = load_cap_terms(project.params)
    stays = add_entitled(hold(list_stays(project, month)), spells, terms.statuses)
    judged = _judge_referrals(project, month, add_caps(add_reach(hold(stays)), terms))
    found = collect_nullable(judged.sort("settlement_no"))
    days = (found["discharge_date"] - found["visit_date"]).dt.days.astype("Int64")
    found["stay_days"] = days.mask(days < 0)
    return found


def _judge_referrals(project: Project, month: str, stays: nw.LazyFrame) -> nw.LazyFrame:
    referrals, first = None, pd.NaT
    if is_delivered(project, "referrals", month):
        referrals = scan_table(project, "referrals", month)
        earliest = collect_nullable(referrals.select(nw.col("referral_date").min()))
        first = earliest["referral_date"].dropna().min()
    days = load_cost_terms(project.params).referral.window_days
    return add_referrals(stays, referrals, None if pd.isna(first) else first, days)


def list_stays(project: Project, month: str, months: int = MONTHS) -> nw.LazyFrame:
    """List the inpatient settlements of the last months, with where the patient lives.

    Parameters
    ----------
    project : Project
    month : str
        Also the last month delivered that is seen.
    months : int
        How many months back, by day of settlement, this one included.

    Returns
    -------
    narwhals.LazyFrame
        One row an inpatient settlement: the settlement's own columns, ``settled_month``, the
        household last known (``village_code`` to ``prefecture_code``, ``household_kind``; null
        for who was never on the register).
    """
    first = datetime.date.fromisoformat(f"{first_month(month, months)}-01")
    day = nw.col("settled_date")
    settled = (
        scan_table(project, "settlements", month)
        .filter(day >= first, day <= last_day(month), nw.col("visit_type") == "inpatient")
        .select(*_SETTLED, settled_month=day.dt.to_string("%Y-%m"))
    )
    homes = last_homes(project, month).select("person_id", *_LIVES)
    return settled.join(homes, on="person_id", how="left")


def add_reach(stays: nw.LazyFrame) -> nw.LazyFrame:
    """Say how far from home a patient was treated.

    Parameters
    ----------
    stays : narwhals.LazyFrame
        With ``county_code`` (of residence) and ``facility_county_code``, six digits each.

    Returns
    -------
    narwhals.LazyFrame
        With ``is_in_county``, ``is_in_prefecture``, ``is_in_province`` (null where one of the two
        counties is not known) and ``treated_in``: ``county``, ``prefecture`` (another county of
        it), ``province`` (another prefecture), ``beyond``; null likewise.
    """
    home, facility = nw.col("county_code"), nw.col("facility_county_code")
    is_known = ~(home.is_null() | facility.is_null())
    # false and not null where unknown, since engines differ on what null is equal to
    county, prefecture, province = (
        is_known & (facility.str.slice(0, n) == home.str.slice(0, n)) for n in (6, 4, 2)
    )
    return stays.with_columns(
        is_in_county=nw.when(is_known).then(county),
        is_in_prefecture=nw.when(is_known).then(prefecture),
        is_in_province=nw.when(is_known).then(province),
        treated_in=nw.when(county)
        .then(nw.lit("county"))
        .when(prefecture)
        .then(nw.lit("prefecture"))
        .when(province)
        .then(nw.lit("province"))
        .when(is_known)
        .then(nw.lit("beyond")),
    )


def first_month(month: str, months: int) -> str:
    """Return the first of so many months that end with `month`."""
    check_month(month)
    return str(pd.Period(month, freq="M") - (months - 1))
