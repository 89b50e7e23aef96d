"""Comparison frames of the bulletin (通报): prefectures, counties, components, villages.

Counts of persons and households leave this module only through
:func:`healthmon.show.disclosure.withhold_counts`. Counties are always withheld within the whole
province, so that two pages never show one cell in two ways. Facilities and villages are not
people and are shown as they are.
"""

from typing import Any, Literal, Protocol

import pandas as pd

from healthmon.burden import SpendingRule, load_rule
from healthmon.places import place_names, read_places
from healthmon.project import Project
from healthmon.rules.standards import FlagStandard, ScoreStandard, load_standard
from healthmon.show.disclosure import show_count, withhold_counts
from healthmon.show.publish_terms import PublishTerms, load_publish_terms

Scored = Literal["county", "township"]
_RATES = {"rule_rate_pct": ("rule_household_count", "assessed_household_count")}


class Results(Protocol):
    """One month's results, as :class:`healthmon.month.Month` holds them."""

    project: Project
    month: str
    is_simulated: bool
    county_scores: pd.DataFrame
    township_scores: pd.DataFrame
    village_flags: pd.DataFrame
    register_counts: pd.DataFrame
    burden: pd.DataFrame
    catastrophic: pd.DataFrame
    impoverishment: pd.DataFrame
    indicators: pd.DataFrame
    standing: pd.DataFrame
    risk: Any
    real_data: pd.DataFrame | None


def terms_of(month: Results) -> PublishTerms:
    """Return the terms of publication of a month's checkout."""
    return load_publish_terms(month.project.params)


def spending_rule(month: Results) -> SpendingRule:
    """Return the rule on household spending (QH-5), in its default readings."""
    return load_rule(month.project.params)


def scored_standard(month: Results, kind: Scored) -> ScoreStandard:
    """Return the standard of county or township hospitals."""
    return load_standard(month.project.params, f"QH/{kind}_hospitals", ScoreStandard)


def village_standard(month: Results) -> FlagStandard:
    """Return the standard of village clinics."""
    return load_standard(month.project.params, "QH/village_clinics", FlagStandard)


def in_prefecture(frame: pd.DataFrame, prefecture_code: str | None) -> pd.DataFrame:
    """Return the rows of one prefecture, or all of them for the province (None)."""
    if prefecture_code is None:
        return frame
    return frame[frame["prefecture_code"] == prefecture_code]


def compare_counties(month: Results, prefecture_code: str | None = None) -> pd.DataFrame:
    """Compare counties.

    Parameters
    ----------
    month : Results
        The month.
    prefecture_code : str, optional
        Only this prefecture's counties.

    Returns
    -------
    DataFrame
        One row a county, in order of code: ``county_code``, ``prefecture_code``, ``name``, the
        county hospital (``hospital_name``, ``hospital_points``, ``hospital_lowest_points``,
        ``hospital_highest_points``, ``hospital_state``), counts of facilities and villages, the
        counts of households and persons (on the register, assessed and flagged by the rule,
        flagged by the model) withheld where small with ``_shown`` beside, ``rule_rate_pct``
        (0-100).
    """
    frame = _count_by(month, "county_code")
    hospital = ["facility_name", "points", "lowest_points", "highest_points", "state"]
    scores = month.county_scores.set_index("county_code")[hospital]
    scores.columns = ["hospital_name", *(f"hospital_{name}" for name in hospital[1:])]
    frame = frame.join(scores)
    gated = _withhold(month, frame, by="prefecture_code")
    return in_prefecture(_named(gated, "counties"), prefecture_code).reset_index(drop=True)


def compare_prefectures(month: Results) -> pd.DataFrame:
    """Compare prefectures: as :func:`compare_counties`, with counts of county hospitals instead.

    Returns
    -------
    DataFrame
        One row a prefecture with ``county_total_count``, ``county_fail_count`` and
        ``county_undetermined_count`` beside the columns of counties.
    """
    gated = _withhold(month, _count_prefectures(month), by=None)
    return _named(gated, "prefectures").reset_index(drop=True)


def total_counts(month: Results, prefecture_code: str | None = None) -> dict[str, int]:
    """Add up facilities and villages of the province or one prefecture."""
    frame = _count_prefectures(month)
    frame = in_prefecture(frame.assign(prefecture_code=frame.index), prefecture_code)
    counts = [name for name in frame if name.endswith("_count") and name not in _people(frame)]
    return {name: int(frame[name].sum()) for name in counts}


def total_people(month: Results, prefecture_code: str | None = None) -> dict[str, str]:
    """Write the counts of persons and households of the province or one prefecture.

    Those of a prefecture are withheld exactly where the comparison of prefectures withholds them.

    Returns
    -------
    dict
        Count to its text.
    """
    frame = _count_prefectures(month)
    names = _people(frame)
    if prefecture_code is None:
        threshold = terms_of(month).disclosure.threshold
        return {name: show_count(int(frame[name].sum()), threshold) for name in names}
    row = _withhold(month, frame, by=None).loc[prefecture_code]
    return {name: row[f"{name}_shown"] for name in names}


def list_component_losses(
    month: Results, kind: Scored, prefecture_code: str | None = None
) -> pd.DataFrame:
    """Say where hospitals lose their points.

    Returns
    -------
    DataFrame
        One row a component: ``component``, ``label``, ``maximum``, ``determined_count``,
        ``losing_count`` (hospitals below the maximum), ``lost_points`` (mean over determined
        hospitals), ``undetermined_count``.

    References
    ----------
    QH-1.
    """
    scores = month.county_scores if kind == "county" else month.township_scores
    scores = in_prefecture(scores, prefecture_code)
    rows = []
    for name, component in scored_standard(month, kind).components.items():
        lost = (component.maximum - scores[f"{name}_points"]).dropna()
        rows.append(
            {
                "component": name,
                "label": component.label.zh,
                "maximum": component.maximum,
                "determined_count": len(lost),
                "losing_count": int((lost > 0).sum()),
                "lost_points": float(lost.mean()) if len(lost) else None,
                "undetermined_count": len(scores) - len(lost),
            }
        )
    return pd.DataFrame(rows)


def list_failing_townships(month: Results, prefecture_code: str | None = None) -> pd.DataFrame:
    """List township hospitals below the pass line or undetermined, worst first, with reasons.

    Returns
    -------
    DataFrame
        ``county_name``, ``township_name``, ``facility_name``, ``points``, ``lowest_points``,
        ``highest_points``, ``state`` and ``reasons`` (components that lose points, most first).

    References
    ----------
    QH-1 (2).
    """
    scores = in_prefecture(month.township_scores, prefecture_code)
    below = scores[scores["state"] != "pass"].sort_values(
        ["lowest_points", "highest_points", "township_code"]
    )
    components = scored_standard(month, "township").components
    reasons = [_say_losses(row, components) for row in below.to_dict("records")]
    columns = ["facility_name", "points", "lowest_points", "highest_points", "state"]
    return below[["county_code", "township_code", *columns]].assign(
        county_name=below["county_code"].map(place_names("counties")),
        township_name=below["township_code"].map(place_names("townships")),
        reasons=reasons,
    )


def count_village_flags(
    month: Results, level: str, prefecture_code: str | None = None
) -> pd.DataFrame:
    """Count villages at risk by place.

    Parameters
    ----------
    level : {"prefectures", "counties", "townships"}
        Places to count by.

    Returns
    -------
    DataFrame
        One row a place: its code and ``name``, ``village_count``, one column a flag with the
        number of villages, ``is_flagged`` (villages with any flag) and ``undetermined_count``.

    References
    ----------
    QH-1 (3); V0 is inferred.
    """
    code = {"prefectures": "prefecture_code", "counties": "county_code"}.get(level, "township_code")
    villages = in_prefecture(month.village_flags, prefecture_code)
    flags = [*village_standard(month).flags, "is_flagged"]
    known = villages[flags].astype("boolean")
    groups = known.fillna(False).astype(int).groupby(villages[code])
    counted = groups.sum()
    counted["village_count"] = villages.groupby(code).size()
    counted["undetermined_count"] = known["is_flagged"].isna().groupby(villages[code]).sum()
    return _named(counted, level).sort_values(code).reset_index(drop=True)


def _count_by(month: Results, code: str) -> pd.DataFrame:
    """Count everything by place, before anything is withheld; index is the code."""
    level = {"county_code": "counties", "prefecture_code": "prefectures"}[code]
    frame = pd.DataFrame(index=pd.Index(read_places(level)["code"], name=code))
    people = month.register_counts.groupby(code)[["household_count", "person_count"]].sum()
    villages = month.village_flags
    flagged = villages["is_flagged"].astype("boolean")
    parts = [
        people,
        _count_states(month.township_scores, code, "township"),
        villages.groupby(code).size().rename("village_count"),
        flagged.fillna(False).astype(int).groupby(villages[code]).sum().rename("flagged_village_count"),
        villages["V0"].astype("boolean").fillna(False).astype(int).groupby(villages[code]).sum()
        .rename("blank_village_count"),
        flagged.isna().astype(int).groupby(villages[code]).sum().rename("undetermined_village_count"),
        _count_rule(month, code),
        _count_model(month, code),
    ]  # fmt: skip
    frame = frame.join(parts).fillna(0).astype("Int64")
    assessed = frame["assessed_household_count"].mask(frame["assessed_household_count"] == 0)
    frame["rule_rate_pct"] = (100 * frame["rule_household_count"] / assessed).astype("Float64")
    return frame


def _count_prefectures(month: Results) -> pd.DataFrame:
    counted = _count_by(month, "prefecture_code")
    return counted.join(_count_states(month.county_scores, "prefecture_code", "county"))


def _people(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame if name.endswith(("household_count", "person_count"))]


def _count_states(scores: pd.DataFrame, code: str, kind: Scored) -> pd.DataFrame:
    states = scores["state"].groupby(scores[code])
    return pd.DataFrame(
        {
            f"{kind}_total_count": states.size(),
            f"{kind}_fail_count": states.agg(lambda state: (state == "fail").sum()),
            f"{kind}_undetermined_count": states.agg(lambda state: (state == "undetermined").sum()),
        }
    )


def _count_rule(month: Results, code: str) -> pd.DataFrame:
    """Count households assessed and flagged by the rule, in any of its years and in each."""
    years = spending_rule(month).years(month.month)
    burden = month.burden[month.burden["year"].isin(years)]
    flagged = burden[burden["is_flagged_by_rule"].fillna(False).astype(bool)]
    counts = {
        "assessed_household_count": _households(burden, code),
        "rule_household_count": _households(flagged, code),
    }
    for year in years:
        in_year = flagged[flagged["year"] == year]
        counts[f"rule_{year}_household_count"] = _households(in_year, code)
    return pd.DataFrame(counts)


def _count_model(month: Results, code: str) -> pd.Series:
    scores = month.risk.frames.get("household_scores")
    if scores is None or scores.empty:
        return pd.Series(dtype="int64", name="model_household_count")
    flagged = scores[scores["is_flagged_by_model"].fillna(False).astype(bool)]
    return _households(flagged, code).rename("model_household_count")


def _households(rows: pd.DataFrame, code: str) -> pd.Series:
    """Count different households; one that moved counts where it lives last."""
    if "year" in rows:
        rows = rows.sort_values("year", kind="stable")
    return rows.drop_duplicates("household_id", keep="last").groupby(code).size()


def _withhold(month: Results, frame: pd.DataFrame, by: str | None) -> pd.DataFrame:
    if by:
        counties = read_places("counties").set_index("code")
        frame = frame.assign(prefecture_code=counties["prefecture_code"].reindex(frame.index))
    threshold = terms_of(month).disclosure.threshold
    return withhold_counts(frame, _people(frame), threshold, by=by, rates=_RATES)


def _named(frame: pd.DataFrame, level: str) -> pd.DataFrame:
    return frame.assign(name=frame.index.map(place_names(level))).reset_index()


def _say_losses(row: dict, components: dict[str, Any]) -> str:
    """Name the components that lose points, most points first."""
    losses = []
    for order, (name, component) in enumerate(components.items()):
        points = row[f"{name}_points"]
        if pd.isna(points):
            losses.append((-component.maximum - 1, order, f"{component.label.zh}缺数据"))
        elif points < component.maximum:
            lost = component.maximum - int(points)
            losses.append((-lost, order, f"{component.label.zh} −{lost}"))
    return "、".join(text for _, _, text in sorted(losses))
