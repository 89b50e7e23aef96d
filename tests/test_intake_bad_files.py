"""A folder of bad files: each has its message, costs only itself, and no row is lost."""

from pathlib import Path

import pytest
from bad_files import BAD_FILES, BILLS, HELP, HELP_BOOK, HOMES, MONTH, bills, homes, lay, workbook

from healthmon.intake import take_in
from healthmon.intake.manifest import read_manifest
from healthmon.intake.wording import load_wording
from healthmon.tables import read_table

from small_exports import SmallExports, person


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    return SmallExports(tmp_path)


def problems(exports: SmallExports) -> list[dict]:
    return read_manifest(exports.project)["months"][MONTH]["problems"]


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_has_its_message(exports: SmallExports, name: str) -> None:
    make, file, code, part = BAD_FILES[name]
    lay(exports.project.raw, make())
    exports.persons(MONTH, person())
    report = take_in(exports.project, MONTH)
    said = [p for p in problems(exports) if p["file"] == f"{MONTH}/{file}" and p["code"] == code]
    assert any(part in problem["message"] for problem in said), problems(exports)
    assert len(read_table(exports.project, "registered_persons")) == 1
    assert report.rows_read == report.rows_taken + report.rows_set_aside
    wording = load_wording(exports.project.params)
    assert all("不符合填报要求" not in wording.chinese(code, p["reason"]) for p in said)


TAKEN = [
    ("text called a workbook, where one table is asked for", HELP, 1,
     lambda: ",".join(HELP_BOOK["救助对象"][0]).encode() + b"\n"
     + ",".join(map(str, HELP_BOOK["救助对象"][1])).encode() + b"\n"),
    ("a workbook called text", HOMES, 2,
     lambda: workbook({"Sheet1": [line.split(",") for line in
                                  homes(2).decode("utf-8-sig").split("\r\n")]})),
    ("an old name with a new workbook in it", HELP[:-1], 1, lambda: workbook(HELP_BOOK)),
    ("a suffix in capitals", HELP[:-4] + "XLSX", 1, lambda: workbook(HELP_BOOK)),
    ("a workbook where text is asked for", HOMES[:-3] + "xlsx", 2,
     lambda: workbook({"Sheet1": [line.split(",") for line in
                                  homes(2).decode("utf-8-sig").split("\r\n")]})),
    ("text in UTF-16", HOMES, 2, lambda: homes(2).decode("utf-8-sig").encode("utf-16")),
    ("columns separated by tabs", HOMES, 2,
     lambda: homes(2).replace(b",", b"\t")),
    ("columns separated by semicolons", HOMES, 2, lambda: homes(2).replace(b",", b";")),
    ("columns separated by full-width commas", HOMES, 2,
     lambda: homes(2).replace(b",", "，".encode())),
    ("a comma too many in every line", HOMES, 2,
     lambda: homes(2).replace(b"\r\n", b",\r\n").replace("变动日期,".encode(),
                                                        "变动日期".encode())),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "count", "make"), [case[1:] for case in TAKEN], ids=[case[0] for case in TAKEN]
)
def test_what_is_clear_is_read(exports: SmallExports, file: str, count: int, make) -> None:
    lay(exports.project.raw, {file: make()})
    report = take_in(exports.project, MONTH)
    assert (report.rows_read, report.rows_taken) == (count, count), problems(exports)


def test_everything_wrong_is_said_at_once(exports: SmallExports) -> None:
    lay(exports.project.raw, {HOMES: "户编号,户类型\n".encode()})
    take_in(exports.project, MONTH)
    missing = [p["reason"] for p in problems(exports) if p["code"] == "missing_column"]
    assert missing == [
        f"column {name} is missing" for name in ("行政村代码", "变动类型", "变动日期")
    ]


def test_the_same_file_in_another_month_is_named(exports: SmallExports) -> None:
    lay(exports.project.raw, {HOMES: homes()})
    earlier = exports.project.raw / "2022-05" / HOMES.replace(MONTH, "2022-05")
    earlier.parent.mkdir(parents=True, exist_ok=True)
    earlier.write_bytes(homes())
    take_in(exports.project, MONTH)
    same = [p["reason"] for p in problems(exports) if p["code"] == "same_file"]
    first = f"2022-05/{HOMES.replace(MONTH, '2022-05')}"
    assert same == [f"the file is the same, byte for byte, as {first}"]


LATE = [
    ("four rows of another month", bills(4, "2022-05-15")),
    ("five, one of them of its own", bills(5, "2022-05-15").replace(b"05-15", b"06-01", 1)),
    ("five of two other months", bills(5, "2022-05-15").replace(b"05-15", b"04-01", 1)),
]


@pytest.mark.parametrize("content", [c[1] for c in LATE], ids=[c[0] for c in LATE])
def test_late_rows_are_no_wrong_month(exports: SmallExports, content: bytes) -> None:
    lay(exports.project.raw, {BILLS: content})
    take_in(exports.project, MONTH)
    assert not [p for p in problems(exports) if p["code"] == "rows_of_another_month"]
