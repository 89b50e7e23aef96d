"""Scores of county and township hospitals by the written standard."""

from typing import Literal, NamedTuple

import pandas as pd

from healthmon.facilities.units import list_incomplete, list_units
from healthmon.facilities.visits import count_visits, visits_by_unit
from healthmon.project import Project
from healthmon.rules.conditions import Condition
from healthmon.rules.inputs import add_inputs
from healthmon.rules.scoring import decide_state, score_facilities, take_best
from healthmon.rules.standards import ScoreStandard, load_standard, require_in_force
from healthmon.tables import read_table

Kind = Literal["county", "township"]
STANDARDS = {"county": "QH/county_hospitals", "township": "QH/township_hospitals"}
_STAFF = ["township_gp_count", "township_physician_count"]


class Inputs(NamedTuple):
    """What the hospitals of one kind are scored by, in any reading."""

    facilities: pd.DataFrame
    """One row a form, with visits of the unit's residents and counts over the unit beside."""
    units: pd.DataFrame
    unit: str
    """Column of the unit: ``county_code`` or ``township_code``."""
    incomplete: frozenset[str] = frozenset()
    """Units of which a form was set aside: another hospital may be better than those known."""


def load_score_standard(
    project: Project, month: str, kind: Kind, readings: tuple[str, ...] = ()
) -> ScoreStandard:
    """Read the standard of one kind of hospital as it is in force in a month.

    Raises
    ------
    UserError
        When it is not yet in force, or there is no such reading.
    """
    standard = load_standard(project.params, STANDARDS[kind], ScoreStandard, readings)
    require_in_force(standard, month)
    return standard


def read_inputs(
    project: Project, month: str, kind: Kind, visits: pd.DataFrame | None = None
) -> Inputs:
    """Read the forms of a month with everything that the standard looks at.

    General practitioners and licensed physicians are counted over all hospitals of a township
    (``township_gp_count``, ``township_physician_count``); C4 and T5 look at the visits of the
    registered poor persons who live in the unit, counted here unless `visits` brings them
    (:func:`healthmon.facilities.visits.count_visits`).
    """
    standard = load_score_standard(project, month, kind)
    unit = f"{kind}_code"
    forms = read_table(project, standard.facility_table, months=[month])
    incomplete = list_incomplete(project, month, standard.facility_table)
    if kind == "township":
        forms = add_inputs(forms, unit, _STAFF, forms, project.params, incomplete)
    if visits is None:
        visits = count_visits(project, month)
    facilities = forms.merge(visits_by_unit(visits, kind), on=unit, how="left")
    with_form = forms[unit] if kind == "township" else ()
    units = list_units(project, month, kind, standard.unit_kinds, with_form)
    return Inputs(facilities, units, unit, incomplete)


def score_every(inputs: Inputs, standard: ScoreStandard) -> pd.DataFrame:
    """Score every hospital that may be the one a unit is judged by.

    Returns
    -------
    DataFrame
        As :func:`healthmon.rules.scoring.score_facilities`. A hospital of which it is not known
        whether it is eligible counts for nothing certain: its lowest total is 0.
    """
    facilities = inputs.facilities
    if not standard.eligible:
        return score_facilities(facilities, standard)
    surely, possibly = Condition(all=standard.eligible).evaluate(facilities)
    scored = score_facilities(facilities[possibly].reset_index(drop=True), standard)
    unsure = ~surely[possibly]
    scored.loc[unsure, "lowest_points"] = 0
    scored.loc[unsure, "points"] = pd.NA
    scored["state"] = decide_state(
        scored["lowest_points"], scored["highest_points"], standard.pass_points
    )
    return scored


def score_units(inputs: Inputs, standard: ScoreStandard) -> pd.DataFrame:
    """Score each unit by its best hospital.

    Returns
    -------
    DataFrame
        One row a unit, in order of code: the codes above it, the columns of
        :func:`score_every` for the hospital taken, ``has_form``. Units without a form are
        undetermined between 0 and the maximum.
    """
    best = take_best(score_every(inputs, standard), inputs.unit)
    above = [name for name in inputs.units if name != inputs.unit]
    best = best.drop(columns=above, errors="ignore")
    scored = inputs.units.merge(best, on=inputs.unit, how="left")
    scored["has_form"] = scored["facility_code"].notna()
    maxima = _maxima(standard)
    # only units without a form have no points yet
    scored = scored.fillna(
        {f"{prefix}lowest_points": 0 for prefix in maxima}
        | {f"{prefix}highest_points": maximum for prefix, maximum in maxima.items()}
    )
    is_open = scored[inputs.unit].isin(list(inputs.incomplete))
    scored.loc[is_open, "highest_points"] = standard.maximum
    scored["points"] = scored["points"].where(scored["lowest_points"] == scored["highest_points"])
    scored["state"] = decide_state(
        scored["lowest_points"], scored["highest_points"], standard.pass_points
    )
    return scored.sort_values(inputs.unit, ignore_index=True)


def score_hospitals(
    project: Project, month: str, kind: Kind, visits: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Score the best public general hospital of each county, or hospital of each township.

    Returns
    -------
    DataFrame
        As :func:`score_units`; the unit is ``county_code`` or ``township_code``.

    Raises
    ------
    UserError
        When the standard is not yet in force in `month`.

    References
    ----------
    QH-1 (1), QH-1 (2).
    """
    standard = load_score_standard(project, month, kind)
    return score_units(read_inputs(project, month, kind, visits), standard)


def score_facilities_of(
    project: Project, month: str, kind: Kind, visits: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Score every hospital that a unit may be judged by: as :func:`score_every`.

    Raises
    ------
    UserError
        When the standard is not yet in force in `month`.
    """
    standard = load_score_standard(project, month, kind)
    return score_every(read_inputs(project, month, kind, visits), standard)


def _maxima(standard: ScoreStandard) -> dict[str, int]:
    parts = {f"{name}_": component.maximum for name, component in standard.components.items()}
    return {**parts, "": standard.maximum}
