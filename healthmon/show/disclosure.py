"""The one gate that every published count of persons or households passes.

Counts from 1 to below the threshold are withheld; where a single withheld cell could be worked
out from a total that is shown, the next smallest cell of its group is withheld with it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

WITHHELD_BESIDE = "*"
"""Shown where a count is withheld only because another could be worked out from it."""
MISSING = "—"
_THRESHOLD = 10
_PEOPLE = ("household_count", "person_count", "outcome_count", "patient_count")


def show_count(count: int | None, threshold: int = _THRESHOLD) -> str:
    """Write one count of persons or households for publication.

    Parameters
    ----------
    count : int or None
        Persons or households.
    threshold : int
        The smallest count that is shown, 0 apart.

    Returns
    -------
    str
        ``"<10"`` for 1 to 9, a dash where it is missing, else with thousands separators.

    Raises
    ------
    ValueError
        When the count is negative.
    """
    if count is None or pd.isna(count):
        return MISSING
    if count < 0:
        raise ValueError(f"a count of {count} persons or households")
    return f"<{threshold}" if 0 < count < threshold else f"{int(count):,}"


def withhold_counts(
    frame: pd.DataFrame,
    columns: Sequence[str],
    threshold: int = _THRESHOLD,
    *,
    by: str | Sequence[str] | None = None,
    rates: Mapping[str, str | Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Withhold small counts of persons and households.

    Parameters
    ----------
    frame : DataFrame
        One row a place or group.
    columns : sequence of str
        Counts of persons or households.
    threshold : int
        The smallest count that is shown, 0 apart.
    by : str or sequence of str, optional
        Columns of the group whose total is shown elsewhere, such as ``prefecture_code`` for
        rows of counties; without it the frame is one group.
    rates : mapping, optional
        Column of a rate to the count columns it is made of; a rate is withheld with any of them.

    Returns
    -------
    DataFrame
        A copy. Withheld counts and rates are missing; ``<column>_shown`` (text) is added for
        each count: the number, ``<10``, ``*`` or a dash.

    Raises
    ------
    ValueError
        When a count is negative.

    Notes
    -----
    Zero is shown. The complement is the next smallest count above zero of the group, taken for
    each column by itself; several tables held against each other are left to a later issue.
    """
    result = frame.copy()
    shown = frame[[]].copy()
    for column in columns:
        counts = frame[column].astype("Int64")
        if (counts < 0).any():
            raise ValueError(f"{column}: a negative count of persons or households")
        small = counts.between(1, threshold - 1).fillna(False).astype(bool)
        beside = find_complements(frame, counts, small, by)
        result[column] = counts.mask(small | beside)
        shown[column] = [show_count(count, threshold) for count in counts]
        shown.loc[beside, column] = WITHHELD_BESIDE
    for rate, parts in (rates or {}).items():
        parts = [parts] if isinstance(parts, str) else list(parts)
        withheld = (result[parts].isna() & frame[parts].notna()).any(axis=1)
        result[rate] = frame[rate].mask(withheld)
    result = result.assign(**{f"{column}_shown": shown[column] for column in columns})
    result.attrs["withheld_under"] = threshold
    return result


def withhold_parts(
    frame: pd.DataFrame,
    total: str,
    parts: Sequence[str],
    threshold: int = _THRESHOLD,
    *,
    by: str | None = None,
) -> pd.DataFrame:
    """Withhold small counts that add up in rows and, with those of other rows, in columns.

    Parameters
    ----------
    frame : DataFrame
        One row a place.
    total : str
        Column of counts that are the sums of the parts; shown itself, where it is not small.
    parts : sequence of str
        Columns of counts that make up the total.
    threshold : int
        The smallest count that is shown, 0 apart.
    by : str, optional
        Column of the group of rows whose sums are shown elsewhere; without it the frame is one.

    Returns
    -------
    DataFrame
        As :func:`withhold_counts`. A row or column of a group in which exactly one part is
        withheld loses its next smallest, until there is no such row or column; a row whose total
        is withheld loses all its parts.

    Raises
    ------
    ValueError
        When a count is negative or a total is not the sum of its parts.
    """
    columns, parts = [total, *parts], list(parts)
    if (frame[parts].sum(axis=1) != frame[total]).any():
        raise ValueError(f"{total} is not the sum of {', '.join(parts)}")
    result = withhold_counts(frame, columns, threshold, by=by)
    withheld = result[columns].isna() & frame[columns].notna()
    withheld.loc[withheld[total], parts] = frame.loc[withheld[total], parts] > 0
    groups = [(rows, [part]) for rows in _groups(frame, by) for part in parts]
    lines = [*(([row], parts) for row in frame.index[~withheld[total]]), *groups]
    while any(_withhold_another(frame, withheld, *line) for line in lines):
        pass
    for column in columns:
        mark = withheld[column]
        small = frame[column].between(1, threshold - 1)
        result[column] = frame[column].astype("Int64").mask(mark)
        result.loc[mark & ~small, f"{column}_shown"] = WITHHELD_BESIDE
    return result


def _withhold_another(
    frame: pd.DataFrame, withheld: pd.DataFrame, rows: Sequence, columns: list[str]
) -> bool:
    """Withhold the next smallest cell of a line in which one alone is withheld; say whether."""
    hidden, cells = (part.loc[rows, columns].to_numpy() for part in (withheld, frame))
    candidates = np.argwhere(~hidden & (cells > 0))
    if hidden.sum() != 1 or not len(candidates):
        return False
    row, column = min(candidates.tolist(), key=lambda place: cells[tuple(place)])
    withheld.loc[rows[row], columns[column]] = True
    return True


def _groups(frame: pd.DataFrame, by: str | Sequence[str] | None) -> list[pd.Index]:
    return list(frame.groupby(by, sort=False).groups.values()) if by else [frame.index]


def find_complements(
    frame: pd.DataFrame, counts: pd.Series, small: pd.Series, by: str | Sequence[str] | None
) -> pd.Series:
    """Mark the next smallest count of every group in which exactly one count is withheld."""
    marked = pd.Series(False, index=frame.index)
    for rows in _groups(frame, by):
        if small[rows].sum() != 1:
            continue
        others = counts[rows][~small[rows] & (counts[rows] > 0).fillna(False).astype(bool)]
        if len(others):
            marked[others.sort_values(kind="stable").index[0]] = True
    return marked


def is_small_comparison(groups: pd.DataFrame, threshold: int) -> bool:
    """Say whether a comparison of two flags touches a small group of households.

    Counts, totals and shares of such a comparison stand in one system of equations: recall times
    all outcomes is the sum of two groups, and equal workloads tie "one only" to "both". When one
    flagged group is small, every flagged group and the shares made of them are withheld together.

    Parameters
    ----------
    groups : DataFrame
        ``group`` (both, rule_only, model_only, neither), ``household_count``, ``outcome_count``.
    """
    flagged = groups.loc[groups["group"] != "neither", ["household_count", "outcome_count"]]
    return bool(((flagged > 0) & (flagged < threshold)).any().any())


def require_withheld(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame that is to be shown, or refuse it where a small count was not withheld.

    Columns that count people are told by their names: ``household_count``, ``person_count``,
    ``patient_count`` and ``outcome_count``, by themselves or as an ending.

    Raises
    ------
    ValueError
        Naming the columns; a mistake in the program, never in the data.
    """
    threshold = frame.attrs.get("withheld_under", _THRESHOLD)
    open_columns = [
        str(column)
        for column in frame.columns
        if str(column).endswith(_PEOPLE)
        and pd.to_numeric(frame[column]).between(1, threshold - 1).fillna(False).any()
    ]
    if open_columns:
        raise ValueError(
            f"{', '.join(open_columns)}: counts under {threshold} would be published; "
            "pass them through withhold_counts first"
        )
    return frame
