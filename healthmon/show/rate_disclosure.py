"""Rates that tell no more than the counts beside them: withheld where one of these is small."""

from collections.abc import Sequence
from math import ceil, floor

import numpy as np
import pandas as pd

from healthmon.show.disclosure import MISSING, WITHHELD_BESIDE, show_count


def withhold_rates(
    frame: pd.DataFrame,
    threshold: int,
    *,
    by: str | Sequence[str] | None = None,
    across: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Withhold rates, and the counts they are made of, where these are small.

    A rate beside its denominator tells who counts and who is left. Where one of the two is small
    neither is shown, and the rate gives way to the bound that ``<10`` alone tells.

    Parameters
    ----------
    frame : DataFrame
        One row a place: ``numerator``, ``denominator``, ``undetermined`` (persons or households;
        the undetermined are in the denominator and not in the numerator).
    threshold : int
        The smallest count that is shown, 0 apart.
    by : str or sequence of str, optional
        Columns of the group whose total is shown elsewhere; without it the frame is one group.
    across : sequence of str, optional
        Columns of another kind of group with a total of its own, such as the parts of one
        indicator in one place.

    Returns
    -------
    DataFrame
        A copy with ``numerator_shown``, ``left_shown`` (neither counting nor undetermined),
        ``undetermined_shown``, ``denominator_shown``; ``rate_shown``: ``81.2%``, with
        undetermined ``81.2–84.5%`` from none to all of them, ``<2.0%``, ``>98.0%``, ``*`` or a
        dash; ``is_open``: whether the counts are shown as they are; ``known_lowest`` and
        ``known_highest``: shares between which a reader knows the rate to be.

    Raises
    ------
    ValueError
        When a count is negative.

    Notes
    -----
    Where one row of a group is withheld alone, another one is withheld with it, as its numbers
    would follow from the total. Tables held against each other are left to a later issue.
    """
    part = frame[["numerator", "undetermined", "denominator"]].astype("int64")
    part["left"] = part["denominator"] - part["numerator"] - part["undetermined"]
    if (part < 0).any(axis=None):
        raise ValueError("a negative count of persons or households")
    small = (part > 0) & (part < threshold)
    groups = [_number_groups(frame, keys) for keys in ((by, across) if across else (by,))]
    hidden = _hide(part, small, groups, threshold)
    result = frame.copy()
    for name, is_hidden in hidden.items():
        texts = part[name].map(lambda count: show_count(count, threshold))
        beside = is_hidden & ~small[name] & (part[name] > 0 if name == "undetermined" else True)
        result[f"{name}_shown"] = texts.mask(beside, WITHHELD_BESIDE)
    low, high = _know_rate(part, small, hidden, threshold)
    result["known_lowest"], result["known_highest"] = low, high
    result["is_open"] = ~hidden["numerator"] & (part["denominator"] > 0)
    result["rate_shown"] = [
        MISSING if total == 0 else _write_rate(*row)
        for total, *row in zip(
            part["denominator"], low, high, hidden["left"],
            small["numerator"] & ~hidden["denominator"],
            small["left"] & ~hidden["denominator"], strict=True,
        )
    ]  # fmt: skip
    return result


def _hide(
    part: pd.DataFrame, small: pd.DataFrame, groups: list[np.ndarray], threshold: int
) -> pd.DataFrame:
    """Say which count of which row is hidden: small itself, or telling one that is."""
    # two small ones could be told from their sum: 18 are 9 and 9
    both = small["numerator"] & small["left"]
    whole = _hide_together(small["denominator"] | both, part["denominator"], groups)
    is_split = small["numerator"] | small["left"] | whole
    split = _hide_together(is_split, part[["numerator", "left"]].min(axis=1), groups)
    # few determined ones beside the undetermined would be told apart by their sum
    few = (part["numerator"] + part["left"]).between(1, threshold - 1)
    unknown = _hide_together(small["undetermined"] | few | whole, part["undetermined"], groups)
    columns = {"numerator": split | unknown, "left": split, "undetermined": unknown}
    return pd.DataFrame(columns | {"denominator": whole})


def _know_rate(
    part: pd.DataFrame, small: pd.DataFrame, hidden: pd.DataFrame, threshold: int
) -> tuple[pd.Series, pd.Series]:
    """Return between which shares the rate lies for a reader of what is shown."""
    total = part["denominator"]
    low = part.mask(hidden & small[hidden.columns], 1).mask(hidden & ~small[hidden.columns], 0)
    high = part.mask(hidden & small[hidden.columns], threshold)
    for name in ("numerator", "left", "undetermined"):
        high[name] = high[name].mask(hidden[name] & ~small[name], total)
    least = np.maximum(low["numerator"], total - high["left"] - high["undetermined"])
    least_left = np.maximum(low["left"], total - high["numerator"] - high["undetermined"])
    known = total.where((total > 0) & ~hidden["denominator"])
    none = (hidden["left"] & ~small["numerator"] & ~small["left"]) | hidden["denominator"]
    lowest, highest = least.clip(lower=0) / known, 1 - least_left.clip(lower=0) / known
    return lowest.mask(none, 0.0), highest.mask(none, 1.0)


def _write_rate(
    low: float, high: float, is_split: bool, few_count: bool, few_are_left: bool
) -> str:
    """Write a rate of which readers know that it lies between two shares."""
    if is_split and few_count:
        return f"<{min(ceil(round(1000 * high, 6)), 1000) / 10:.1f}%"
    if is_split and few_are_left:
        return f">{max(floor(round(1000 * low, 6)), 0) / 10:.1f}%"
    if is_split:
        return WITHHELD_BESIDE
    first, last = (_tenths(share) for share in (low, high))
    return f"{first}%" if first == last else f"{first}–{last}%"


def _tenths(share: float) -> str:
    """Write a share in tenths of a percent; all and none are said of all and none alone."""
    rounded = round(100 * share, 1)
    if rounded == 100 and share < 1:
        rounded = 99.9
    if rounded == 0 and share > 0:
        rounded = 0.1
    return f"{rounded:.1f}"


def _number_groups(frame: pd.DataFrame, by: str | Sequence[str] | None) -> np.ndarray:
    """Number the group of each row, from 0."""
    if not by:
        return np.zeros(len(frame), int)
    return frame.groupby(by if isinstance(by, str) else list(by), sort=False).ngroup().to_numpy()


def _hide_together(hidden: pd.Series, order: pd.Series, groupings: list[np.ndarray]) -> pd.Series:
    """Hide the next smallest row of every group in which exactly one is hidden, until none is."""
    flags, sizes, before = hidden.to_numpy(bool).copy(), order.to_numpy(), -1
    while flags.sum() != before:
        before = flags.sum()
        for groups in groupings:
            for lone in np.flatnonzero(np.bincount(groups, flags) == 1):
                others = np.flatnonzero((groups == lone) & ~flags)
                some = others[sizes[others] > 0]
                others = some if len(some) else others
                flags[others[np.argsort(sizes[others], kind="stable")[:1]]] = True
    return pd.Series(flags, index=hidden.index)
