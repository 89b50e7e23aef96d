"""What goes back to senders: their workbook marked, their bad rows alone, all of it in Chinese."""

import csv
import io
import re
import stat
from pathlib import Path

import openpyxl
import pytest
import xlwt

from healthmon.intake import take_in
from healthmon.intake.manifest import read_manifest
from healthmon.intake.returns import refresh_returns, returns_folder
from healthmon.intake.wording import load_wording
from healthmon.project import open_project
from healthmon.tables import read_table

from small_exports import (
    CLINICS,
    HOUSEHOLDS,
    VILLAGE,
    SmallExports,
    household,
    identity,
    person,
    settlement,
)

MONTH = "2020-05"
WORDING = load_wording(open_project().params)
INTAKE = Path(__file__).parents[1] / "healthmon" / "intake"


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    return SmallExports(tmp_path)


def returned(exports: SmallExports, department: str, name: str) -> Path:
    return returns_folder(exports.project) / MONTH / department / name


def table(data: bytes, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


def test_bad_cells_of_a_workbook_are_marked_with_the_reason(exports: SmallExports) -> None:
    title = ["2020年5月医疗机构监测表"]
    good, bad = ["C1", "东村", VILLAGE, "是", "否", 61], ["C2", "西村", "63", "是", "否", "三"]
    path = exports.workbook(MONTH, {"说明": [["请填报"]], "村卫生室": [title, CLINICS, good, bad]})
    before = path.read_bytes()
    take_in(exports.project, MONTH)
    book = openpyxl.load_workbook(
        returned(exports, "卫生健康", "医疗机构监测表_630100_2020-05_退回.xlsx")
    )
    sheet = book["村卫生室"]
    assert book.sheetnames == ["说明", "村卫生室"]
    assert [cell.value for cell in sheet["G"]] == [
        None,
        "退回原因",
        None,
        "行政村代码：应为12位区划代码；药品种类数：应为整数",
    ]
    marked = {c.coordinate: c.comment.text for row in sheet for c in row if c.comment}
    assert marked == {
        "C4": "行政村代码：应为12位区划代码",
        "F4": "药品种类数：应为整数",
    }
    assert sheet["C4"].fill.fgColor.rgb.endswith("FFC7CE")
    assert sheet["C3"].fill.fgColor.rgb != sheet["C4"].fill.fgColor.rgb
    assert [cell.value for cell in sheet[3]][:6] == good
    assert path.read_bytes() == before


def test_a_workbook_of_the_old_format_goes_back_in_the_new_one(exports: SmallExports) -> None:
    path = exports.path(MONTH, "卫生健康", "医疗机构监测表_630100_2020-05.xls")
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("村卫生室")
    for row, cells in enumerate([CLINICS, ["C1", "东村", VILLAGE, "是", "否", "三"]]):
        for column, value in enumerate(cells):
            sheet.write(row, column, value)
    book.save(str(path))
    take_in(exports.project, MONTH)
    marked = openpyxl.load_workbook(
        returned(exports, "卫生健康", "医疗机构监测表_630100_2020-05_退回.xlsx")
    )["村卫生室"]
    assert (marked["C2"].value, marked["F2"].value) == (VILLAGE, "三")
    assert marked["G2"].value == "药品种类数：应为整数"


def test_the_bad_rows_of_a_text_file_go_back_alone_as_written(exports: SmallExports) -> None:
    bad = settlement("S2", total="一百").replace("卓玛", '"卓，""玛"')
    path = exports.settlements(MONTH, settlement("S1"), bad, settlement("S3") + ",多")
    take_in(exports.project, MONTH)
    data = returned(exports, "医保", f"{path.stem}_退回.csv").read_bytes()
    rows = table(data, "gb18030")
    assert rows[0][:3] == ["退回行号", "退回原因", "结算单号"]
    assert [row[:3] for row in rows[1:]] == [
        ["3", "总费用(元)：不是金额，应填以元为单位的数字", "S2"],
        ["4", "应有17列，实有18列", "S3"],
    ]
    # byte for byte what was sent
    assert bad.encode("gb18030") in data


def test_a_row_over_two_lines_goes_back_whole(exports: SmallExports) -> None:
    line = household(kind="富裕户").replace("卓玛", '"卓\n玛"')
    path = exports.households(MONTH, household(), line, household("H3"))
    take_in(exports.project, MONTH)
    data = returned(exports, "乡村振兴", f"{path.stem}_退回.csv").read_bytes()
    rows = table(data, "utf-8-sig")
    assert [row[0] for row in rows] == ["退回行号", "3"]
    assert rows[1][3] == "卓\r\n玛"
    assert read_table(exports.project, "registered_households")["source_row"].tolist() == [2, 5]


def test_everything_wrong_is_in_one_list_for_a_department(exports: SmallExports) -> None:
    exports.households(MONTH, household(), header=HOUSEHOLDS.replace("行政村代码", "行政村代号"))
    exports.persons(MONTH, person(sex="南"))
    take_in(exports.project, MONTH)
    rows = table(returned(exports, "乡村振兴", "问题清单_2020-05.csv").read_bytes(), "utf-8-sig")
    said = [(row[0], row[2], row[3], row[4]) for row in rows[1:]]
    assert (
        "建档立卡户_2020-05.csv", "", "", "缺少“行政村代码”列；“行政村代号”是否即该列？",
    ) in said  # fmt: skip
    assert (
        "建档立卡人口_2020-05.csv", "2", "性别", "不在规定选项之内，应为：男、女",
    ) in said  # fmt: skip


def test_only_the_owner_can_open_what_goes_back(exports: SmallExports) -> None:
    exports.persons(MONTH, person(sex="南"))
    take_in(exports.project, MONTH)
    private = exports.project.root / "data" / "private"
    for path in (private, *private.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_goes_back_follows_what_was_read(exports: SmallExports) -> None:
    path = exports.persons(MONTH, person(sex="南"))
    take_in(exports.project, MONTH)
    back = returned(exports, "乡村振兴", f"{path.stem}_退回.csv")
    first, made = back.read_bytes(), back.stat().st_mtime_ns
    take_in(exports.project, MONTH)
    assert back.stat().st_mtime_ns == made
    exports.persons(MONTH, person())
    take_in(exports.project, MONTH)
    assert not back.exists()
    exports.persons(MONTH, person(sex="南"))
    take_in(exports.project, MONTH)
    assert back.read_bytes() == first


def test_a_killed_run_leaves_no_half_of_what_goes_back(
    exports: SmallExports, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exports.persons(MONTH, person(sex="南"))
    with monkeypatch.context() as patch:
        patch.setattr("healthmon.intake.returns._lists", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take_in(exports.project, MONTH)
    assert not (returns_folder(exports.project) / MONTH).exists()
    take_in(exports.project, MONTH)
    assert returned(exports, "乡村振兴", f"{path.stem}_退回.csv").exists()


def test_the_same_workbook_is_marked_with_the_same_bytes(exports: SmallExports) -> None:
    exports.workbook(MONTH, {"村卫生室": [CLINICS, ["C", "", VILLAGE, "", "", "三"]]})
    take_in(exports.project, MONTH)
    back = returned(exports, "卫生健康", "医疗机构监测表_630100_2020-05_退回.xlsx")
    first = back.read_bytes()
    entries = read_manifest(exports.project)["months"]
    (returns_folder(exports.project) / MONTH / ".made").write_text("stale")
    refresh_returns(exports.project, entries, MONTH)
    assert back.read_bytes() == first


def test_every_reason_in_the_code_has_its_chinese() -> None:
    text = "".join(path.read_text("utf-8") for path in INTAKE.glob("*.py"))
    raised = r"(?:BadValue|UnreadableError|RowFault|refuse|problem|_problem|_say|Problem)\("
    codes = set(re.findall(raised + r'[^"()]*"([a-z_]+)"', text))
    codes -= {"file"}
    codes |= set(re.findall(r'code = "([a-z_]+)"', text)) | {"repeated"}
    assert len(codes) > 40
    assert codes - set(WORDING.reasons) == set()


REASONS = [
    ("has 17 characters instead of 18", "wrong_length", "证件号码应为18位，实为17位"),
    ("stands in row 2 already", "repeated", "与第2行重复"),
    ("stands in 2019-01/医保/a.csv, row 3 already", "repeated", "与2019-01/医保/a.csv、第3行重复"),
    ("is none of: 男, 女", "unknown_word", "不在规定选项之内，应为：男、女"),
    ("is something new", "not_yet_known", "不符合填报要求（is something new）"),
]


@pytest.mark.parametrize(("reason", "code", "said"), REASONS, ids=[r[1] for r in REASONS])
def test_a_reason_is_said_in_chinese(reason: str, code: str, said: str) -> None:
    assert WORDING.chinese(code, reason) == said


def test_names_and_numbers_go_back_nowhere_else(exports: SmallExports) -> None:
    exports.persons(MONTH, person(identity()[:17] + "0"))
    take_in(exports.project, MONTH)
    listed = returned(exports, "乡村振兴", "问题清单_2020-05.csv").read_text("utf-8-sig")
    assert "卓玛" not in listed
    assert identity()[:14] not in listed
