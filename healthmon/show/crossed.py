"""Counts withheld in tables whose totals are shown in several directions, and of two halves."""

from collections.abc import Sequence

import pandas as pd

from healthmon.show.disclosure import (
    WITHHELD_BESIDE,
    find_complements,
    show_count,
)


def withhold_crossed(
    frame: pd.DataFrame,
    column: str,
    totals: Sequence[str | Sequence[str]],
    threshold: int,
    along: Sequence[str] = (),
) -> pd.DataFrame:
    """Withhold small counts of a table with totals in several directions.

    Parameters
    ----------
    frame : DataFrame
        One row a cell.
    column : str
        A count of persons, households or stays.
    totals : sequence
        For each direction the columns of the groups whose totals are shown elsewhere: such as the
        county, and prefecture with distance.
    threshold : int
        The smallest count that is shown, 0 apart.
    along : sequence of str
        Rates and sums that are withheld with the count.

    Returns
    -------
    DataFrame
        As :func:`healthmon.show.disclosure.withhold_counts`: where exactly one cell of any group
        would be withheld, the next smallest goes with it, in every direction.
    """
    counts = frame[column].astype("Int64")
    small = counts.between(1, threshold - 1).fillna(False).astype(bool)
    withheld, before = small, None
    while before is None or (withheld != before).any():
        before = withheld
        for by in totals:
            withheld = withheld | find_complements(frame, counts, withheld, by)
    shown = pd.Series([show_count(count, threshold) for count in counts], frame.index)
    beside = {name: frame[name].mask(withheld) for name in along}
    shown = shown.mask(withheld & ~small, WITHHELD_BESIDE)
    result = frame.assign(**{column: counts.mask(withheld), f"{column}_shown": shown}, **beside)
    result.attrs["withheld_under"] = threshold
    return result


def withhold_split(
    frame: pd.DataFrame,
    part: str,
    rest: str,
    totals: Sequence[str | Sequence[str]],
    threshold: int,
    along: Sequence[str] = (),
) -> pd.DataFrame:
    """Withhold how a count splits in two where one of the halves is small.

    Parameters
    ----------
    frame : DataFrame
        One row a place or group, whose sum of `part` and `rest` may be shown.
    part, rest : str
        The two counts; neither is shown where one of them is withheld.
    totals : sequence
        As for :func:`withhold_crossed`.
    threshold : int
        The smallest count that is shown, 0 apart.
    along : sequence of str
        Shares and sums that are withheld with them.

    Returns
    -------
    DataFrame
        A copy. Withheld counts, shares and sums are missing; ``<part>_shown`` (text) is added:
        the number, ``<10``, or ``*`` where it is withheld for the sake of another.
    """
    halves = frame[[part, rest]]
    narrow = halves.mask(halves == 0).min(axis=1).fillna(0).astype("Int64")
    gated = withhold_crossed(frame.assign(narrow_count=narrow), "narrow_count", totals, threshold)
    withheld = gated["narrow_count"].isna() & narrow.notna()
    is_small = frame[part].between(1, threshold - 1)
    shown = pd.Series([show_count(count, threshold) for count in frame[part]], frame.index)
    shown = shown.mask(withheld & ~is_small, WITHHELD_BESIDE)
    columns = {name: frame[name].mask(withheld) for name in (part, rest, *along)}
    result = frame.assign(**columns, **{f"{part}_shown": shown})
    result.attrs["withheld_under"] = threshold
    return result
