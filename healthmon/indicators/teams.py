"""Contract teams at the ends of the months: how many registered poor persons each looks after."""

import narwhals as nw

from healthmon.indicators.people import GROUPS
from healthmon.indicators.span import Span
from healthmon.statuses import until_next
from healthmon.tables import hold


def teams(span: Span) -> nw.LazyFrame:
    """Return the size of each team at each month's end.

    Parameters
    ----------
    span : Span

    Returns
    -------
    narwhals.LazyFrame
        ``team_code``, ``month``, ``place_code`` (the township where most of its persons live),
        ``poor_person_count`` (registered poor persons whose latest contract by then is with it).

    References
    ----------
    GZ-4.
    """
    poor = span.spells.filter(nw.col("status").is_in(GROUPS["is_registered_poor"]))
    rows = poor.join(contract_spells(span), on="person_id", how="inner").with_columns(
        from_month=nw.max_horizontal("from_month", "signed_from"),
        to_month=nw.min_horizontal("to_month", "signed_to"),
        township_code=nw.col("village_code").str.slice(0, 9),
    )
    # persons who come and go in the same months are counted before the months are laid out
    stretches = hold(
        rows.filter(nw.col("from_month") < nw.col("to_month"))
        .group_by("team_code", "township_code", "from_month", "to_month")
        .agg(nw.len().alias("persons"))
        .with_columns(nw.col("persons").cast(nw.Int64))
    )
    spread = (
        span.repeat(stretches)
        .group_by("team_code", "month", "township_code")
        .agg(nw.col("persons").sum())
        .with_columns(nw.col("persons").cast(nw.Int64))
    )
    here = nw.col("persons")
    return (
        spread.with_columns(most=here.max().over("team_code", "month"))
        .with_columns(place=nw.when(here == nw.col("most")).then("township_code"))
        .group_by("team_code", "month")
        .agg(here.sum(), nw.col("place").min())
        .with_columns(poor_person_count=here.cast(nw.Int64))
        .select("team_code", "month", "poor_person_count", place_code="place")
    )


def contract_spells(span: Span) -> nw.LazyFrame:
    """Return with which team each person had a contract from which to which month.

    A contract lasts until the person's next one.
    """
    rows = span.scan("family_doctor_contracts").select(
        "person_id", "team_code", "delivered_month", "source_row", change_date="signed_date"
    )
    return span.at_ends(until_next(rows, ["person_id"])).select(
        "person_id", "team_code", signed_from="from_month", signed_to="to_month"
    )
