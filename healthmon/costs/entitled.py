"""What a stay may leave to the patient (KF-3), and whether a referral preceded it (GZ, KF-6)."""

from datetime import datetime

import narwhals as nw

from healthmon.costs.terms import CapTerms

_WHOLE_BP = 10_000


def add_entitled(
    stays: nw.LazyFrame, spells: nw.LazyFrame, statuses: tuple[str, ...]
) -> nw.LazyFrame:
    """Say which stays are of persons that belong to certain groups.

    Parameters
    ----------
    stays : narwhals.LazyFrame
        As :func:`healthmon.costs.stays.list_stays`.
    spells : narwhals.LazyFrame
        As :func:`healthmon.statuses.status_spells`.
    statuses : tuple of str
        The groups.

    Returns
    -------
    narwhals.LazyFrame
        With ``is_capped``: in one of the groups on the day of settlement, or in the stay and not
        any more when it was settled. Who was never on the register gets the places of that group.
    """
    day, begin = nw.col("settled_date"), nw.coalesce("visit_date", "settled_date")
    end = nw.col("to_date")
    places = ("village_code", "county_code")
    known = spells.filter(nw.col("status").is_in(statuses)).select(
        "person_id", "from_date", "to_date", **{f"spell_{name}": nw.col(name) for name in places}
    )
    found = (
        stays.select("settlement_no", "person_id", "visit_date", "settled_date")
        .join(known, on="person_id", how="inner")
        .filter(nw.col("from_date") <= day, end.is_null() | (end > day) | (end > begin))
        .with_columns(is_entitled=nw.lit(1))
        .group_by("settlement_no")
        .agg(nw.col("is_entitled", *(f"spell_{name}" for name in places)).max())
    )
    village, county = (nw.coalesce(name, f"spell_{name}") for name in places)
    return (
        stays.join(found, on="settlement_no", how="left")
        .with_columns(
            is_capped=~nw.col("is_entitled").is_null(), village_code=village, county_code=county
        )
        .with_columns(
            township_code=nw.col("village_code").str.slice(0, 9),
            prefecture_code=nw.concat_str(nw.col("county_code").str.slice(0, 4), nw.lit("00")),
        )
        .drop("is_entitled", *(f"spell_{name}" for name in places))
    )


def add_caps(stays: nw.LazyFrame, terms: CapTerms) -> nw.LazyFrame:
    """Hold costs outside the insurance scope against the cap of the facility's level.

    Parameters
    ----------
    stays : narwhals.LazyFrame
        With ``is_capped``, ``facility_level``, ``total_fen``, ``out_of_scope_fen``.
    terms : CapTerms

    Returns
    -------
    narwhals.LazyFrame
        With, where ``is_capped`` (null elsewhere), ``cap_bp`` (the cap in hundredths of a percent
        of the total cost; null where the level is not known), ``excess_least_fen`` and
        ``excess_most_fen`` (what is above the cap, which the hospital bears: by the widest and
        the narrowest cap where the level is not known, else the same), ``excess_fen`` (null where
        the two differ) and ``is_over_cap`` (null where the level would decide).

    Notes
    -----
    A patient pays at most the whole fen below the cap: what is above is the cost outside the
    scope less total x cap rounded down, 1 fen or more exactly where the cost is above the cap.

    References
    ----------
    KF-3.
    """
    caps = terms.caps_bp
    own = nw.col("facility_level").replace_strict(caps, default=None, return_dtype=nw.Int64)
    widest, narrowest = (nw.coalesce("cap_bp", nw.lit(end)) for end in _ends(caps))
    least, most = nw.col("excess_least_fen"), nw.col("excess_most_fen")
    return (
        stays.with_columns(cap_bp=nw.when(nw.col("is_capped")).then(own))
        .with_columns(excess_least_fen=_excess(widest), excess_most_fen=_excess(narrowest))
        .with_columns(
            excess_fen=nw.when(least == most).then(least),
            is_over_cap=nw.when(least > 0)
            .then(nw.lit(True))
            .otherwise(nw.when(most == 0).then(nw.lit(False))),
        )
    )


def _ends(caps: dict[str, int]) -> tuple[int, int]:
    return max(caps.values()), min(caps.values())


def _excess(cap: nw.Expr) -> nw.Expr:
    """Return the fen above a cap, 0 where there are none, of stays that have one."""
    total, outside = nw.col("total_fen"), nw.col("out_of_scope_fen")
    above = nw.when(outside * _WHOLE_BP > total * cap).then(outside - total * cap // _WHOLE_BP)
    return nw.when(nw.col("is_capped")).then(above.otherwise(0)).cast(nw.Int64)


def add_referrals(
    stays: nw.LazyFrame, referrals: nw.LazyFrame | None, first: datetime | None, days: int
) -> nw.LazyFrame:
    """Say of stays outside the county whether the person had been referred.

    Parameters
    ----------
    stays : narwhals.LazyFrame
        With ``person_id``, ``visit_date`` and ``is_in_county``.
    referrals : narwhals.LazyFrame or None
        ``person_id`` and ``referral_date``; None where none has ever been delivered.
    first : datetime or None
        The first day of any referral: stays that began before it are not judged.
    days : int
        For so many days after its own a referral holds.

    Returns
    -------
    narwhals.LazyFrame
        With ``is_referred``: null inside the county (nobody asks for a referral there), where it
        is not known whether the stay was inside, where the day of admission is missing or lies
        before the first referral on record, and everywhere without referrals.

    References
    ----------
    GZ 三·（三）·1; KF-6.
    """
    if referrals is None or first is None:
        return stays.with_columns(is_referred=nw.lit(None, dtype=nw.Boolean))
    begin, referred = nw.col("visit_date"), nw.col("referral_date")
    found = (
        stays.select("settlement_no", "person_id", "visit_date")
        .join(referrals.select("person_id", "referral_date"), on="person_id", how="inner")
        .filter(referred <= begin, referred >= begin.dt.offset_by(f"-{days}d"))
        .select("settlement_no", has_referral=nw.lit(1))
        .unique()
    )
    is_asked = (~nw.col("is_in_county")) & (begin >= first)
    joined = stays.join(found, on="settlement_no", how="left")
    is_referred = nw.when(is_asked).then(~nw.col("has_referral").is_null())
    return joined.with_columns(is_referred=is_referred).drop("has_referral")
