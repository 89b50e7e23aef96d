"""GZ-1: one status a person, the month's changes, deadlines of the 10th and the 15th; the index."""

import re
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from healthmon.identities import open_identities
from healthmon.intake import take_in
from healthmon.month import Month
from healthmon.persons import (
    count_changes,
    judge_deadlines,
    list_changes,
    person_statuses,
    read_person_index,
)
from healthmon.show.persons_tables import (
    count_deadlines,
    count_links,
    count_statuses,
    describe_link,
    list_late_files,
    list_register_changes,
)

from small_exports import VILLAGE, SmallExports, household, identity, person, settlement

MONTH, NEXT = "2021-01", "2021-02"
COUNTY = VILLAGE[:6]


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    return SmallExports(tmp_path)


def assistance(exports: SmallExports, month: str, *rows: tuple) -> None:
    path = exports.path(month, "民政", f"社会救助_{COUNTY}_{month}.xlsx")
    header = ("姓名", "证件号码", "救助类别", "月救助金额(元)", "变动类型", "变动日期")
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("救助对象")
        for number, row in enumerate((header, *rows)):
            sheet.write_row(number, 0, row)


def assisted(serial: int, kind: str = "农村低保", change: str = "存量", date: str = "2021-01-01"):
    return ("卓玛", identity(serial=serial), kind, 300, change, date)


def receipts(exports: SmallExports, month: str, *lines: str) -> None:
    path = exports.path(month, "监测办", f"收件登记_{month}.csv")
    path.write_text("\n".join(["文件名,收到日期", *lines, ""]), encoding="utf-8-sig")


def serials(exports: SmallExports, ids: pd.Series) -> list[int]:
    """Serial numbers of persons, from the vault."""
    known = open_identities(exports.project, NEXT).set_index("person_id")["identity_number"]
    return sorted(int(known[person][14:17]) for person in ids.dropna())


STATUSES = [
    ("on the poverty register alone", 1, "poverty_register"),
    ("on the subsistence allowance alone", 2, "subsistence_allowance"),
    ("in both registers", 3, "poverty_register"),
    ("on extreme-poverty support alone", 4, "extreme_poverty_support"),
    ("on the poverty register and extreme-poverty support", 5, "poverty_register"),
    ("off the poverty register and on the allowance", 6, "subsistence_allowance"),
    ("off the allowance", 7, None),
    ("on the poverty register and off the allowance", 8, "poverty_register"),
]


@pytest.mark.parametrize(
    ("serial", "status"), [c[1:] for c in STATUSES], ids=[c[0] for c in STATUSES]
)
def test_a_person_has_one_status(exports: SmallExports, serial: int, status: str | None) -> None:
    exports.households(MONTH, household("H1", date="2021-01-01"))
    members = [person(identity(serial=n), date="2021-01-01") for n in (1, 3, 5, 6, 8)]
    exports.persons(MONTH, *members)
    exports.persons(NEXT, person(identity(serial=6), change="迁出", date="2021-02-03"))
    assistance(
        exports,
        MONTH,
        *(assisted(n) for n in (2, 3, 6, 7, 8)),
        *(assisted(n, "特困供养") for n in (4, 5)),
    )
    assistance(exports, NEXT, *(assisted(n, change="停发", date="2021-02-28") for n in (7, 8)))
    take_in(exports.project, NEXT)
    found = person_statuses(exports.project, NEXT)
    of_serial = [
        row["status"]
        for row in found.to_dict("records")
        if serials(exports, pd.Series([row["person_id"]])) == [serial]
    ]
    assert of_serial == [status] * (status is not None)


def test_a_stop_counts_from_its_day_on(exports: SmallExports) -> None:
    assistance(exports, MONTH, assisted(1), assisted(1, change="停发", date="2021-02-01"))
    take_in(exports.project, NEXT)
    assert len(person_statuses(exports.project, MONTH)) == 1
    assistance(exports, NEXT)
    take_in(exports.project, NEXT)
    assert len(person_statuses(exports.project, NEXT)) == 0


def test_who_came_left_and_changed(exports: SmallExports) -> None:
    exports.households(MONTH, household("H1", date="2021-01-01"))
    exports.persons(MONTH, *(person(identity(serial=n), date="2021-01-01") for n in (1, 2)))
    assistance(exports, MONTH, assisted(1))
    exports.households(NEXT, household("H2", change="新增", date="2021-02-05"))
    exports.persons(
        NEXT,
        person(identity(serial=1), change="死亡", date="2021-02-06"),
        person(identity(serial=2), change="变更", date="2021-02-06"),
        person(identity(serial=3), "H2", change="新增", date="2021-02-05"),
    )
    assistance(exports, NEXT, assisted(1, change="停发", date="2021-02-07"))
    take_in(exports.project, NEXT)
    assert len(list_changes(exports.project, MONTH)) == 0
    found = list_changes(exports.project, NEXT)
    assert found[["register", "change", "reason"]].values.tolist() == [
        ["poverty_register", "came", "added"],
        ["poverty_register", "came", "added"],
        ["poverty_register", "changed", "updated"],
        ["poverty_register", "left", "died"],
        ["subsistence_allowance", "left", "stopped"],
    ]
    assert set(found["county_code"]) == {COUNTY}
    assert serials(exports, found["person_id"]) == [1, 1, 2, 3]
    counts = count_changes(exports.project, NEXT)
    assert counts["person_count"].tolist() == [1, 1, 1, 1]


DEADLINES = [
    ("建档立卡人口_2021-01.csv", "2021-02-10", "kept"),
    ("建档立卡人口_2021-01.csv", "2021-02-11", "missed"),
    ("建档立卡人口_2021-01.csv", "2021-01-31", "kept"),
    (f"社会救助_{COUNTY}_2021-01.xlsx", "2021-02-10", "kept"),
    (f"社会救助_{COUNTY}_2021-01.xlsx", "2021-02-11", "missed"),
    ("医保结算_630100_2021-01.csv", "2021-02-15", "kept"),
    ("医保结算_630100_2021-01.csv.gz", "2021-02-16", "missed"),
]


@pytest.mark.parametrize(("file", "day", "state"), DEADLINES)
def test_a_deadline_is_judged(exports: SmallExports, file: str, day: str, state: str) -> None:
    receipts(exports, MONTH, f"{file},{day}")
    take_in(exports.project, MONTH)
    found = judge_deadlines(exports.project, MONTH)
    own = found[found["file_name"].str.split(".").str[0] == file.split(".")[0]]
    assert own["state"].tolist() == [state]
    assert set(found.drop(own.index)["state"]) == {"undetermined"}
    # 45 counties, 8 prefectures, two tables of the province
    assert len(found) == 55


def test_december_is_due_in_january(exports: SmallExports) -> None:
    receipts(exports, "2020-12", "建档立卡户_2020-12.csv,2021-01-10")
    take_in(exports.project, "2020-12")
    found = judge_deadlines(exports.project, "2020-12").set_index("file_name")
    assert found.loc["建档立卡户_2020-12.csv", "state"] == "kept"
    assert set(found["deadline_date"].dt.strftime("%Y-%m")) == {"2021-01"}


def test_of_a_file_sent_twice_the_first_receipt_counts(exports: SmallExports) -> None:
    receipts(exports, MONTH, "建档立卡户_2021-01.csv,2021-02-09")
    receipts(exports, NEXT, "建档立卡户_2021-01.csv,2021-02-20")
    take_in(exports.project, NEXT)
    for month in (MONTH, NEXT):
        found = judge_deadlines(exports.project, MONTH).set_index("file_name")
        assert found.loc["建档立卡户_2021-01.csv", "state"] == "kept", month


def test_the_index_knows_who_was_named_when_and_by_whom(exports: SmallExports) -> None:
    exports.persons(MONTH, person(identity(serial=1)), person(identity(serial=2)))
    exports.settlements(MONTH, settlement("S1", identity(serial=3)))
    exports.settlements(NEXT, settlement("S2", identity(serial=1)))
    exports.settlements(NEXT, settlement("S2", identity(serial=1)), settlement("S3", identity()))
    take_in(exports.project, MONTH)
    before = (exports.project.processed / f"person_index/{MONTH}.parquet").read_bytes()
    assert read_person_index(exports.project, MONTH)["known_to_insurance"].sum() == 1
    take_in(exports.project, NEXT)
    assert (exports.project.processed / f"person_index/{MONTH}.parquet").read_bytes() == before
    found = read_person_index(exports.project, NEXT)
    assert len(found) == 3
    assert found["person_id"].is_monotonic_increasing
    assert set(found["first_month"]) == {MONTH}
    assert found["known_to_insurance"].sum() == 2
    assert found["known_to_rural_revitalisation"].sum() == 2
    assert found["first_table"].value_counts().to_dict() == {
        "registered_persons": 2,
        "settlements": 1,
    }


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html.split("</style>")[-1]))


def test_tables_say_it_in_chinese(month: Month) -> None:
    assert "建档立卡" in words(count_statuses(month).data)
    assert "民政部门" in words(count_deadlines(month).data)
    assert "逾期" in words(list_late_files(month).data)
    assert "西宁市" in words(list_register_changes(month).data)
    assert "湟中区" in words(list_register_changes(month, "630100").data)
    assert words(count_links(month).data)


def test_small_counts_of_changes_are_withheld(month: Month) -> None:
    shown = words(list_register_changes(month).data).split()
    assert not set(map(str, range(1, 10))) & set(shown)


def test_a_link_is_described_by_what_agreed() -> None:
    assert describe_link("name_birth_village") == "姓名、出生日期、村"
