"""Scores of county and township hospitals by the written standard."""

import pandas as pd

from healthmon.facilities.units import list_units
from healthmon.facilities.visits import count_visits
from healthmon.project import Project
from healthmon.rules.conditions import Condition
from healthmon.rules.inputs import add_inputs
from healthmon.rules.scoring import decide_state, score_facilities, take_best
from healthmon.rules.standards import ScoreStandard, load_standard, require_in_force
from healthmon.tables import read_table


def score_county_hospitals(project: Project, month: str) -> pd.DataFrame:
    """Score the best public general hospital of each county.

    Returns
    -------
    DataFrame
        One row a county: ``county_code``, ``prefecture_code``, ``facility_code``,
        ``facility_name``, the columns of :func:`score_facilities`; counties without a form are
        undetermined between 0 and the maximum.

    Raises
    ------
    UserError
        When the standard is not yet in force in `month`.

    References
    ----------
    QH-1 (1).
    """
    standard = load_standard(project.params, "QH/county_hospitals", ScoreStandard)
    require_in_force(standard, month)
    forms = read_table(project, standard.facility_table, months=[month])
    eligible = Condition(all=standard.eligible).evaluate(forms).possibly
    visits = count_visits(project, month, "county_code")
    facilities = forms[eligible].merge(visits, on="county_code", how="left")
    units = list_units(project, month, "county")
    return _score_units(facilities, units, "county_code", standard)


def score_township_hospitals(project: Project, month: str) -> pd.DataFrame:
    """Score the best hospital of each township.

    General practitioners and licensed physicians are counted over all hospitals of the township
    (``township_gp_count``, ``township_physician_count``). Townships are those of the kinds that
    need a hospital and have villages under monitoring or a form.

    Returns and Raises as :func:`score_county_hospitals`, with ``township_code``.

    References
    ----------
    QH-1 (2).
    """
    standard = load_standard(project.params, "QH/township_hospitals", ScoreStandard)
    require_in_force(standard, month)
    forms = read_table(project, standard.facility_table, months=[month])
    staff = ["township_gp_count", "township_physician_count"]
    forms = add_inputs(forms, "township_code", staff, forms, project.params)
    visits = count_visits(project, month, "township_code")
    facilities = forms.merge(visits, on="township_code", how="left")
    units = list_units(project, month, "township", standard.unit_kinds, forms["township_code"])
    return _score_units(facilities, units, "township_code", standard)


def _score_units(
    facilities: pd.DataFrame, units: pd.DataFrame, unit: str, standard: ScoreStandard
) -> pd.DataFrame:
    best = take_best(score_facilities(facilities, standard), unit)
    scored = units.merge(
        best.drop(columns=["prefecture_code"], errors="ignore"), on=unit, how="left"
    )
    missing = scored["facility_code"].isna()
    for name, component in standard.components.items():
        scored.loc[missing, [f"{name}_lowest_points", f"{name}_highest_points"]] = (
            0,
            component.maximum,
        )
    scored.loc[missing, ["lowest_points", "highest_points"]] = (0, standard.maximum)
    numbers = [name for name in scored if name.endswith("points")]
    scored[numbers] = scored[numbers].astype("Int64")
    scored["state"] = decide_state(
        scored["lowest_points"], scored["highest_points"], standard.pass_points
    )
    scored["has_form"] = ~missing
    return scored.sort_values(unit).reset_index(drop=True)
