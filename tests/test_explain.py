"""Explanations of real rows of the sample, down to the cell."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from healthmon.errors import UserError
from healthmon.explain import Explainer
from healthmon.explain_text import render_explanation
from healthmon.month import Month


def test_the_parts_of_a_county_sum_to_its_total_and_name_their_cells(month: Month) -> None:
    row = month.county_scores.query("state == 'fail'").iloc[0]
    told = Explainer(month).explain(row["county_code"])
    assert told.facility == row["facility_name"]
    points = [part.points for part in told.parts]
    if not any("–" in text for text in points):
        assert sum(map(float, points)) == float(told.points)
    lost = [part for part in told.parts if part.points != str(part.maximum)]
    assert all(part.reasons for part in lost)
    stated = [i for part in told.parts for i in part.inputs if i.column == "has_ct"]
    file, sheet, number = re.fullmatch("(.+)，工作表“(.+)”，第(.+)行", stated[0].source).groups()
    assert (month.project.raw / file).is_file()
    assert (sheet, int(number)) == ("县级医院", int(row["source_row"]))
    assert stated[0].source in render_explanation(told, "zh")
    assert told.remedies


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_village_is_told_in_both_languages(month: Month, language: str) -> None:
    code = month.village_flags["village_code"].iloc[0]
    told = Explainer(month, language).explain(code)
    assert [part.key for part in told.parts] == ["V0", "V1", "V2", "V3", "V4"]
    assert told.parts[1].label.isascii() == (language == "en")


@pytest.mark.parametrize("code", ["63", "999999", "63012110020x"])
def test_what_is_no_unit_is_refused(month: Month, code: str) -> None:
    with pytest.raises(UserError, match=code):
        Explainer(month).explain(code)


def test_a_village_names_the_rows_of_its_clinic_and_of_its_only_doctor(month: Month) -> None:
    flags = month.village_flags
    row = flags[(flags["qualified_doctor_count"] == 1) & (flags["clinic_count"] == 1)].iloc[0]
    told = Explainer(month).explain(row["village_code"])
    sources = {given.column: given.source for part in told.parts for given in part.inputs}
    sheet = "工作表“{}”，第{}行"
    assert sources["drug_kind_count"].endswith(sheet.format("村卫生室", row["clinic_source_row"]))
    assert sources["sole_doctor_age"].endswith(sheet.format("村医", row["doctor_source_row"]))


def test_what_is_published_tells_no_counts_behind_rates(month: Month) -> None:
    code = month.township_scores.query("has_form")["township_code"].iloc[0]
    told = Explainer(month, withhold_below=10).explain(code)
    named = [given.column for part in told.parts for given in part.inputs]
    assert named
    assert not [name for name in named if "patient" in name or "visit" in name]


def test_nothing_taken_in_is_said(tmp_path: Path, month: Month) -> None:
    (tmp_path / "params").symlink_to(month.project.params)
    command = [sys.executable, "-m", "healthmon", "explain", "630203", "--home", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nothing has been taken in" in done.stderr
