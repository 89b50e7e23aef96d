"""What later deliveries changed in months that had been reported before."""

import pandas as pd

_KEYS = ["indicator", "part", "month", "level", "code"]
_COUNTS = ["numerator", "denominator", "undetermined"]


def compare_reports(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Hold a month's indicators against those of an earlier report, over the months of both.

    Parameters
    ----------
    now, before : DataFrame
        As :func:`healthmon.indicators.engine.measure_indicators`, of two reports.

    Returns
    -------
    DataFrame
        One row an indicator and month in which any county's or the province's counts differ, the
        latest month first: ``indicator``, ``month``, the province's counts in both reports with
        ``_now`` and ``_before``, ``county_count`` (counties whose counts differ). Without parts.
    """
    shared = sorted(set(now["month"]) & set(before["month"]))
    sides = [
        frame[(frame["part"] == "") & frame["month"].isin(shared)].set_index(_KEYS)[_COUNTS]
        for frame in (now, before)
    ]
    both = sides[0].join(sides[1], how="outer", lsuffix="_now", rsuffix="_before").fillna(0)
    both = both.astype("int64").reset_index()
    differs = (both[[f"{n}_now" for n in _COUNTS]].to_numpy()
               != both[[f"{n}_before" for n in _COUNTS]].to_numpy()).any(axis=1)  # fmt: skip
    by = ["indicator", "month"]
    moved = both[differs & both["level"].isin(["province", "county"])]
    counties = moved[moved["level"] == "county"].groupby(by).size().rename("county_count")
    whole = both[both["level"] == "province"].drop(columns=["part", "level", "code"])
    listed = moved[by].drop_duplicates().merge(whole, on=by, how="left")
    listed = listed.merge(counties.reset_index(), on=by, how="left")
    listed["county_count"] = listed["county_count"].fillna(0).astype("int64")
    return listed.sort_values(["month", "indicator"], ascending=[False, True], ignore_index=True)
