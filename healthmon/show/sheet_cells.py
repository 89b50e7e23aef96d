"""What is shown on pages as cells of a workbook: numbers where they are, texts where withheld."""

import re

import pandas as pd

_COUNT = re.compile(r"\d{1,3}(,\d{3})*")
_DECIMAL = re.compile(r"-?\d+\.\d+")


def lay_out(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Choose and name columns; fen become yuan, withheld counts what they are shown as.

    Parameters
    ----------
    rows : DataFrame
        Withheld already, with ``<count>_shown`` beside counts.
    columns : dict
        Column to its header, in order.
    """
    cells = {}
    for name, header in columns.items():
        values = rows[name]
        if name.endswith(("_fen", "_bp")):  # hundredths both
            values = (values.astype("Float64") / 100).round(2)
        elif name.endswith(("_pct", "_days")):
            values = values.astype("Float64").round(1)
        shown = rows.get(f"{name}_shown")
        values = values.astype("object")
        cells[header] = values if shown is None else values.mask(values.isna(), shown)
    return pd.DataFrame(cells)


def read_shown(texts: pd.DataFrame) -> pd.DataFrame:
    """Turn a table of texts as shown on a page into cells: what is one number becomes one.

    Parameters
    ----------
    texts : DataFrame
        As given to :func:`healthmon.show.tables_html.render_table`; percents lose their sign.
    """
    return texts.map(_read)


def _read(text: object) -> object:
    if not isinstance(text, str):
        return text
    bare = text.removesuffix("%").replace("−", "-")
    if _COUNT.fullmatch(bare):
        return int(bare.replace(",", ""))
    return float(bare) if _DECIMAL.fullmatch(bare) else text
