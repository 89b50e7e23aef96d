"""Blank spots and blank-spot risk of villages."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from healthmon.facilities.units import add_codes_above, list_incomplete, list_units
from healthmon.project import Project
from healthmon.rules.conditions import Outcome
from healthmon.rules.inputs import add_inputs
from healthmon.rules.standards import FlagStandard, load_standard, require_in_force
from healthmon.tables import read_table

_CLINIC_INPUTS = ("village_code", "is_mobile", "drug_kind_count")
_SOURCE = ("source_file", "source_sheet", "source_row")


def flag_villages(project: Project, month: str) -> pd.DataFrame:
    """Flag the villages under monitoring.

    Returns
    -------
    DataFrame
        One row a village: ``village_code`` and the codes above it, ``clinic_count``,
        ``qualified_doctor_count`` (missing where a doctor's licence is not stated), the other
        inputs of the standard, where the clinic taken and the only doctor stand
        (``clinic_source_file``, ``doctor_source_row`` and so on), ``V0`` to ``V4`` (missing where
        undetermined) and ``is_flagged`` (any of them).

    Raises
    ------
    UserError
        When the standard is not yet in force in `month`.

    References
    ----------
    QH-1 (3).
    """
    standard = load_standard(project.params, "QH/village_clinics", FlagStandard)
    require_in_force(standard, month)
    return flag(read_forms(project, month), standard, last_day(month), project.params)


class Forms(NamedTuple):
    """The forms of a month on villages, and the prefectures of which rows were set aside."""

    villages: pd.DataFrame
    clinics: pd.DataFrame
    doctors: pd.DataFrame
    incomplete_clinics: frozenset[str] = frozenset()
    incomplete_doctors: frozenset[str] = frozenset()


def read_forms(project: Project, month: str) -> Forms:
    """Read the villages under monitoring, their clinics and their doctors."""
    tables = ("village_clinics", "village_doctors")
    return Forms(
        list_units(project, month, "village"),
        *(read_table(project, name, months=[month]) for name in tables),
        *(list_incomplete(project, month, name) for name in tables),
    )


def flag(forms: Forms, standard: FlagStandard, day: date, params: Path) -> pd.DataFrame:
    """Flag villages from the forms; a village takes its clinic with the fewest flags."""
    code, (villages, clinics, doctors, *incomplete) = "village_code", forms
    counted = add_inputs(villages[[code]], code, ["clinic_count"], clinics, params, incomplete[0])
    counted = add_inputs(counted, code, ["qualified_doctor_count"], doctors, params, incomplete[1])
    clinics = clinics[[code, "is_mobile", "drug_kind_count", *_SOURCE]].add_prefix("clinic_")
    clinics = clinics.rename(columns={f"clinic_{name}": name for name in _CLINIC_INPUTS})
    wide = counted.merge(clinics, on=code, how="left").reset_index(drop=True)
    wide = wide.assign(clinic=wide.index).merge(_sole_doctors(doctors, day), on=code, how="left")
    outcomes = {name: rule.when.evaluate(wide) for name, rule in standard.flags.items()}
    # without a clinic there are no drugs to count: V0 stands alone (reading)
    holds_drugs = ~(wide["clinic_count"] == 0).fillna(False).to_numpy(dtype=bool)
    outcomes["V4"] = Outcome(*(side & holds_drugs for side in outcomes["V4"]))
    return _best_clinic(_whoever_is_the_only_one(wide, outcomes), list(standard.flags))


def last_day(month: str) -> date:
    """Return the monitoring date of a month: its last day."""
    return pd.Period(month).end_time.date()


def _sole_doctors(doctors: pd.DataFrame, day: date) -> pd.DataFrame:
    """Describe who is, or may be, the only qualified doctor of each village.

    Where one surely is qualified nobody else can be the only one; where nobody surely is, each
    whose licence is not stated may be.
    """
    surely = doctors["is_qualified"].fillna(False).astype(bool)
    one_is = surely.groupby(doctors["village_code"]).transform("any")
    open_ = doctors["is_qualified"].isna() & ~one_is
    qualified = doctors[surely]
    sole = pd.concat([qualified[~qualified.duplicated("village_code", keep=False)], doctors[open_]])
    return pd.DataFrame(
        {
            "village_code": sole["village_code"],
            "sole_doctor_age": _age(sole["birth_date"], day),
            "sole_doctor_served_count": sole["served_resident_count"],
            "sole_doctor_origin": sole["origin"],
            **{f"doctor_{name}": sole[name] for name in _SOURCE},
        }
    )


def _whoever_is_the_only_one(wide: pd.DataFrame, outcomes: dict[str, Outcome]) -> pd.DataFrame:
    """Join the rows of each clinic: a flag is decided where it is the same whoever it is."""
    rows = wide.drop_duplicates("clinic").set_index("clinic")
    for name, (surely, possibly) in outcomes.items():
        sides = pd.DataFrame({"surely": surely, "possibly": possibly}).groupby(wide["clinic"])
        joined = Outcome(sides["surely"].all().to_numpy(), sides["possibly"].any().to_numpy())
        rows[name] = joined.as_flags()
    return rows


def _age(births: pd.Series, day: date) -> pd.Series:
    """Return completed years on a day."""
    born = pd.to_datetime(births)
    not_yet = (born.dt.month * 100 + born.dt.day) > day.month * 100 + day.day
    return (day.year - born.dt.year - not_yet).where(born.notna()).astype("Int64")


def _best_clinic(wide: pd.DataFrame, flags: list[str]) -> pd.DataFrame:
    # one that may be clear stands before one that surely is not: then the village is open
    raised, open_ = wide[flags].fillna(False).sum(axis=1), wide[flags].isna().sum(axis=1)
    order = ["village_code", "raised", "open", "clinic_source_row"]
    best = (
        wide.assign(raised=raised, open=open_)
        .sort_values(order, kind="stable")
        .drop_duplicates("village_code")
        .drop(columns=["raised", "open"])
        .reset_index(drop=True)
    )
    known = best[flags].fillna(False).any(axis=1)
    best["is_flagged"] = known.astype("boolean").mask(~known & best[flags].isna().any(axis=1))
    return add_codes_above(best, "village_code")
