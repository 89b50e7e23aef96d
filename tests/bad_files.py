"""A folder of bad files, each made by code: a name that says what is wrong, and how to make it."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import msoffcrypto.format.ooxml as ooxml
import xlsxwriter
import xlwt

from small_exports import (
    CLINICS,
    HOUSEHOLDS,
    SETTLEMENTS,
    VILLAGE,
    household,
    identity,
    settlement,
)

MONTH = "2022-06"
ASSISTANCE = ["姓名", "证件号码", "救助类别", "月救助金额(元)", "变动类型", "变动日期"]
HELPED = ["卓玛", identity(), "农村低保", 350, "新增", "2022-06-05"]
CLINIC = ["C1", "东村", VILLAGE, "是", "否", 61]
FORM, HELP = f"卫生健康/医疗机构监测表_630100_{MONTH}.xlsx", f"民政/社会救助_630121_{MONTH}.xlsx"
HOMES = f"乡村振兴/建档立卡户_{MONTH}.csv"
BILLS = f"医保/医保结算_630100_{MONTH}.csv"

Files = dict[str, bytes]
"""Path below the month's folder to content."""


def workbook(sheets: dict[str, list[list]], merged: dict[str, list[str]] | None = None) -> bytes:
    """Write a workbook; `merged` names ranges that are merged, each with its text."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, column, cell)
            for area in (merged or {}).get(name, ()):
                place, text = area.split("=")
                sheet.merge_range(place, text)
    return data.getvalue()


def old_workbook(sheets: dict[str, list[list]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def encrypted(data: bytes) -> bytes:
    locked = io.BytesIO()
    ooxml.OOXMLFile(io.BytesIO(data)).encrypt("secret", locked)
    return locked.getvalue()


def lines(*rows: str, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join([*rows, ""]).encode(encoding)


def homes(count: int = 6, date: str = "2022-06-05") -> bytes:
    return lines(HOUSEHOLDS, *(household(f"H{n}", date=date) for n in range(count)))


def bills(count: int, date: str = "2022-06-15") -> bytes:
    rows = (settlement(f"S{n}", date=date) for n in range(count))
    return lines(SETTLEMENTS, *rows, encoding="gb18030")


def zipped(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, data)
    return packed.getvalue()


HELP_BOOK = {"救助对象": [ASSISTANCE, HELPED]}
CLINIC_BOOK = {"村卫生室": [CLINICS, CLINIC]}
_PAGE = "<html><body><table><tr><td>姓名</td></tr></table></body></html>"
_RENAMED = [["姓名", "证件号码", "救助类别", "变动类型", "变更的日期"], HELPED]

BAD_FILES: dict[str, tuple[Callable[[], Files], str, str, str]] = {
    # what is wrong: how it is made, the file it is said of, the code, a part of the message
    "a workbook cut short": (
        lambda: {HELP: workbook(HELP_BOOK)[:3000]}, HELP, "cut_short", "cut short"),
    "an old workbook cut short": (
        lambda: {HELP[:-1]: old_workbook(HELP_BOOK)[:2700]}, HELP[:-1], "cut_short", "cut short"),
    "an old workbook cut short at an odd place": (
        lambda: {HELP[:-1]: old_workbook(HELP_BOOK)[:2701]}, HELP[:-1], "cut_short", "cut short"),
    # here the reader panics
    "an old workbook cut short between sectors": (
        lambda: {HELP[:-1]: old_workbook(HELP_BOOK)[:4096]}, HELP[:-1], "cut_short", "cut short"),
    "a packed text file cut short": (
        lambda: {HOMES + ".gz": gzip.compress(homes())[:-20]}, HOMES + ".gz", "cut_short", "cut"),
    "a text file cut short": (
        lambda: {HOMES: homes()[:-30]}, HOMES, "cut_short", "send it whole"),
    "an empty workbook file": (lambda: {HELP: b""}, HELP, "empty_file", "is empty"),
    "an empty text file": (lambda: {HOMES: b""}, HOMES, "empty_file", "is empty"),
    "a workbook without a filled cell": (
        lambda: {HELP: workbook({"救助对象": []})}, HELP, "empty_sheet", "is empty"),
    "headers only": (lambda: {HOMES: homes(0)}, HOMES, "no_rows", "no rows below"),
    "a form of headers only": (
        lambda: {FORM: workbook({"村卫生室": [CLINICS]})}, FORM, "no_rows", "no rows below"),
    "an encrypted workbook": (
        lambda: {HELP: encrypted(workbook(HELP_BOOK))}, HELP, "encrypted", "without password"),
    "a web page called a workbook": (
        lambda: {HELP[:-1]: _PAGE.encode()}, HELP[:-1], "web_page", "web page"),
    "text called a workbook": (
        lambda: {FORM: lines(",".join(CLINICS))}, FORM, "text_for_workbook", "save it as .xlsx"),
    "an archive called a workbook": (
        lambda: {HELP: zipped("a.txt", b"x")}, HELP, "wrong_format", "ZIP archive"),
    "a PDF called a workbook": (lambda: {HELP: b"%PDF-1.7"}, HELP, "wrong_format", "PDF"),
    "a column under another name": (
        lambda: {HELP: workbook({"救助对象": _RENAMED})}, HELP, "changed_column",
        "变动日期 is missing; did you mean it by 变更的日期"),
    "a column that is not there": (
        lambda: {HELP: workbook({"救助对象": [row[:5] for row in HELP_BOOK["救助对象"]]})},
        HELP, "missing_column", "column 变动日期 is missing"),
    "no headers at all": (
        lambda: {HELP: workbook({"救助对象": [HELPED]})}, HELP, "no_header", "no row of headers"),
    "a file of another month": (
        lambda: {"乡村振兴/建档立卡户_2022-05.csv": homes()},
        "乡村振兴/建档立卡户_2022-05.csv", "wrong_month", "its name says 2022-05"),
    "a title of another month": (
        lambda: {FORM: workbook({"村卫生室": [["2022年5月村卫生室监测表"], CLINICS, CLINIC]})},
        FORM, "wrong_month", "its title says 2022-05"),
    "rows of another month": (
        lambda: {BILLS: bills(5, "2022-05-15")}, BILLS, "rows_of_another_month", "of 2022-05"),
    "the same file under another name": (
        lambda: {HOMES: homes(), f"乡村振兴/副本建档立卡户_{MONTH}.csv": homes()},
        HOMES, "same_file", "byte for byte"),
    "the same file for two prefectures": (
        lambda: {BILLS: bills(2), BILLS.replace("630100", "630200"): bills(2)},
        BILLS.replace("630100", "630200"), "same_file", "byte for byte"),
    "two files of one table": (
        lambda: {HELP: workbook(HELP_BOOK), HELP[:-1]: old_workbook(HELP_BOOK)},
        HELP[:-1], "second_file", "came as well"),
    "a file in the folder of another department": (
        lambda: {f"医保/建档立卡户_{MONTH}.csv": homes()},
        f"医保/建档立卡户_{MONTH}.csv", "wrong_folder", "乡村振兴"),
    "text where a workbook is asked for": (
        lambda: {HELP[:-5] + ".csv": lines(",".join(ASSISTANCE))},
        HELP[:-5] + ".csv", "wrong_suffix", "it should be"),
    "a sheet under another name": (
        lambda: {HELP: workbook({"Sheet1": HELP_BOOK["救助对象"]})}, HELP, "wrong_sheet_name",
        "the sheet 救助对象 is missing"),
    "two sheets that could be the one": (
        lambda: {HELP: workbook({"Sheet1": HELP_BOOK["救助对象"], "旧": HELP_BOOK["救助对象"]})},
        HELP, "missing_sheet", "Sheet1 and 旧"),
    "a second sheet of the same table": (
        lambda: {FORM: workbook(CLINIC_BOOK | {"村卫生室(2)": [CLINICS, CLINIC]})},
        FORM, "second_sheet", "columns of 村卫生室 too"),
    "a sheet that is missing": (
        lambda: {FORM: workbook(CLINIC_BOOK)}, FORM, "missing_sheet", "is missing"),
}  # fmt: skip


def lay(root: Path, files: Files) -> None:
    """Write files into the month's folder."""
    for name, data in files.items():
        path = root / MONTH / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
