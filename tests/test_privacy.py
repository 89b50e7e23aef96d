"""Whatever shows who a person is, wherever it lies, is found before anything is published."""

import gzip
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from healthmon import pipeline
from healthmon.errors import UserError
from healthmon.intake import take_in
from healthmon.privacy import check_privacy, find_exposed
from healthmon.privacy.persons import Persons, gather_persons
from healthmon.privacy.text import kinds_in
from healthmon.project import Project

from small_exports import SmallExports, household, identity, person

MONTH = "2019-01"
NAME, DOTTED, TELEPHONE, NUMBER = "韩玉兰", "才让·尖措", "10077967485", identity(serial=5)
PERSONS = Persons(
    frozenset({NAME, DOTTED}), frozenset({DOTTED}), frozenset({TELEPHONE}), frozenset({NUMBER})
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    exports = SmallExports(tmp_path)
    exports.households(MONTH, household("H1").replace("13900000001", TELEPHONE))
    names = (NAME, DOTTED, "互助")
    exports.persons(
        MONTH,
        *(person(identity(serial=5 + n)).replace("卓玛", name) for n, name in enumerate(names)),
    )
    take_in(exports.project, MONTH)
    return exports.project


SHOWN = [
    ("an identity number", f"号码{NUMBER}。", {"identity_number"}),
    ("one of somebody unknown", "11010519491231002X", {"identity_number"}),
    ("with a small x", "11010519491231002x", {"identity_number"}),
    ("in groups", "110105 19491231 002X", {"identity_number"}),
    ("full-width", "１１０１０５１９４９１２３１００２Ｘ", {"identity_number"}),
    ("an old number", "110105491231002", {"identity_number"}),
    ("a mobile number", "电话：13812345678", {"telephone_number"}),
    ("in groups with hyphens", "138-1234-5678", {"telephone_number"}),
    ("a telephone number from the register", f"<td>{TELEPHONE}</td>", {"telephone_number"}),
    ("a name in a cell", f"<td>{NAME}</td>", {"name"}),
    ("a name in JSON", f'{{"a": "{NAME}"}}', {"name"}),
    ("a name in JSON, escaped", json.dumps({"a": NAME}), {"name"}),
    ("a name in HTML, escaped", "".join(f"&#{ord(c)};" for c in NAME), {"name"}),
    ("a name after a colon", f"户主：{NAME}，女", {"name"}),
    ("a name with a dot inside a sentence", f"患者{DOTTED}已住院", {"name"}),
    ("a name with another dot", "患者才让•尖措已住院", {"name"}),
    ("all three", f"{NAME} {NUMBER} {TELEPHONE}", {"identity_number", "telephone_number", "name"}),
]


@pytest.mark.parametrize(("text", "kinds"), [c[1:] for c in SHOWN], ids=[c[0] for c in SHOWN])
def test_found_in_a_text(text: str, kinds: set[str]) -> None:
    assert kinds_in(text, PERSONS) == kinds


CLEAN = [
    ("a wrong check character", "110105194912310021"),
    ("no date of birth", "11010519491331002X"),
    ("18 digits of a longer number", f"1{NUMBER}"),
    ("decimals of a number", "0.13812345678"),
    ("digits of a hash", "a13812345678f"),
    ("a number with decimals", "13812345678.25"),
    ("a village code", "630121100208"),
    ("an id", "1214410048144012611"),
    ("an amount", "13,812,345,678"),
    ("a telephone number of nobody on the register", "10012345678"),
    ("a name inside a longer word", f"小{NAME}村"),
    ("a place", "互助县"),
]


@pytest.mark.parametrize("text", [c[1] for c in CLEAN], ids=[c[0] for c in CLEAN])
def test_nothing_is_found_in(text: str) -> None:
    assert kinds_in(text, PERSONS) == set()


def test_places_and_wording_are_no_names(project: Project) -> None:
    persons = gather_persons(project, MONTH)
    assert persons.names == {NAME, DOTTED, "卓玛"}
    assert persons.ordinary == 1


def test_an_untouched_checkout_shows_nobody(project: Project) -> None:
    assert find_exposed(project, MONTH) == []
    check_privacy(project, MONTH)


def write_text(path: Path, value: str) -> None:
    path.write_text(f"first line\n<p>{value}</p>\n", encoding="utf-8")


def write_json(path: Path, value: str) -> None:
    path.write_text(json.dumps({"found": [value]}), encoding="utf-8")


def write_parquet(path: Path, value: str) -> None:
    pd.DataFrame({"code": ["a", "b"], "remark": ["nothing", value]}).to_parquet(path)


def write_gzip(path: Path, value: str) -> None:
    path.write_bytes(gzip.compress(f"remark\n{value}\n".encode()))


def write_workbook(path: Path, value: str) -> None:
    pd.DataFrame({"remark": [value]}).to_excel(path, engine="xlsxwriter", index=False)


def write_notebook(path: Path, value: str) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": [f"{value}\n"]}
    cell = {"cell_type": "code", "source": [], "outputs": [output], "metadata": {}}
    path.write_text(json.dumps({"cells": [cell]}, ensure_ascii=False), encoding="utf-8")


def write_zip(path: Path, value: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", f"remark\n{value}\n")


PLACES = [
    ("data/processed/burden/2019-01.parquet", write_parquet),
    ("data/processed/results/2019-01/facts.json", write_json),
    ("reports/executed/2019-01/index.ipynb", write_notebook),
    ("reports/site/2019-01/index.html", write_text),
    ("reports/site/2019-01/list.csv", write_text),
    ("reports/site/2019-01/list.csv.gz", write_gzip),
    ("reports/site/2019-01/list.xlsx", write_workbook),
    ("reports/site/2019-01/all.zip", write_zip),
    ("reports/site/2019-01/site_libs/data.js", write_json),
]
KINDS = [("identity_number", NUMBER), ("telephone_number", TELEPHONE), ("name", NAME)]


@pytest.mark.parametrize(("kind", "value"), KINDS, ids=[kind for kind, _ in KINDS])
@pytest.mark.parametrize(("place", "write"), PLACES, ids=[place for place, _ in PLACES])
def test_one_planted_is_found(project: Project, place: str, write, kind: str, value: str) -> None:
    path = project.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, value)
    found = find_exposed(project, MONTH)
    assert {(finding.file, finding.kind) for finding in found} == {(place, kind)}
    with pytest.raises(UserError, match="nothing is published") as raised:
        check_privacy(project, MONTH)
    assert value not in str(raised.value)
    assert place in str(raised.value)


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("姓名", ["甲"], "name"),
        ("telephone", ["x"], "telephone_number"),
        ("amount_fen", [int(TELEPHONE)], "number_of_a_person"),
        ("person_id", [int(NUMBER[:17] + "0") if NUMBER.endswith("X") else int(NUMBER)], None),
    ],
)
def test_one_planted_in_a_column_is_found(
    project: Project, column: str, values: list, kind: str | None
) -> None:
    path = project.processed / "burden" / "2019-01.parquet"
    path.parent.mkdir(parents=True)
    pd.DataFrame({column: values}).to_parquet(path)
    expected = [kind] if kind else ["number_of_a_person"] * (not NUMBER.endswith("X"))
    assert [finding.kind for finding in find_exposed(project, MONTH)] == expected


def test_the_pipeline_looks_before_it_publishes(project: Project, tmp_path: Path) -> None:
    site = tmp_path / "making"
    site.mkdir()
    pipeline.check_before_publishing(project, MONTH, site)
    write_text(site / "index.html", NAME)
    with pytest.raises(UserError, match=r"index\.html, line 2: name"):
        pipeline.check_before_publishing(project, MONTH, site)


def test_without_the_vault_names_cannot_be_looked_for(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="run the intake first"):
        find_exposed(SmallExports(tmp_path).project, MONTH)
