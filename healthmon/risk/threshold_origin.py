"""Where 1,560 yuan may come from: arithmetic that fits, and how easily it does.

The origin is stated nowhere we could find; that it is 40 % of 3,900 is no evidence.
"""

from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from healthmon.risk.settings import Lines
from healthmon.risk.threshold_settings import Coincidence


def split_threshold(threshold_yuan: int, terms: Coincidence) -> pd.DataFrame:
    """Write a threshold as a share of a base, for every share asked.

    Returns
    -------
    DataFrame
        ``share_pct``, ``base_yuan``, ``is_round`` (the base is a multiple of the step).
    """
    bases = [Fraction(100 * threshold_yuan, share) for share in terms.shares_pct]
    return pd.DataFrame(
        {
            "share_pct": terms.shares_pct,
            "base_yuan": [float(base) for base in bases],
            "is_round": [base % terms.base_step_yuan == 0 for base in bases],
        }
    )


def list_round_neighbours(terms: Coincidence) -> pd.DataFrame:
    """Say which thresholds in tens are the claimed share, or any share, of a round base.

    Returns
    -------
    DataFrame
        ``threshold_yuan``, ``is_claimed_share``, ``is_any_share``.
    """
    low, high = terms.neighbours_yuan
    rows = []
    for threshold in range(low, high + 1, 10):
        split = split_threshold(threshold, terms).set_index("share_pct")["is_round"]
        claimed = Fraction(100 * threshold, terms.claimed_share_pct) % terms.base_step_yuan == 0
        rows.append((threshold, claimed, bool(split.any())))
    return pd.DataFrame(rows, columns=["threshold_yuan", "is_claimed_share", "is_any_share"])


def relate_to_lines(threshold_yuan: int, lines: Mapping[str, Lines]) -> pd.DataFrame:
    """Say what share of each known line a threshold is.

    Returns
    -------
    DataFrame
        ``name``, ``from_year``, ``line_yuan``, ``share_pct``, ``is_whole`` (a whole percentage).
    """
    rows = [
        (name, line.from_year, line.yuan, Fraction(100 * threshold_yuan, line.yuan))
        for name, known in lines.items()
        for line in known.lines
    ]
    frame = pd.DataFrame(rows, columns=["name", "from_year", "line_yuan", "share"])
    shares = frame.pop("share")
    return frame.assign(
        share_pct=[float(share) for share in shares],
        is_whole=[share.denominator == 1 for share in shares],
    )
