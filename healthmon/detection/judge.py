"""Hold the truth against the evidence: what was found, missed and wrongly accused."""

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from healthmon.detection.evidence import Evidence, places_of, stem_of
from healthmon.detection.terms import DetectionTerms, load_detection_terms
from healthmon.exports import Column

_FILE_CLASSES = ("file",)
_LAYOUT_SUM_HEADER = ("(万元)", "(元)")


@dataclass(frozen=True)
class LinkQuality:
    """How linking fared. ``precision`` and ``recall`` are shares, None where nothing can be said.

    ``link_count``: rows linked; ``right_count``: to the right person; ``unknown_count``: rows
    linked of which the truth does not tell whose they are; ``planted_count``: rows that should be
    linked; ``recalled_count``: those linked rightly.
    """

    link_count: int
    right_count: int
    unknown_count: int
    planted_count: int
    recalled_count: int

    @property
    def precision(self) -> float | None:
        """Share of the rows linked, whose person is told by the truth, that were linked rightly."""
        judged = self.link_count - self.unknown_count
        return self.right_count / judged if judged else None

    @property
    def recall(self) -> float | None:
        """Share of the rows to be linked that were linked rightly."""
        return self.recalled_count / self.planted_count if self.planted_count else None


def judge_errors(evidence: Evidence) -> pd.DataFrame:
    """Say of every planted error whether it was found.

    Returns
    -------
    DataFrame
        The truth (``month``, ``file``, ``sheet``, ``row``, ``column``, ``kind``, ``class``,
        ``value``, ``right``) with ``is_found``: missing where nothing was there to judge by.
    """
    terms = load_detection_terms(evidence.project.params)
    judges = {
        "convertible": _judge_convertible,
        "set_aside": _judge_set_aside,
        "file": _judge_file,
        "link": _judge_link,
        "disagreement": _judge_disagreement,
    }
    truth = evidence.truth
    found = [judges[error["class"]](evidence, terms, error) for error in truth.to_dict("records")]
    return truth.assign(is_found=pd.array(found, "boolean"))


def count_by_kind(evidence: Evidence) -> pd.DataFrame:
    """Count planted, found and missed errors by kind, in the order of the parameters.

    Returns
    -------
    DataFrame
        ``class``, ``kind``, ``planted_count``, ``found_count``, ``missed_count``,
        ``unjudged_count``.
    """
    judged = judge_errors(evidence)
    kinds = load_detection_terms(evidence.project.params).kinds
    rows = []
    for kind in kinds:
        of_kind = judged[judged["kind"] == kind]
        if len(of_kind):
            found = of_kind["is_found"]
            rows.append((of_kind["class"].iloc[0], kind, len(found), int(found.sum()),
                         int((~found).sum()), int(found.isna().sum())))  # fmt: skip
    columns = ["class", "kind", "planted_count", "found_count", "missed_count", "unjudged_count"]
    return pd.DataFrame(rows, columns=columns)


def list_accused(evidence: Evidence) -> pd.DataFrame:
    """List what was accused without a planted error, by what accuses and its code.

    Rows set aside in a file that is broken as a whole are no false accusations. Differences
    count only in comparisons for which errors are planted.

    Returns
    -------
    DataFrame
        ``source`` (row, file, difference), ``code``, ``accused_count``, ``false_count``.
    """
    parts = [_accused_rows(evidence), _accused_files(evidence), _accused_persons(evidence)]
    columns = ["source", "code", "accused_count", "false_count"]
    rows = [
        (source, code, len(flags), int(sum(flags)))
        for source, found in zip(("row", "file", "difference"), parts, strict=True)
        for code, flags in sorted(found.items())
    ]
    return pd.DataFrame(rows, columns=columns)


def measure_links(evidence: Evidence) -> LinkQuality | None:
    """Measure linking: every row linked against the person it truly is; None without linking."""
    if evidence.links is None:
        return None
    truth = evidence.truth
    numbered = truth[(truth["column"] == "证件号码") & truth["right"].notna()]
    right = {
        place: evidence.person_id(number)
        for place, number in zip(_places(numbered), numbered["right"], strict=True)
    }
    links = evidence.links
    places = places_of(links)
    linked = dict(zip(_link_places(links), links["person_id"], strict=True)) if len(links) else {}
    planted = [place for place, class_ in zip(_places(truth), truth["class"], strict=True)
               if class_ == "link"]  # fmt: skip
    good = {place for place in places if right.get(place) == linked.get(place)}
    unknown = {place for place in places if place not in right}
    recalled = sum(place in good for place in planted)
    return LinkQuality(len(places), len(good - unknown), len(unknown), len(planted), recalled)


def _judge_convertible(evidence: Evidence, terms: DetectionTerms, error: dict) -> bool:
    if error["kind"] == "month_for_date" and _place(error) in evidence.aside_places:
        return True  # the day is not told: what cannot be decided may be set aside
    rows = evidence.clean_rows(error["file"], error["sheet"])
    if rows is None:
        return False
    table = evidence.table_of(error["file"], error["sheet"])
    if error["row"] is None:
        return _is_whole(evidence, table, rows, error)
    if error["row"] not in rows.index:
        return False
    found = evidence.column_of(table, error["column"])
    if found is None or found[0] not in rows.columns:
        return True  # a column that is dropped at intake: taking the row is all that can be seen
    name, column = found
    got = rows.loc[error["row"], name]
    if error["kind"] == "month_for_date":
        return pd.isna(got) or str(got)[:7] == str(error["right"])[:7]
    return _is_same(evidence, column, error["right"], got)


def _is_whole(evidence: Evidence, table: str, rows: pd.DataFrame, error: dict) -> bool:
    """Say whether all rows of a file were taken, and a column adds up to what it should."""
    if len(rows) != int(error["value"]):
        return False
    if error["right"] is None:
        return True
    name, column = evidence.column_of(table, error["column"].replace(*_LAYOUT_SUM_HEADER))
    return int(rows[name].sum()) == _stored(column, error["right"])


def _stored(column: Column, text: str) -> Hashable:
    """Return a right value as the clean tables store it."""
    if column.type in ("money", "percent"):
        return int((Decimal(text) * 100).to_integral_value())
    if column.type in ("count", "year"):
        return int(Decimal(text))
    if column.type == "boolean":
        return text == "是"
    if column.type == "category":
        return column.values[text]
    return text


def _is_same(evidence: Evidence, column: Column, right: str | None, got: object) -> bool:
    if right is None or pd.isna(got):
        return right is None and bool(pd.isna(got))
    if column.type == "identity_number":
        return int(got) == evidence.person_id(right)
    if column.type == "household_number":
        return int(got) == evidence.household_id(right)
    if column.type == "date":
        return str(got)[:10] == right
    return got == _stored(column, right)


def _judge_set_aside(evidence: Evidence, terms: DetectionTerms, error: dict) -> bool:
    if _place(error) in evidence.aside_places:
        return True
    # a broken number may be mended by linking: right when it is the right person
    return error["column"] == "证件号码" and bool(_judge_link(evidence, terms, error))


def _judge_file(evidence: Evidence, terms: DetectionTerms, error: dict) -> bool | None:
    kind = terms.kinds[error["kind"]]
    problems = evidence.problems[evidence.problems["file"] == error["file"]]
    codes = set(problems["code"])
    if codes & set(kind.problems) or (codes and not kind.problems and not kind.states):
        return True
    if kind.states and codes & set(kind.states):
        return True
    if "missing" in kind.states and "missing_file" in codes:
        return True
    return _judge_by_grid(evidence, kind.states, error) if kind.states else False


def _judge_by_grid(evidence: Evidence, states: tuple[str, ...], error: dict) -> bool | None:
    """Look the file up in the grid of completeness; missing where it does not reach."""
    if evidence.grid is None or error["month"] not in evidence.grid_months:
        return None
    grid = evidence.grid[evidence.grid["delivered_month"] == error["month"]]
    table = evidence.table_of(error["file"], error["sheet"])
    if table is not None:
        grid = grid[grid["table"] == table]
    code = next((p for p in error["file"].split("/")[-1].split("_") if p.isdigit()), None)
    if code is not None and len(code) == 6:
        grid = grid[(grid["county_code"] == code) | (grid["prefecture_code"] == code)]
    if "late" in states:
        return bool(grid["is_late"].fillna(False).any())
    if "not_registered" in states:
        return bool(grid["is_late"].isna().any())
    return bool(grid["state"].isin(states).any())


def _judge_link(evidence: Evidence, terms: DetectionTerms, error: dict) -> bool:
    rows = evidence.clean_rows(error["file"], error["sheet"])
    if rows is None or error["row"] not in rows.index or error["right"] is None:
        return False
    got = rows.loc[error["row"], "person_id"]
    return not pd.isna(got) and int(got) == evidence.person_id(error["right"])


def _judge_disagreement(evidence: Evidence, terms: DetectionTerms, error: dict) -> bool | None:
    if evidence.differences is None:
        return None
    wanted = set(terms.kinds[error["kind"]].comparisons)
    person = _person_of(evidence, error)
    found = evidence.differences
    if person is None:
        found = found[found["left_row"].eq(error["row"]) | found["right_row"].eq(error["row"])]
        found = found[found["left_file"].eq(error["file"]) | found["right_file"].eq(error["file"])]
    else:
        found = found[found["person_id"].eq(person)]
    return bool(found["comparison"].isin(wanted).any())


def _person_of(evidence: Evidence, error: dict) -> int | None:
    """Return whose row it is: told by the truth, else by the clean row itself."""
    if error["column"] is None and error["right"] is not None:
        return evidence.person_id(error["right"])
    rows = evidence.clean_rows(error["file"], error["sheet"])
    if rows is None or error["row"] not in rows.index:
        return None
    return int(rows.loc[error["row"], "person_id"])


def _place(error: dict) -> tuple:
    return error["file"], error["sheet"], error["row"]


def _accused_rows(evidence: Evidence) -> dict[str, list[bool]]:
    truth = evidence.truth
    planted = set(_places(truth))
    broken = set(truth.loc[truth["class"].isin(_FILE_CLASSES), "file"])
    found: dict[str, list[bool]] = {}
    aside = evidence.set_aside
    for place, code in zip(_link_places(aside), aside["reason_code"], strict=True):
        found.setdefault(code, []).append(place not in planted and place[0] not in broken)
    return found


def _accused_files(evidence: Evidence) -> dict[str, list[bool]]:
    truth = evidence.truth
    spoilt = {stem_of(file) for file in truth.loc[truth["row"].isna(), "file"]}
    problems = evidence.problems
    found: dict[str, list[bool]] = {}
    for file, code in zip(problems["file"], problems["code"], strict=True):
        found.setdefault(code, []).append(stem_of(file) not in spoilt)
    return found


def _accused_persons(evidence: Evidence) -> dict[str, list[bool]]:
    if evidence.differences is None:
        return {}
    kinds = load_detection_terms(evidence.project.params).kinds
    truth = evidence.truth
    planted: dict[str, set] = {}
    for error in truth[truth["class"] == "disagreement"].to_dict("records"):
        for comparison in kinds[error["kind"]].comparisons:
            planted.setdefault(comparison, set()).add(_person_of(evidence, error))
    found = evidence.differences
    return {
        comparison: [person not in persons for person in of_kind]
        for comparison, persons in planted.items()
        if len(of_kind := found.loc[found["comparison"] == comparison, "person_id"].tolist())
    }


def _places(truth: pd.DataFrame) -> list[tuple]:
    return list(zip(truth["file"], truth["sheet"], truth["row"], strict=True))


def _link_places(rows: pd.DataFrame) -> list[tuple]:
    sheets = [None if pd.isna(sheet) else sheet for sheet in rows["source_sheet"]]
    return list(zip(rows["source_file"], sheets, rows["source_row"].astype(int), strict=True))
