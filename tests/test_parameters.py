"""Parameter files are refused whole, each mistake with its file and line."""

import shutil
from pathlib import Path

import pytest

from healthmon.errors import ParameterError
from healthmon.parameters import load_parameters
from healthmon.project import open_project
from healthmon.rules.standards import FlagStandard, ScoreStandard, load_standard, require_in_force

PARAMS = open_project().params
COUNTY = (PARAMS / "standards/QH/county_hospitals.yml").read_text("utf-8")


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "county_hospitals.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load_parameters(path, ScoreStandard)
    return str(caught.value)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_file_as_it_is_loads(tmp_path: Path) -> None:
    path = tmp_path / "county_hospitals.yml"
    path.write_text(COUNTY, encoding="utf-8")
    assert load_parameters(path, ScoreStandard).pass_points == 70


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("unit: county", "unit: county\nunits: county", "units", id="unknown key"),
        pytest.param("pass_points: 70", "pass_points: seventy", "pass_points", id="no number"),
        pytest.param(
            "    quote: 五个科室（内外妇儿急诊）都有得 10 分，少一个扣除 10 分\n", "", "quote",
            id="a value without its quote",
        ),
        pytest.param("      - { from_pct: 90, points: 40 }\n", "", "does not reach",
                     id="a scale that does not reach its maximum"),
        pytest.param("from_pct: 90, points: 40", "from_pct: 90, points: 39", "points fall",
                     id="a scale that falls"),
        pytest.param("from_pct: 0, points: 0", "from_pct: 10, points: 0", "from_pct 0",
                     id="a scale with a gap"),
        pytest.param("from_pct: 90", "from_pct: 50", "begins above",
                     id="a scale that overlaps"),
        pytest.param("maximum: 100", "maximum: 95", "components reach 100",
                     id="a maximum that the parts do not reach"),
        pytest.param("support_team_count, at_least: 5", "support_team_count, at_leats: 5",
                     "at_leats", id="a misspelt comparison"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in COUNTY
    said = refused(tmp_path, COUNTY.replace(old, new))
    assert message in said
    assert said.startswith("county_hospitals.yml, line ")


def test_the_line_is_that_of_the_mistake(tmp_path: Path) -> None:
    text = COUNTY.replace("pass_points: 70", "pass_points: seventy")
    assert f"line {line_of(text, 'pass_points')}:" in refused(tmp_path, text)


def test_an_input_that_nobody_delivers_is_refused(tmp_path: Path) -> None:
    params = tmp_path / "params"
    shutil.copytree(PARAMS, params)
    path = params / "standards" / "QH" / "county_hospitals.yml"
    text = COUNTY.replace("has_surgery", "has_surgerry")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load_standard(params, "QH/county_hospitals", ScoreStandard)
    line = line_of(text, "has_surgerry")
    assert f"county_hospitals.yml, line {line}: 'has_surgerry'" in str(caught.value)


def test_a_reading_is_tried_when_the_standard_is_loaded(tmp_path: Path) -> None:
    params = tmp_path / "params"
    shutil.copytree(PARAMS, params)
    path = params / "standards" / "QH" / "county_hospitals.yml"
    path.write_text(COUNTY.replace("count: linear", "counts: linear"), encoding="utf-8")
    with pytest.raises(ParameterError, match="reading c4_linear is refused"):
        load_standard(params, "QH/county_hospitals", ScoreStandard)


def test_a_column_that_only_decides_who_is_eligible_must_exist_too(tmp_path: Path) -> None:
    params = tmp_path / "params"
    shutil.copytree(PARAMS, params)
    path = params / "standards" / "QH" / "county_hospitals.yml"
    path.write_text(COUNTY.replace("is_public", "is_publik"), encoding="utf-8")
    with pytest.raises(ParameterError, match="is_publik"):
        load_standard(params, "QH/county_hospitals", ScoreStandard)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("    clause: 一·二·3·(1)②\n", "", "clause", id="a value without its clause"),
        pytest.param("effective_from: 2020-01-01\n", "", "effective_from", id="no date"),
        pytest.param("unless: has_telemedicine, points: 20", "unless: has_telemedicine, points: 0",
                     "greater than 0", id="a deduction of nothing"),
        pytest.param("rule: all_of", "rule: any_of", "any_of", id="a rule of no kind"),
        pytest.param("    concerns: 高于 50% 每多 1% 就多得 1 分", "    concernz: x", "concern",
                     id="a reading that does not say what it is about"),
        pytest.param("quote: 五个科室（内外妇儿急诊）都有得 10 分，少一个扣除 10 分",
                     "quote: ''", "at least 1 character", id="an empty quote"),
        pytest.param("pass_points: 70", "pass_points: 170", "nobody can reach",
                     id="a pass line above the maximum"),
        pytest.param("    at_most: 40", "    at_most: -40", "greater than 0",
                     id="points that would be added"),
        pytest.param("effective_from: 2020-01-01", "effective_from: 2020-13-01", "month",
                     id="a date that does not exist"),
        pytest.param("per_pct: 1", "per_pct: 2", "points fall",
                     id="stretches that reach more than the next begins with"),
    ],
)  # fmt: skip
def test_more_that_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in COUNTY
    assert message in refused(tmp_path, COUNTY.replace(old, new, 1))


def test_a_duplicate_key_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, COUNTY + "unit: township\n")
    assert "duplicate key" in said


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    text = COUNTY.replace("pass_points: 70", "pass_points: x").replace(
        "unit: county", "unit: planet"
    )
    assert len(refused(tmp_path, text).splitlines()) == 2


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ParameterError, match=r"nowhere\.yml"):
        load_parameters(Path("nowhere.yml"), ScoreStandard)


def test_a_standard_is_not_applied_before_it_takes_effect() -> None:
    standard = load_standard(PARAMS, "QH/village_clinics", FlagStandard)
    require_in_force(standard, "2020-01")
    with pytest.raises(Exception, match="2020-01"):
        require_in_force(standard, "2019-12")
