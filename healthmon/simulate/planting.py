"""Planted errors: few, at a known rate, each written down with file, row and column."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams

DUPLICATE = "duplicated_row"
CONVERTIBLE, SET_ASIDE, FILE, LINK, DISAGREEMENT = CLASSES = (
    "convertible", "set_aside", "file", "link", "disagreement",
)  # fmt: skip
"""How an error must be dealt with: the value comes out right; the row is set aside; the file is
reported; the person is found all the same; departments are shown to disagree."""
_TYPES = {
    "month": "str", "file": "str", "sheet": "str", "row": "Int64", "column": "str", "kind": "str",
    "class": "str", "value": "str", "right": "str",
}  # fmt: skip
_CATALOGUE: dict[str, tuple[tuple[str, str], ...]] = {
    "registered_households": (
        ("unknown_category", "户类型"), ("bad_date", "变动日期"), ("missing_value", "行政村代码"),
    ),
    "registered_persons": (
        ("bad_date", "出生日期"), ("bad_check_digit", "证件号码"), ("unknown_category", "性别"),
    ),
    "household_incomes": (("missing_value", "人均纯收入(元)"), (DUPLICATE, "")),
    "social_assistance": (("negative_money", "月救助金额(元)"),),
    "township_hospitals": (("not_a_number", "执业医师人数"),),
    "village_doctors": (("not_a_number", "服务常住居民数"), ("bad_check_digit", "证件号码")),
    "chronic_patients": (("unknown_category", "病种"), ("bad_date", "变动日期")),
    "major_disease_cases": (("bad_date", "确诊日期"),),
    "family_doctor_contracts": (("missing_value", "团队编码"), ("bad_date", "签约日期")),
    "follow_up_visits": ((DUPLICATE, ""), ("bad_date", "随访日期")),
    "unsigned_persons": (("bad_date", "处置日期"), ("unknown_category", "变动类型")),
    "telephone_checks": (("unknown_category", "抽查结果"), (DUPLICATE, "")),
    "referrals": ((DUPLICATE, ""), ("bad_date", "转诊日期"), ("bad_check_digit", "证件号码")),
    "monitored_households": (("bad_date", "变动日期"),),
    "insurance_enrolment": (("bad_check_digit", "证件号码"), (DUPLICATE, "")),
    "settlements": (
        ("sum_of_parts", "总费用(元)"), ("bad_check_digit", "证件号码"),
        ("unknown_category", "医疗类别"), ("bad_date", "结算日期"), ("missing_value", "结算日期"),
        ("negative_money", "政策范围外费用(元)"), (DUPLICATE, ""),
    ),
}  # fmt: skip
"""What can go wrong under which header of a table; '' is the whole row. Broken numbers of rows
that also tell birth and village stand in ``spoiling.links``: such persons can be found."""
HOMES = {
    "bad_date": "registered_persons",
    "bad_check_digit": "settlements",
    "unknown_category": "chronic_patients",
    "missing_value": "family_doctor_contracts",
    "not_a_number": "township_hospitals",
    "negative_money": "social_assistance",
    "sum_of_parts": "settlements",
    DUPLICATE: "follow_up_visits",
}
"""Where one error of each kind stands however small the province is."""


@dataclass(frozen=True)
class Error:
    """An error to be planted: in a row of a table, of a kind, under a header ('': whole row)."""

    row: int
    kind: str
    header: str


def choose_errors(
    settings: Settings, streams: Streams, tables: dict[str, tuple[int, np.ndarray | None]]
) -> dict[str, list[Error]]:
    """Choose rows, never the same twice, and what goes wrong there.

    Parameters
    ----------
    tables : dict
        Table name to its number of rows and, optionally, a mask of rows to be spared.
    """
    rng = streams["errors"]
    rate = settings.number("error_rate")
    chosen: dict[str, list[Error]] = {}
    for name, (count, spared) in tables.items():
        catalogue = _CATALOGUE.get(name, ())
        must = [kind for kind, home in HOMES.items() if home == name]
        kinds = [(k, h) for k, h in catalogue if k in must][: len(must)]
        more = int(rng.poisson(rate * count)) if catalogue else 0
        kinds += [catalogue[i] for i in rng.integers(0, len(catalogue), more)] if more else []
        rows = rng.integers(0, count, 4 * len(kinds) + 50).tolist() if count else []
        rows = list(dict.fromkeys(r for r in rows if spared is None or not spared[r]))
        chosen[name] = [Error(r, k, h) for r, (k, h) in zip(rows, kinds, strict=False)]
    return chosen


def spoil(kind: str, value: object) -> str | float | None:
    """Return what is written instead of a value.

    Parameters
    ----------
    value : object
        The cell's right value: text, or a number.
    """
    if kind == "missing_value":
        return None
    if kind == "bad_date":
        return f"{str(value)[:4]}-02-30"
    if kind == "not_a_number":
        return "三"
    if kind == "unknown_category":
        return "不详"
    if kind == "bad_check_digit":
        number = str(value)
        return number[:-1] + ("1" if number[-1] != "1" else "2")
    if kind == "negative_money":
        return "-12.50" if isinstance(value, str) else -12.5
    if kind == "sum_of_parts":
        yuan, fen = str(value).split(".")
        return f"{int(yuan) + 1}.{fen}"
    raise ValueError(kind)


class Log:
    """The list of what was planted."""

    def __init__(self) -> None:
        self._rows: list[dict] = []

    def note(
        self, *, right: object = None, class_: str = SET_ASIDE, **row: object
    ) -> dict[str, object]:
        """Write down one error; return what was written, which may still be changed.

        Parameters
        ----------
        right : object
            What the cell should hold; of a broken identity number the right one.
        class_ : str
            How it must be dealt with: one of :data:`CLASSES`.
        """
        note = {**row, "right": right, "class": class_}
        self._rows.append(note)
        return note

    def of_file(self, path: str) -> list[dict]:
        """Return the errors in the rows of a file."""
        return [note for note in self._rows if note["file"] == path and note["row"] is not None]

    def to_frame(self) -> pd.DataFrame:
        """Return the list as a table, in the order of files and rows."""
        frame = pd.DataFrame(self._rows, columns=list(_TYPES))
        for name in ("value", "right"):
            frame[name] = [None if v is None or v == "" else str(v) for v in frame[name]]
        frame = frame.astype(_TYPES)
        return frame.sort_values(["month", "file", "sheet", "row", "kind"], ignore_index=True)


def by_month(errors: Sequence[Error], months: np.ndarray) -> dict[int, list[Error]]:
    """Sort errors by the month of their row."""
    sorted_out: dict[int, list[Error]] = defaultdict(list)
    for error in errors:
        sorted_out[int(months[error.row])].append(error)
    return sorted_out
