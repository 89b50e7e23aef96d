"""Change rows of the register in the order in which they count, summed up.

The row with the later day of change wins; on the same day the one delivered later. Rows that end
something (death, moving out, removal) say when it ended, the others state everything else.
"""

import narwhals as nw

JOINING = ("existing", "added", "born")
LEAVING = ("died", "moved_out")
REMOVING = ("removed",)
STAY, HOME = ("person_id", "household_id"), ("household_id",)
"""Whose change rows are replayed: a person's in one household, a household's."""


def follow_stays(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Say of each person's stay in a household when it began and how it ended.

    Parameters
    ----------
    rows : narwhals.LazyFrame
        Change rows of persons with ``order`` (:func:`change_order`).

    Returns
    -------
    narwhals.LazyFrame
        As :func:`replay`, with ``ended`` and ``ended_by`` (of the last ending row), and of those
        who were in several households ``moved_date`` (of the first row that puts the person
        elsewhere afterwards) and ``is_left`` (the person was in another one later).
    """
    order, day = nw.col("order"), nw.col("change_date")
    endings = (
        rows.filter(nw.col("change").is_in(LEAVING))
        .with_columns(last_ending=order.max().over(*STAY))
        .filter(order == nw.col("last_ending"))
        .group_by(*STAY)
        .agg(day.max().alias("ended"), nw.col("change").max().alias("ended_by"))
    )
    moves = (
        rows_of_movers(rows)
        .with_columns(
            last=order.max().over(*STAY),
            person_last=order.max().over("person_id"),
            # behind the last row of a household the person's next one lies in another
            moved_date=day.shift(-1).over("person_id", order_by="order"),
        )
        .filter(order == nw.col("last"))
        .with_columns(is_left=nw.col("last") < nw.col("person_last"))
        .group_by(*STAY)
        .agg(nw.col("moved_date", "is_left").max())
    )
    replayed = replay(rows, STAY, LEAVING)
    return replayed.join(endings, on=STAY, how="left").join(moves, on=STAY, how="left")


def span_homes(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Return the ``least`` and the ``most`` of each person's household ids."""
    home = nw.col("household_id")
    return rows.group_by("person_id").agg(home.min().alias("least"), home.max().alias("most"))


def rows_of_movers(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Keep the rows of the few persons who were ever in several households."""
    movers = span_homes(rows).filter(nw.col("least") < nw.col("most"))
    wanted = rows.select(*STAY, "order", "change_date")
    return wanted.join(movers, on="person_id", how="semi")


def replay(rows: nw.LazyFrame, who: tuple[str, ...], ending: tuple[str, ...]) -> nw.LazyFrame:
    """Sum up the change rows of each person or household, which count in their ``order``.

    Parameters
    ----------
    rows : narwhals.LazyFrame
        Change rows with ``order`` (:func:`change_order`).
    who : tuple of str
        :data:`STAY` or :data:`HOME`; never missing.
    ending : tuple of str
        Changes that end something.

    Returns
    -------
    narwhals.LazyFrame
        One row a `who`: the largest ``order`` of all its rows (``last``), of those that end
        (``last_ending``), end or join (``last_status``), and state attributes (``last_stating``:
        rows that end nothing, or else the last of all); the first days of joining (``joined``)
        and of all (``first_known``).
    """
    order, day, change = nw.col("order"), nw.col("change_date"), nw.col("change")
    is_ending, is_joining = change.is_in(ending), change.is_in(JOINING)
    return (
        rows.select(
            *who,
            last=order,
            last_ending=nw.when(is_ending).then(order),
            last_status=nw.when(is_joining | is_ending).then(order),
            last_stating=nw.when(~is_ending).then(order),
            joined=nw.when(is_joining).then(day),
            first_known=day,
        )
        .group_by(*who)
        .agg(
            nw.col("last", "last_ending", "last_status", "last_stating").max(),
            nw.col("joined", "first_known").min(),
        )
        .with_columns(last_stating=nw.coalesce("last_stating", "last"))
    )


def take_stating(rows: nw.LazyFrame, replayed: nw.LazyFrame, who: tuple[str, ...]) -> nw.LazyFrame:
    """Put what was replayed beside the row that states the attributes."""
    # every column of the rows travels through the join alone: sorted, they took three times as long
    return rows.join(
        replayed, left_on=[*who, "order"], right_on=[*who, "last_stating"], how="inner"
    )


def change_order(day_column: str = "change_date") -> nw.Expr:
    """Return one whole number that grows with day of change, then month delivered, then row.

    Parameters
    ----------
    day_column : str
        Column with the day that the row speaks of.
    """
    day = nw.col(day_column).dt
    days = _int(day.year()) * 372 + _int(day.month()) * 31 + _int(day.day())
    month = nw.col("delivered_month").str
    months = _int(month.slice(0, 4)) * 12 + _int(month.slice(5, 2))
    # at most 10^6 days, 10^5 months and 10^7 rows in a file: below 2^63
    return (days * 100_000 + months) * 10_000_000 + _int(nw.col("source_row"))


def _int(expression: nw.Expr) -> nw.Expr:
    return expression.cast(nw.Int64)
