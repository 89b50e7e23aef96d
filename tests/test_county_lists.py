"""Lists for the counties: flagged households with reasons, private, marked where simulated."""

from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pandas as pd

from healthmon.county_lists import write_warning_lists
from healthmon.list_workbook import render_list
from healthmon.project import Project, open_project
from healthmon.risk.result import RiskResult

LONG = 3_076_847_101_343_058_801
"""An id as they are: a spreadsheet would round it."""


def test_counties_get_flagged_households_with_reasons(tmp_path) -> None:
    scores = pd.DataFrame(
        {
            "household_id": [LONG, 2, 3, 4],
            "county_code": ["632521", "632521", "632522", "632521"],
            "risk": [0.2, 0.4, 0.1, 0.9],
            "is_flagged_by_model": [True, False, True, False],
            "is_flagged_by_rule": [False, True, True, False],
            "is_above_line": [False, True, False, True],
            "is_income_known": [False, True, True, True],
        }
    )
    reasons = pd.DataFrame(
        {
            "household_id": [LONG, LONG, 3], "place": [1, 2, 1],
            "feature": ["stay_count", "oldest_age", "stay_count"], "odds_factor": [2.0, 1.5, 3.0],
            "value": ["3.0", "70.0", "4.0"], "usual": ["0.0", "50.0", "0.0"],
        }
    )  # fmt: skip
    (tmp_path / "params").symlink_to(open_project().params)
    burden = pd.DataFrame(
        {
            "household_id": [LONG, LONG, 2, 3, LONG], "year": [2022, 2021, 2021, 2021, 2020],
            "oop_fen": [12_000, 400_000, 156_001, 99, 1], "member_count": [3, 2, 1, 1, 1],
            "is_rule_year": [True, True, True, True, False],
        }
    )  # fmt: skip
    month = SimpleNamespace(
        project=Project(tmp_path), month="2022-06", is_simulated=True, burden=burden,
        risk=RiskResult(
            "tested", {"score_year": 2021}, {"household_scores": scores, "reasons": reasons}
        ),
    )  # fmt: skip
    register = tmp_path / "data/processed/registered_households"
    register.mkdir(parents=True)
    pd.DataFrame(
        {"household_id": [LONG, 2], "source_file": ["a.csv", "b.csv"], "source_sheet": [None, None],
         "source_row": [5, 6], "delivered_month": ["2019-01", "2019-01"]}
    ).to_parquet(register / "2019-01.parquet")  # fmt: skip
    written = {path.stem: path for path in write_warning_lists(month)}
    assert set(written) == {"632521", "632522"}
    assert written["632521"].stat().st_mode & 0o077 == 0
    rows = pd.read_excel(written["632521"], engine="openpyxl", dtype={"户编号": str})
    # the likeliest first; whom nobody flags is not listed
    assert rows["户编号"].tolist() == ["2", str(LONG)]
    assert rows["登记行号"].tolist() == [6, 5]
    assert rows["规则预警"].tolist() == ["是", "否"]
    assert rows["人均自付（元）"].tolist() == ["2021年 1,560.01", "2021年 2,000.00；2022年 40.00"]
    assert (rows["数据"] == "模拟 simulated").all()
    # an income that is not known is not one below the line
    assert rows["2021年已低于贫困线"].tolist() == ["否", "未知"]
    assert rows["理由1"].isna().tolist() == [True, False]
    assert "住院次数：3" in rows.loc[1, "理由1"]
    assert rows.loc[1, "reason2"].startswith("age of the oldest member: 70 years")


def test_a_month_without_a_model_has_no_warnings_and_old_ones_go(tmp_path) -> None:
    month = SimpleNamespace(
        project=Project(tmp_path), month="2022-06", is_simulated=False,
        risk=RiskResult("no_outcome", {}),
    )  # fmt: skip
    old = tmp_path / "data/private/warnings/2022-06/632521.xlsx"
    old.parent.mkdir(parents=True)
    old.touch()
    assert write_warning_lists(month) == []
    assert not old.exists()


def test_a_list_takes_nothing_for_a_formula_and_is_the_same_each_time() -> None:
    rows = pd.DataFrame({"理由": ["=1+1", "http://x", None, "12"], "风险": [1.5, 2.0, 3.0, None]})
    data = render_list(rows, "2022-06")
    assert data == render_list(rows, "2022-06")
    sheet = openpyxl.load_workbook(BytesIO(data))["2022-06"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert cells == [["=1+1", 1.5], ["http://x", 2], [None, 3], ["12", None]]
    assert sheet["A2"].data_type == "s" and sheet["A2"].hyperlink is None
    assert sheet.freeze_panes == "A2"


def test_a_long_text_has_the_room_it_needs() -> None:
    rows = pd.DataFrame({"理由": ["短", "长" * 100]})
    sheet = openpyxl.load_workbook(BytesIO(render_list(rows, "2022-06"))).active
    assert sheet.column_dimensions["A"].width < 100
    lines = 200 / sheet.column_dimensions["A"].width
    assert sheet.row_dimensions[3].height >= 15 * lines
    assert sheet.row_dimensions[2].height < 20
