"""Hold what came out of a case against what it demands."""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from blind_case import AnyOf, Case, Delivery, Line
from blind_outcome import Outcome, base_name, gather_outcome, run_intake
from blind_returned import check_returned

VERDICTS = ("stopped", "exposed", "wrongly taken", "missed", "wrongly refused")
"""What a case can come to instead of 'as expected', the gravest first."""
_TELLING = re.compile(r"639900\d{11}[\dXx]|1990000\d{4}|6301020032\d{6}")
_NO_SECRET = {"合计", ""}


@dataclass(frozen=True)
class Finding:
    """One thing that did not come out as the documents have it."""

    verdict: str
    text: str


def judge(case: Case) -> list[Finding]:
    """Run one case and return what is wrong; nothing when all came out as expected."""
    with tempfile.TemporaryDirectory(prefix="blind-") as folder:
        try:
            run_intake(case, Path(folder))
        except Exception as error:  # whatever stops intake is itself the finding
            return [Finding("stopped", f"{type(error).__name__}: {str(error)[:200]}")]
        outcome = gather_outcome(Path(folder))
    return judge_outcome(case, outcome)


def judge_outcome(case: Case, outcome: Outcome) -> list[Finding]:
    """Return what is wrong with an outcome."""
    found = []
    for delivery in case.deliveries:
        found += _check_file(delivery, outcome)
        found += [Finding(*wrong) for wrong in check_returned(delivery, outcome.returned)]
    return found + list(_check_case(case, outcome))


def _check_file(delivery: Delivery, outcome: Outcome) -> Iterator[Finding]:
    name = f"{delivery.month}/{delivery.name}"
    taken = {key[1:] for key in outcome.taken if key[0] == name}
    own = [p for p in outcome.problems if base_name(str(p.get("file") or "")) == delivery.name
           and delivery.month in json.dumps(p, ensure_ascii=False)]  # fmt: skip
    is_named = bool(own) or any(_mentions(p, delivery.name) for p in outcome.problems)
    if delivery.is_named and not is_named:
        yield Finding("missed", f"{delivery.name} is named in no problem")
    if delivery.is_good and own:
        yield Finding("wrongly refused", f"accused: {own[0].get('message')}")
    yield from _check_balance(delivery, outcome, name, len(taken))
    if delivery.may_have_any_rows or (delivery.may_be_refused and is_named and not taken):
        return
    yield from _check_said(delivery, outcome.counts.get(name, {}))
    demanded = set()
    for sheet in delivery.sheets:
        for at, line in enumerate(sheet.lines):
            key = (sheet.table, sheet.first_row + at)
            demanded.add(key)
            yield from _check_line(line, name, key, outcome)
    for key in sorted(taken - demanded):
        yield Finding("wrongly taken", f"{delivery.name} row {key[1]}: no such record")


def _mentions(problem: dict[str, Any], name: str) -> bool:
    text = f"{problem.get('file')} {problem.get('message')}"
    return re.search(re.escape(name) + r"(?!\.gz)", text) is not None


def _check_balance(
    delivery: Delivery, outcome: Outcome, name: str, taken: int
) -> Iterator[Finding]:
    entry = outcome.counts.get(name)
    if entry is None:
        return
    read, kept, left = (entry.get(f"rows_{what}") or 0 for what in ("read", "taken", "set_aside"))
    if read != kept + left:
        yield Finding("missed", f"{delivery.name}: {read} rows in, {kept} + {left} out")
    if kept != taken:
        yield Finding("missed", f"{delivery.name}: says {kept} rows taken, there are {taken}")


def _check_said(delivery: Delivery, entry: dict[str, Any]) -> Iterator[Finding]:
    stated = entry.get("conversions") or []
    for column in delivery.said:
        plain = _plain(column)
        if not any(column == "*" or plain in (_plain(c.get("header")), _plain(c.get("column")))
                   for c in stated):  # fmt: skip
            yield Finding("missed", f"{delivery.name}: conversion of {column} is not stated")


def _plain(header: Any) -> str:
    """Return a header without its unit, which may have been written in another way."""
    return re.sub(r"[\s(（].*", "", str(header or ""))


def _check_line(line: Line, name: str, key: tuple[str, int], outcome: Outcome) -> Iterator[Finding]:
    row = outcome.taken.get((name, *key))
    is_aside = (name, *key) in outcome.aside
    where = f"{name} {key[0]} row {key[1]}"
    if line.fate in ("aside", "ignored") and row is not None:
        yield Finding("wrongly taken", f"{where}: {_sent(line)}")
    elif line.fate in ("taken", "either") and row is not None:
        yield from _check_values(line, row, where)
    elif line.fate == "taken":
        how = "set aside" if is_aside else "neither taken nor set aside"
        yield Finding("wrongly refused", f"{where}: {how}")
    elif line.fate in ("aside", "either") and not is_aside:
        yield Finding("missed", f"{where}: neither taken nor set aside")
    if row is not None and is_aside:
        yield Finding("missed", f"{where}: both taken and set aside")
    if row is not None and line.is_linked:
        yield from _check_link(outcome.links.get((name, key[1])), where)


def _sent(line: Line) -> str:
    cells = line.cells if isinstance(line.cells, list) else line.cells.values()
    return "taken: " + " | ".join(str(cell) for cell in cells if cell not in (None, ""))[-60:]


def _check_values(line: Line, row: dict[str, Any], where: str) -> Iterator[Finding]:
    for column, right in line.clean.items():
        value = row.get(column)
        value = None if pd.isna(value) else value
        if isinstance(value, pd.Timestamp):
            value = value.date().isoformat()
        allowed = right.values if isinstance(right, AnyOf) else (right,)
        if not any(value is None if one is None else value == one for one in allowed):
            yield Finding("wrongly taken", f"{where}: {column} is {value!r}, not {right!r}")


def _check_link(link: dict[str, Any] | None, where: str) -> Iterator[Finding]:
    if link is None:
        yield Finding("missed", f"{where}: linked without saying how")
    elif not link.get("link_kind") or not 0 < (link.get("link_score") or 0) <= 1:
        yield Finding("missed", f"{where}: link without kind or score")


def _check_case(case: Case, outcome: Outcome) -> Iterator[Finding]:
    for table, column, value in case.once:
        count = sum(row[column] == value for key, row in outcome.taken.items() if key[1] == table)
        if count != 1:
            verdict = "wrongly taken" if count else "wrongly refused"
            yield Finding(verdict, f"{table}.{column} {value} is there {count} times")
    yield from _check_persons(case, outcome)
    names = {name for line in _lines(case) for name in _names(line)} - _NO_SECRET
    if any(_TELLING.search(text) or any(name in text for name in names) for text in outcome.texts):
        yield Finding("exposed", "a name, number or telephone number stands in data/processed")
    if outcome.readable_by_others:
        yield Finding("exposed", f"others may read {', '.join(outcome.readable_by_others)}")


def _lines(case: Case) -> Iterator[Line]:
    return (
        line for delivery in case.deliveries for sheet in delivery.sheets for line in sheet.lines
    )


def _names(line: Line) -> Iterator[str]:
    if isinstance(line.cells, dict):
        yield from (str(line.cells.get(header) or "").strip() for header in ("姓名", "户主姓名"))


def _check_persons(case: Case, outcome: Outcome) -> Iterator[Finding]:
    """One person has one id in every table, two persons have two."""
    seen: dict[str, set[int]] = {}
    for delivery in case.deliveries:
        for sheet in delivery.sheets:
            for at, line in enumerate(sheet.lines):
                key = (f"{delivery.month}/{delivery.name}", sheet.table, sheet.first_row + at)
                row = outcome.taken.get(key)
                if row is not None and line.who and line.fate == "taken":
                    seen.setdefault(line.who, set()).add(row["person_id"])
    if any(len(ids) > 1 for ids in seen.values()):
        yield Finding("wrongly taken", "one person has several ids")
    if len({one for ids in seen.values() for one in ids}) < len(seen):
        yield Finding("wrongly taken", "several persons share an id")
