"""Scores of county and township hospitals by the written standard."""

import pandas as pd

from healthmon.facilities.visits import count_visits
from healthmon.places import read_places
from healthmon.project import Project
from healthmon.rules.conditions import Condition
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
    units = read_places("counties")[["code", "prefecture_code"]].rename(
        columns={"code": "county_code"}
    )
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
    for staff in ("gp", "physician"):
        counts = forms.groupby("township_code")[f"{staff}_count"]
        # a blank in one of several hospitals leaves the township's count unknown
        forms[f"township_{staff}_count"] = counts.transform("sum").where(
            counts.transform("count") == counts.transform("size")
        )
    visits = count_visits(project, month, "township_code")
    facilities = forms.merge(visits, on="township_code", how="left")
    units = _townships(project, month, forms["township_code"], standard.unit_kinds)
    return _score_units(facilities, units, "township_code", standard)


def _townships(
    project: Project, month: str, with_form: pd.Series, kinds: tuple[str, ...]
) -> pd.DataFrame:
    villages = read_table(project, "monitored_villages", months=[month])
    townships = read_places("townships").rename(columns={"code": "township_code"})
    monitored = townships["township_code"].isin(set(villages["village_code"].str[:9]))
    wanted = (monitored & townships["kind"].isin(kinds)) | townships["township_code"].isin(
        set(with_form)
    )
    return townships.loc[wanted, ["township_code", "county_code", "prefecture_code"]]


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
