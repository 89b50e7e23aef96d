"""The coverage table against a count by hand, and months before the standards."""

import re
from types import SimpleNamespace

import pandas as pd

from healthmon.month import Month
from healthmon.project import open_project
from healthmon.show.coverage_tables import count_coverage


def flagged(*_: object, **__: object) -> pd.DataFrame:
    """Four units of Xining: one raised, one open."""
    names = ("no_general_hospital", "no_tcm_hospital", "no_maternal_child_hospital",
             "no_telemedicine", "no_hospital", "no_tcm_clinic", "no_clinic",
             "no_public_clinic")  # fmt: skip
    values = pd.array([True, False, False, None], dtype="boolean")
    return pd.DataFrame({"prefecture_code": "630100", **dict.fromkeys(names, values)})


def test_a_cell_tells_raised_and_open_units() -> None:
    month = SimpleNamespace(project=open_project(), month="2022-06", keep_frame=flagged)
    html = count_coverage(month, "township").data
    row = re.search(r"<th[^>]*>西宁市?</th>(.*?)</tr>", html, re.S)[1]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert cells == ["4", *["1（1）"] * 3]


def test_a_month_before_the_standards_shows_none(month: Month) -> None:
    assert "尚未施行" in count_coverage(Month(month.project, "2022-05"), "village").data
