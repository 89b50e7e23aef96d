"""Every clause is served by something that exists, or says what is missing."""

import shutil
from pathlib import Path

import pytest

from healthmon.clause_map import load_clauses, render_clause_map
from healthmon.errors import ParameterError
from healthmon.project import Project, open_project
from healthmon.rules.condition_words import say_conditions
from healthmon.rules.conditions import Condition
from healthmon.rules.indicators import load_facts, load_indicators
from healthmon.rules.wording import Words

CHECKOUT = open_project()
COMMANDS = ["differences", "warnings", "backlog", "explain"]
COUNTS = {"QH": 6, "GZ": 12, "SD": 9, "KF": 8, "JL": 6}
"""Clauses of each document that monitoring concerns."""


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    """A checkout with parameters of its own."""
    shutil.copytree(CHECKOUT.params, tmp_path / "params")
    for folder in ("notebooks", "docs"):
        (tmp_path / folder).symlink_to(CHECKOUT.root / folder)
    return Project(tmp_path)


def change(path: Path, old: str, new: str) -> int:
    """Replace the first `old` in a file; return its line."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_every_clause_is_on_the_map() -> None:
    named = [name.split("-") for name in load_clauses(CHECKOUT.params).clauses]
    for document, count in COUNTS.items():
        assert [int(number) for short, number in named if short == document] == list(
            range(1, count + 1)
        )


def test_every_indicator_and_comparison_serves_a_clause() -> None:
    page = render_clause_map(CHECKOUT, COMMANDS)
    row = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| ")}
    for name, indicator in load_indicators(CHECKOUT.params).items():
        assert all(f"`{name}`" in row[clause] for clause in indicator.clause_ids)
    assert "`chronic_not_contracted`" in row["JL-3"]
    assert "**not yet**" in row["GZ-9"] and "not yet" not in row["QH-1"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("indicators/teams_within_150.yml", "[GZ-4]", "[GZ-40]"),
        ("deadlines.yml", "[KF-2]", "[KF-20]"),
        ("exports/health.yml", "QH-2", "QH-7"),
    ],
)
def test_an_unknown_clause_is_refused_with_file_and_line(copy, file, old, new) -> None:
    line = change(copy.params / file, old, new)
    with pytest.raises(ParameterError, match=rf"{file}, line {line}: no clause {new.strip('[]')}"):
        render_clause_map(copy, COMMANDS)


@pytest.mark.parametrize(
    ("old", "new", "lacking"),
    [
        ("standards: [QH/rule_1560]", "standards: [QH/rule_0]", "QH-5: there is no QH/rule_0"),
        ("commands: [backlog]", "commands: [backlogs]", "QH-3: there is no backlogs"),
        ("notebooks: [62_deadlines]", "notebooks: [63_none]", "KF-2: there is no 63_none"),
        ("comparisons: [chronic_without", "comparisons: [chronical_without", "GZ-6: there is no"),
        ("docs: [data-dictionary.md]", "docs: [nothing.md]", "JL-6: there is no nothing.md"),
        ("    missing: no table says which help", "    #", "QH-6: nothing serves it"),
    ],
)  # fmt: skip
def test_what_does_not_exist_serves_nothing(copy, old, new, lacking) -> None:
    change(copy.params / "clauses.yml", old, new)
    text = (copy.params / "clauses.yml").read_text("utf-8").splitlines()
    line = text.index(f"  {lacking.split(':')[0]}:") + 1
    with pytest.raises(ParameterError, match=f"clauses.yml, line {line}: {lacking}"):
        render_clause_map(copy, COMMANDS)


def test_a_clause_of_no_document_is_refused(copy) -> None:
    change(copy.params / "clauses.yml", "  QH-2:\n", "  XX-2:\n")
    with pytest.raises(ParameterError, match="of no document: XX-2"):
        load_clauses(copy.params)


@pytest.mark.parametrize(
    ("condition", "zh", "en"),
    [
        ("has_contract", "已签约", "under contract"),
        ({"input": "has_contract", "is": False}, "不是“已签约”", "not under contract"),
        ({"any": ["is_monitored", {"all": ["has_allowance", "has_contract"]}]},
         "（监测对象或（低保对象，且已签约））",
         "(in a monitored household or (on subsistence allowance and under contract))"),
    ],
)  # fmt: skip
def test_conditions_in_words(condition, zh, en) -> None:
    facts = load_facts(CHECKOUT.params)["persons"].facts
    conditions = [Condition.model_validate(condition)]
    for language, said in (("zh", zh), ("en", en)):
        assert say_conditions(conditions, facts, Words(CHECKOUT.params, language)) == said


def test_a_limit_in_words() -> None:
    facts = load_facts(CHECKOUT.params)["teams"].facts
    limit = [Condition(input="poor_person_count", at_most=150)]
    said = say_conditions(limit, facts, Words(CHECKOUT.params, "zh"))
    assert said == "团队签约贫困人口数：不超过150"
