"""Who charged more outside the insurance scope than KF-3 allows, and what it comes to."""

import pandas as pd

from healthmon.costs.terms import CapTerms, load_cap_terms
from healthmon.project import Project
from healthmon.tables import read_table

GROUPINGS = {
    "all": (),
    "month": ("settled_month",),
    "facility_level": ("facility_level",),
    "county": ("facility_county_code",),
    "county_level": ("facility_county_code", "facility_level"),
    "hospital": ("facility_code", "facility_level", "facility_county_code"),
}
_FORMS = ("village_clinics", "township_hospitals", "county_hospitals")


def count_caps(project: Project, month: str, stays: pd.DataFrame) -> pd.DataFrame:
    """Count stays above the cap, and what hospitals must bear, in every grouping.

    Parameters
    ----------
    project : Project
    month : str
        Up to which hospitals' forms are read for their names.
    stays : DataFrame
        As :func:`healthmon.costs.stays.inpatient_stays`.

    Returns
    -------
    DataFrame
        As :func:`add_up_caps`, with ``facility_name`` (missing where no form names it), and of
        hospitals with enough stays ``share_lower`` and ``share_upper`` (0-1, Wilson), between
        which the share above the cap lies.

    Raises
    ------
    ParameterError
        When ``caps.yml`` is refused.

    References
    ----------
    KF-3; Wilson (1927) for the interval.
    """
    terms = load_cap_terms(project.params)
    counted = add_up_caps(stays, terms)
    names = name_facilities(project, month)
    counted.insert(5, "facility_name", counted["facility_code"].map(names))
    return _add_intervals(counted, terms)


def add_up_caps(stays: pd.DataFrame, terms: CapTerms) -> pd.DataFrame:
    """Add up the stays of KF-3's persons in every grouping of :data:`GROUPINGS`.

    Returns
    -------
    DataFrame
        ``grouping`` with ``settled_month``, ``facility_level``, ``facility_county_code``,
        ``facility_code`` (missing where not grouped by, or not known); ``stay_count``,
        ``over_stay_count`` (surely above the cap), ``open_stay_count`` (the level would decide),
        ``in_force_stay_count`` and ``in_force_over_stay_count`` (settled since the clause took
        effect), ``total_fen``, ``out_of_scope_fen``, ``excess_least_fen``,
        ``excess_most_fen``, ``in_force_excess_fen`` (the least).
    """
    capped = stays[stays["is_capped"]]
    over = capped["is_over_cap"].fillna(False).astype("int64")
    in_force = (capped["settled_date"] >= pd.Timestamp(terms.effective_from)).astype("int64")
    keys = list(dict.fromkeys(key for group in GROUPINGS.values() for key in group))
    rows = capped[keys].assign(
        stay_count=1,
        over_stay_count=over,
        open_stay_count=capped["is_over_cap"].isna().astype("int64"),
        in_force_stay_count=in_force,
        in_force_over_stay_count=over * in_force,
        **{name: capped[name] for name in ("total_fen", "out_of_scope_fen")},
        **{name: capped[name] for name in ("excess_least_fen", "excess_most_fen")},
        in_force_excess_fen=capped["excess_least_fen"] * in_force,
    )
    numbers = [name for name in rows if name not in keys]
    parts = []
    for grouping, by in GROUPINGS.items():
        if by:
            part = rows.groupby(list(by), dropna=False)[numbers].sum().reset_index()
        else:
            part = rows[numbers].sum().to_frame().T
        part.insert(0, "grouping", grouping)
        parts.append(part)
    added = pd.concat(parts, ignore_index=True)
    return added[["grouping", *keys, *numbers]].astype(dict.fromkeys(numbers, "Int64"))


def rank_hospitals(counted: pd.DataFrame, by: str, limit: int) -> pd.DataFrame:
    """Return the hospitals that must bear most, or with the largest share above the cap.

    Parameters
    ----------
    counted : DataFrame
        As :func:`count_caps`.
    by : {"yuan", "share"}
        The least that must be borne, or the lower end of the share's interval: a share of few
        stays does not stand first by chance. Hospitals with too few stays have none.
    limit : int

    Returns
    -------
    DataFrame
        At most `limit` rows of hospitals with anything above the cap, with ``rank`` from 1.
    """
    column = {"yuan": "excess_least_fen", "share": "share_lower"}[by]
    rows = counted[(counted["grouping"] == "hospital") & (counted["over_stay_count"] > 0)]
    rows = rows.dropna(subset=[column]).sort_values(
        [column, "facility_code"], ascending=[False, True], kind="stable"
    )
    ranked = rows.head(limit).reset_index(drop=True)
    ranked.insert(0, "rank", range(1, len(ranked) + 1))
    return ranked


def name_facilities(project: Project, month: str) -> pd.Series:
    """Return the name that each facility's last form gives, by its code."""
    read = [
        read_table(project, table, month, columns=["facility_code", "facility_name"])
        for table in _FORMS
    ]
    rows = pd.concat(read).dropna().drop_duplicates("facility_code", keep="last")
    return rows.set_index("facility_code")["facility_name"]


def _add_intervals(counted: pd.DataFrame, terms: CapTerms) -> pd.DataFrame:
    # here, because it takes two seconds to import
    from statsmodels.stats.proportion import proportion_confint

    ranking = terms.ranking
    enough = (counted["grouping"] == "hospital") & (counted["stay_count"] >= ranking.least_stays)
    over, stays = (counted.loc[enough, f"{name}stay_count"].astype("float64")
                   for name in ("over_", ""))  # fmt: skip
    alpha = 1 - ranking.interval_pct / 100
    lower, upper = proportion_confint(over, stays, alpha, method="wilson")
    return counted.assign(share_lower=lower, share_upper=upper)
