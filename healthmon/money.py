"""Money is a whole number of fen wherever it is stored; yuan appear only where someone reads."""

import math


def format_yuan(fen: int | float | None, decimals: int = 0) -> str:
    """Write an amount in fen as yuan with thousands separators; a dash where it is missing.

    Parameters
    ----------
    fen : int or None
        Amount in fen (1 yuan = 100 fen).
    decimals : int
        0 rounds half up to whole yuan, 2 shows every fen.
    """
    if fen is None or (isinstance(fen, float) and math.isnan(fen)):
        return "—"
    if decimals not in (0, 2):
        raise ValueError("decimals is 0 or 2")
    whole = int(fen)
    sign = "-" if whole < 0 else ""
    yuan, rest = divmod(abs(whole), 100)
    if decimals == 0:
        return f"{sign}{yuan + (rest >= 50):,}"
    return f"{sign}{yuan:,}.{rest:02d}"


def fen(yuan: int | str) -> int:
    """Turn yuan as written in a parameter file into fen, exactly.

    Raises
    ------
    ValueError
        When the amount has more than two decimals or is no number.
    """
    text = str(yuan).strip()
    sign = -1 if text.startswith("-") else 1
    whole, _, decimals = text.lstrip("+-").partition(".")
    if not whole.isdigit() or len(decimals) > 2 or (decimals and not decimals.isdigit()):
        raise ValueError(f"'{yuan}' is not an amount in yuan with at most two decimals")
    return sign * (int(whole) * 100 + int(decimals.ljust(2, "0") or 0))
