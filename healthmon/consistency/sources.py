"""What each department states about a person on the last day of a month, as delivered by then."""

from dataclasses import dataclass
from datetime import date

import narwhals as nw
import pandas as pd
import pyarrow as pa

from healthmon.burden import last_day
from healthmon.consistency.terms import ConsistencyTerms
from healthmon.project import Project
from healthmon.registers import households, memberships
from healthmon.replay import REMOVING, change_order
from healthmon.source_places import file_places
from healthmon.tables import connection, hold, scan_table


@dataclass(frozen=True)
class Moment:
    """The month looked at: where, until when, by which terms."""

    project: Project
    month: str
    terms: ConsistencyTerms

    @property
    def day(self) -> date:
        """Last day of the month."""
        return last_day(self.month).date()

    @property
    def grace_day(self) -> date:
        """First day of the months whose changes other departments need not know yet."""
        return _months_back(self.month, self.terms.grace_months - 1)

    @property
    def settled_after(self) -> date:
        """Last day before the months in which a patient under treatment has a settlement."""
        start = _months_back(self.month, self.terms.settled_within_months - 1)
        return (pd.Timestamp(start) - pd.Timedelta(days=1)).date()

    @property
    def quarter(self) -> tuple[date, date]:
        """First and last day of the last quarter that is over."""
        period = pd.Period(self.month, freq="M")
        quarter = period.asfreq("Q")
        if quarter.asfreq("M", how="end") > period:
            quarter -= 1
        return quarter.start_time.date(), quarter.end_time.date()

    def scan(self, table: str) -> nw.LazyFrame:
        """Open a clean table as it stood at the month's end."""
        return scan_table(self.project, table, self.month)


def _months_back(month: str, count: int) -> date:
    return (pd.Period(month, freq="M") - count).start_time.date()


def last_stated(rows: nw.LazyFrame, who: list[str], day: str = "change_date") -> nw.LazyFrame:
    """Keep the row of each `who` with the latest day; of one day, the one delivered last.

    Rows with ``file_number`` come from several files a month, in which a row number can stand
    twice: the last file counts then, so that every run says the same.
    """
    numbered = rows.with_columns(order=change_order(day))
    latest = numbered.with_columns(last_order=nw.col("order").max().over(*who))
    last = latest.filter(nw.col("order") == nw.col("last_order"))
    if "file_number" not in rows.collect_schema():
        return last
    named = last.with_columns(last_file=nw.col("file_number").max().over(*who))
    return named.filter(nw.col("file_number") == nw.col("last_file"))


def register_states(at: Moment) -> nw.LazyFrame:
    """Say who is, or was, on the register, where, and how it ended.

    Returns
    -------
    narwhals.LazyFrame
        One row a person ever on it: ``person_id``, ``household_id``, ``register_village_code``,
        ``register_county_code``, ``register_prefecture_code``, ``household_kind``,
        ``on_register`` (null where the household is not known), ``registered_since``,
        ``gone_date``, ``died_date``.
    """
    until, day = at.month, nw.lit(at.day)
    removed = (
        at.scan("registered_households")
        .filter(nw.col("change").is_in(REMOVING))
        .group_by("household_id")
        .agg(nw.col("change_date").max().alias("removed_date"))
    )
    homes = households(at.project, until).join(removed, on="household_id", how="left")
    persons = hold(memberships(at.project, until).select(*_MEMBER))
    since = persons.group_by("person_id").agg(nw.col("joined_date").min().alias("registered_since"))
    left = nw.col("left_date")
    present = (nw.col("joined_date") <= day) & (left.is_null() | (left > day))
    return (
        persons.filter(nw.col("is_latest"))
        .join(since, on="person_id", how="left")
        .join(homes, on="household_id", how="left")
        .with_columns(
            on_register=present & ~nw.col("is_removed"),
            gone_date=nw.coalesce("left_date", "removed_date"),
            died_date=nw.when(nw.col("left_reason") == "died").then(left),
            **{f"register_{name}": nw.col(name) for name in _PLACES},
        )
        .select(
            "person_id", "household_id", *(f"register_{name}" for name in _PLACES),
            "household_kind", "on_register", "registered_since", "gone_date", "died_date",
        )
    )  # fmt: skip


_MEMBER = ("person_id", "household_id", "joined_date", "left_date", "left_reason", "is_latest")
_PLACES = ("village_code", "county_code", "prefecture_code")
_DELIVERY = ("delivered_month", "source_row")
"""What the order of rows is made from, beside the day they speak of."""


def assistance_states(at: Moment) -> nw.LazyFrame:
    """Say who is, or was, on social assistance; of several kinds the first in the terms.

    Returns
    -------
    narwhals.LazyFrame
        One row a person: ``person_id``, ``assistance_kind``, ``on_assistance``,
        ``assistance_date`` (when it began or was stopped), ``assistance_village_code``,
        ``assistance_county_code`` (of the file).
    """
    stated = at.scan("social_assistance").select(
        "person_id", "kind", "change", "change_date", "village_code", *_DELIVERY, "source_file"
    )
    placed = stated.join(file_places(stated), on="source_file", how="left").drop("source_file")
    rows = last_stated(placed, ["person_id", "kind"])
    stopped = nw.col("change") == "stopped"
    rank = nw.lit(len(at.terms.assistance_statuses))
    for number, kind in enumerate(at.terms.assistance_statuses):
        rank = nw.when(nw.col("kind") == kind).then(nw.lit(number)).otherwise(rank)
    ranked = rows.with_columns(rank=rank + nw.when(stopped).then(nw.lit(100)).otherwise(nw.lit(0)))
    first = ranked.with_columns(first=nw.col("rank").min().over("person_id"))
    return first.filter(nw.col("rank") == nw.col("first")).select(
        "person_id",
        on_assistance=~stopped,
        assistance_kind=nw.col("kind"),
        assistance_date=nw.col("change_date"),
        assistance_village_code=nw.col("village_code"),
        assistance_county_code=nw.col("file_place"),
    )


def enrolment_states(at: Moment) -> nw.LazyFrame:
    """Say who is on the insurance's list of the month's year, and as what.

    Returns
    -------
    narwhals.LazyFrame
        One row a person listed: ``person_id``, ``person_kind``, the three layers,
        ``list_prefecture_code``.
    """
    rows = at.scan("insurance_enrolment").filter(nw.col("year") == at.day.year)
    layers = ("has_basic_insurance", "has_major_illness_insurance", "has_medical_assistance")
    placed = (
        rows.select("person_id", "person_kind", *layers, *_DELIVERY, "source_file")
        .join(file_places(rows), on="source_file", how="left")
        .drop("source_file")
        .with_columns(listed=nw.lit(at.day))
    )
    return last_stated(placed, ["person_id"], "listed").select(
        "person_id", "person_kind", *layers, list_prefecture_code=nw.col("file_place")
    )


def list_days(at: Moment) -> nw.LazyFrame:
    """Say by which day each prefecture's enrolment list of the year had come.

    Returns
    -------
    narwhals.LazyFrame
        ``place_prefecture_code``, ``list_day``; prefectures without a list have no row.
    """
    rows = at.scan("insurance_enrolment").filter(nw.col("year") == at.day.year)
    came = rows.group_by("source_file").agg(nw.col("delivered_month").min())
    placed = came.join(file_places(came), on="source_file", how="inner")
    months = placed.group_by("file_place").agg(nw.col("delivered_month").min())
    found = months.collect("pandas").to_native().dropna()
    days = pa.table(
        {
            "place_prefecture_code": pa.array(found["file_place"], pa.string()),
            "list_day": pa.array(
                [last_day(month).date() for month in found["delivered_month"]], pa.date32()
            ),
        }
    )
    return nw.from_native(connection().from_arrow(days))


def chronic_states(at: Moment) -> nw.LazyFrame:
    """Say who is, or was, on the list of chronic patients, by disease.

    Returns
    -------
    narwhals.LazyFrame
        One row a person and disease: ``person_id``, ``disease``, ``is_chronic``,
        ``chronic_date`` (of the last change), ``known_since``, ``chronic_village_code``.
    """
    rows = at.scan("chronic_patients")
    known = rows.with_columns(known_since=nw.col("change_date").min().over("person_id", "disease"))
    return last_stated(known, ["person_id", "disease"]).select(
        "person_id", "disease", "known_since",
        is_chronic=nw.col("change") != "removed",
        chronic_date=nw.col("change_date"),
        chronic_village_code=nw.col("village_code"),
    )  # fmt: skip


def contract_states(at: Moment) -> nw.LazyFrame:
    """Say who has a contract: ``person_id``, ``contract_household_id``, ``signed_date``."""
    rows = last_stated(at.scan("family_doctor_contracts"), ["person_id"], "signed_date")
    return rows.select("person_id", "signed_date", contract_household_id=nw.col("household_id"))


def case_states(at: Moment) -> nw.LazyFrame:
    """Return the last state of each major-disease case, one row a person and disease."""
    return last_stated(at.scan("major_disease_cases"), ["person_id", "disease"])


def chronic_settlements(at: Moment) -> nw.LazyFrame:
    """Return who had chronic-outpatient settlements of which disease in the last months.

    Returns
    -------
    narwhals.LazyFrame
        ``person_id``, ``disease``, each pair once; diagnoses of no disease in the terms left out.
    """
    day = nw.coalesce("visit_date", "settled_date")
    code = nw.col("diagnosis_code").str.slice(0, 3).str.to_uppercase()
    disease = nw.lit(None, dtype=nw.String)
    for name, codes in at.terms.diagnoses.items():
        disease = nw.when(code.is_in(codes)).then(nw.lit(name)).otherwise(disease)
    rows = at.scan("settlements").filter(nw.col("visit_type") == "chronic_outpatient")
    window = rows.filter(day > nw.lit(at.settled_after), day <= nw.lit(at.day))
    found = window.select("person_id", disease=disease)
    return hold(found.filter(~nw.col("disease").is_null()).unique())
