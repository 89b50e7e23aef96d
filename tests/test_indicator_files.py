"""Indicators' files: what they say in expressions, and what is refused."""

from itertools import product
from pathlib import Path

import narwhals as nw
import pandas as pd
import pytest

from healthmon.errors import ParameterError
from healthmon.project import Project
from healthmon.rules.conditions import Condition
from healthmon.rules.expressions import express
from healthmon.rules.indicators import load_indicator
from healthmon.tables import connection

from clean_tables import make_project

CONDITIONS = [
    "flag",
    {"input": "flag", "is": False},
    {"input": "word", "is_in": ["a", "b"]},
    *({"input": "n", name: 3} for name in
      ("equals", "at_least", "more_than", "at_most", "less_than")),
    {"all": ["flag", {"input": "n", "at_least": 2}]},
    {"any": ["flag", {"input": "word", "is_in": ["c"]}, {"input": "n", "less_than": 2}]},
]  # fmt: skip


@pytest.mark.parametrize("given", CONDITIONS, ids=str)
def test_expressions_say_what_conditions_say(given: object) -> None:
    condition = Condition.model_validate(given)
    values = product([True, False, None], ["a", "c", None], [1, 3, 4, None])
    rows = pd.DataFrame(list(values), columns=["flag", "word", "n"])
    rows = rows.astype({"flag": "boolean", "word": "str", "n": "Int64"})
    wanted = list(condition.evaluate(rows).as_flags())
    table = nw.from_native(connection().from_df(rows.assign(place=range(len(rows)))))
    said = table.select("place", said=express(condition)).sort("place").collect("pyarrow")
    assert said["said"].to_list() == [None if one is pd.NA else one for one in wanted]


def test_files_that_are_wrong_are_refused_with_file_and_line(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    path = project.params / "indicators" / "chronic_contracted.yml"
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    place = next(n for n, line in enumerate(lines, start=1) if line.startswith("counts:"))
    path.write_text(text.replace("counts: [has_contract]", "counts: [has_contrat]"), "utf-8")
    with pytest.raises(ParameterError, match=f"line {place}: 'has_contrat' is no fact of 'pat"):
        load_indicator(project.params, "chronic_contracted")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("frame: patients", "frame: patiens", "'patiens' is no frame"),
        ("indicator: chronic_contracted", "indicator: other", "not named as its indicator"),
        ("counts: [has_contract]", "counts: []", "either counts rows"),
        ("pct: 100", "pct: 101", "less than or equal to 100"),
        ("clause_ids: [QH-3, GZ-4]", "clause_ids: []", "at least 1 item"),
        ("direction: more", "direction: up", "direction"),
    ],
)
def test_refusals(tmp_path: Path, old: str, new: str, said: str) -> None:
    project: Project = make_project(tmp_path)
    path = project.params / "indicators" / "chronic_contracted.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ParameterError, match=said):
        load_indicator(project.params, "chronic_contracted")
