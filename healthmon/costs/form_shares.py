"""Rates of visits that hospitals state on their forms, beside those counted from settlements."""

import pandas as pd

from healthmon.costs.terms import load_cost_terms
from healthmon.facilities.visits import visits_by_unit
from healthmon.project import Project
from healthmon.tables import read_table

STATED = {
    "county": ("county_hospitals", "in_county_visit_rate_bp", "in_county_visit_count"),
    "township": ("township_hospitals", "grassroots_visit_share_bp", "grassroots_visit_count"),
}
"""Unit to the form, the rate stated on it (hundredths of a percent) and the visits counted."""
_COLUMNS = [
    "unit", "unit_code", "county_code", "prefecture_code", "facility_code", "facility_name",
    "stated_bp", "visit_count", "counted_visit_count", "counted_bp", "difference_bp", "state",
]  # fmt: skip


def compare_forms(project: Project, month: str, visits: pd.DataFrame) -> pd.DataFrame:
    """Hold what the forms of a month state against the visits of the last full year.

    Parameters
    ----------
    project : Project
    month : str
    visits : DataFrame
        As :func:`healthmon.facilities.visits.count_visits` for the same month.

    Returns
    -------
    DataFrame
        One row a form: ``unit`` (``county``: in-county visit rate, C4; ``township``: share at
        township and village level, T5), ``unit_code``, ``county_code``, ``prefecture_code``,
        ``facility_code``, ``facility_name``, ``stated_bp``; ``visit_count``,
        ``counted_visit_count`` and ``counted_bp`` of the unit's residents (hundredths of a
        percent, rounded down); ``difference_bp`` (stated less counted); ``state``: ``same``,
        ``higher``, ``lower`` (by more than the tolerance), ``not_stated``, ``not_counted``.

    Raises
    ------
    ParameterError
        When ``costs.yml`` is refused.
    UserError
        When `month` is no month.

    References
    ----------
    QH-1, C4 and T5.
    """
    tolerance = load_cost_terms(project.params).forms.tolerance_bp
    parts = [_compare(project, month, visits, unit) for unit in STATED]
    found = pd.concat(parts, ignore_index=True)
    found["counted_bp"] = found["counted_visit_count"] * 10_000 // found["visit_count"]
    difference = found["stated_bp"].astype("Int64") - found["counted_bp"]
    state = pd.Series("same", index=found.index)
    state = state.mask((difference > tolerance).fillna(False), "higher")
    state = state.mask((difference < -tolerance).fillna(False), "lower")
    state = state.mask(found["counted_bp"].isna(), "not_counted")
    state = state.mask(found["stated_bp"].isna(), "not_stated")
    return found.assign(difference_bp=difference, state=state)[_COLUMNS]


def _compare(project: Project, month: str, visits: pd.DataFrame, unit: str) -> pd.DataFrame:
    table, stated, counted = STATED[unit]
    code = f"{unit}_code"
    columns = [code, "facility_code", "facility_name", stated]
    forms = read_table(project, table, months=[month], columns=columns)
    beside = forms.merge(visits_by_unit(visits, unit), on=code, how="left")
    renamed = {code: "unit_code", stated: "stated_bp", counted: "counted_visit_count"}
    named = beside.rename(columns=renamed).assign(unit=unit)
    named["county_code"] = named["unit_code"].str[:6]
    named["prefecture_code"] = named["unit_code"].str[:4] + "00"
    return named.sort_values(["unit_code", "facility_code"], ignore_index=True)
