"""Stays outside the county: after a referral or without one (GZ, KF-6)."""

import pandas as pd


def count_referrals(stays: pd.DataFrame) -> pd.DataFrame:
    """Count the stays outside the county of residence by where they were and whether referred.

    Parameters
    ----------
    stays : DataFrame
        As :func:`healthmon.costs.stays.inpatient_stays`.

    Returns
    -------
    DataFrame
        ``county_code``, ``prefecture_code`` (of residence), ``treated_in`` (``prefecture``,
        ``province``, ``beyond``), ``stay_count``, ``referred_stay_count``,
        ``unreferred_stay_count`` and ``open_stay_count`` (not known), which add up to the first.

    References
    ----------
    GZ 三·（三）·1; KF-6.
    """
    outside = stays[~stays["is_in_county"].fillna(True).astype(bool)]
    referred = outside["is_referred"]
    flags = outside[["county_code", "prefecture_code", "treated_in"]].assign(
        stay_count=1,
        referred_stay_count=referred.fillna(False).astype("int64"),
        unreferred_stay_count=(~referred).fillna(False).astype("int64"),
        open_stay_count=referred.isna().astype("int64"),
    )
    return flags.groupby(["county_code", "prefecture_code", "treated_in"], as_index=False).sum()
