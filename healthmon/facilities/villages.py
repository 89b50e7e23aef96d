"""Blank spots and blank-spot risk of villages."""

from datetime import date

import numpy as np
import pandas as pd

from healthmon.project import Project
from healthmon.rules.standards import FlagStandard, load_standard, require_in_force
from healthmon.tables import read_table

DOCTOR_INPUTS = ("sole_doctor_age", "sole_doctor_served_count", "sole_doctor_origin")


def flag_villages(project: Project, month: str) -> pd.DataFrame:
    """Flag the villages under monitoring.

    Returns
    -------
    DataFrame
        One row a village: ``village_code`` and the codes above it, ``clinic_count``,
        ``qualified_doctor_count`` (missing where a doctor's licence is not stated), ``V0`` to
        ``V4`` (missing where undetermined) and ``is_flagged`` (any of them).

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
    villages, clinics, doctors = (
        read_table(project, name, months=[month])
        for name in ("monitored_villages", "village_clinics", "village_doctors")
    )
    return flag(villages, clinics, doctors, standard, last_day(month))


def flag(
    villages: pd.DataFrame,
    clinics: pd.DataFrame,
    doctors: pd.DataFrame,
    standard: FlagStandard,
    day: date,
) -> pd.DataFrame:
    """Flag villages from the three forms; a village takes its clinic with the fewest flags."""
    wide = (
        villages[["village_code"]]
        .drop_duplicates()
        .merge(_count_doctors(doctors, day), on="village_code", how="left")
        .merge(clinics.groupby("village_code").size().rename("clinic_count"),
               on="village_code", how="left")
        .merge(clinics[["village_code", "is_mobile", "drug_kind_count"]],
               on="village_code", how="left")
    )  # fmt: skip
    counts = ["clinic_count", "qualified_doctor_count"]
    # no form at all means none; a doctor whose licence is not stated leaves the count unknown
    wide["qualified_doctor_count"] = wide["qualified_doctor_count"].mask(
        wide["doctor_rows"].isna(), 0
    )
    wide["clinic_count"] = wide["clinic_count"].fillna(0)
    wide[counts] = wide[counts].astype("Int64")
    flags = pd.DataFrame(
        {name: _tristate(rule.when.evaluate(wide)) for name, rule in standard.flags.items()},
        index=wide.index,
    )
    flags.loc[wide["clinic_count"] == 0, "V4"] = False
    wide = pd.concat([wide, flags], axis=1)
    return _best_clinic(wide, list(standard.flags))


def last_day(month: str) -> date:
    """Return the monitoring date of a month: its last day."""
    return pd.Period(month).end_time.date()


def _count_doctors(doctors: pd.DataFrame, day: date) -> pd.DataFrame:
    """Count qualified doctors by village, with age, residents and origin where there is one."""
    unknown = doctors["is_qualified"].isna().groupby(doctors["village_code"]).any()
    qualified = doctors[doctors["is_qualified"].fillna(False).astype(bool)]
    sole = qualified[~qualified.duplicated("village_code", keep=False)].set_index("village_code")
    counted = pd.DataFrame({"doctor_rows": doctors.groupby("village_code").size()})
    counted["qualified_doctor_count"] = (
        qualified.groupby("village_code")
        .size()
        .reindex(counted.index, fill_value=0)
        .astype("Int64")
    ).mask(unknown)
    counted["sole_doctor_age"] = _age(sole["birth_date"], day)
    counted["sole_doctor_served_count"] = sole["served_resident_count"]
    counted["sole_doctor_origin"] = sole["origin"]
    return counted.reset_index()


def _age(births: pd.Series, day: date) -> pd.Series:
    """Return completed years on a day."""
    born = pd.to_datetime(births)
    not_yet = (born.dt.month * 100 + born.dt.day) > day.month * 100 + day.day
    return (day.year - born.dt.year - not_yet).where(born.notna()).astype("Int64")


def _tristate(outcome: tuple[np.ndarray, np.ndarray]) -> pd.Series:
    surely, possibly = outcome
    return pd.Series(surely, dtype="boolean").mask(surely != possibly)


def _best_clinic(wide: pd.DataFrame, flags: list[str]) -> pd.DataFrame:
    order = wide[flags].fillna(True).sum(axis=1)
    best = (
        wide.assign(order=order)
        .sort_values(["village_code", "order"], kind="stable")
        .drop_duplicates("village_code")
        .drop(columns=["order", "doctor_rows"])
        .reset_index(drop=True)
    )
    known = best[flags].fillna(False).any(axis=1)
    best["is_flagged"] = known.astype("boolean").mask(~known & best[flags].isna().any(axis=1))
    best["township_code"] = best["village_code"].str[:9]
    best["county_code"] = best["village_code"].str[:6]
    best["prefecture_code"] = best["village_code"].str[:4] + "00"
    return best
