"""Explanations of real rows of the sample, down to the cell."""

import subprocess
import sys
from pathlib import Path

import pytest

from healthmon.errors import UserError
from healthmon.explain import explain
from healthmon.month import Month


def test_the_parts_of_a_county_sum_to_its_total_and_name_their_cells(month: Month) -> None:
    row = month.county_scores.query("state == 'fail'").iloc[0]
    told = explain(month.project, month.month, row["county_code"])
    assert told.facility == row["facility_name"]
    points = [part.points for part in told.parts]
    if not any("–" in text for text in points):
        assert sum(map(float, points)) == float(told.points)
    lost = [part for part in told.parts if part.points != str(part.maximum)]
    assert all(part.reasons for part in lost)
    stated = [i for part in told.parts for i in part.inputs if i.column == "has_ct"]
    file, sheet, number = stated[0].source.split(", ")
    assert (month.project.raw / file).is_file()
    assert (sheet, int(number)) == ("县级医院", int(row["source_row"]))
    assert told.remedies


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_village_is_told_in_both_languages(month: Month, language: str) -> None:
    code = month.village_flags["village_code"].iloc[0]
    told = explain(month.project, month.month, code, language)
    assert [part.key for part in told.parts] == ["V0", "V1", "V2", "V3", "V4"]
    assert told.parts[1].label.isascii() == (language == "en")


@pytest.mark.parametrize("code", ["63", "999999", "63012110020x"])
def test_what_is_no_unit_is_refused(month: Month, code: str) -> None:
    with pytest.raises(UserError, match=code):
        explain(month.project, month.month, code)


def test_nothing_taken_in_is_said(tmp_path: Path, month: Month) -> None:
    (tmp_path / "params").symlink_to(month.project.params)
    command = [sys.executable, "-m", "healthmon", "explain", "630203", "--home", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nothing has been taken in" in done.stderr
