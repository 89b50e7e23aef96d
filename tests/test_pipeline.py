"""The whole path, and the ways in which it must not go wrong."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock

from healthmon.places import read_places
from healthmon.project import Project

MONTH = "2022-06"


def healthmon(home: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "healthmon", *arguments, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def published(sample: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the sample with the month published, for this module to break."""
    root = tmp_path_factory.mktemp("published")
    shutil.copytree(sample.root, root, dirs_exist_ok=True)
    done = healthmon(root, "report", MONTH, "--publisher", "builtin")
    assert done.returncode == 0, done.stderr
    return Project(root)


def site(project: Project) -> Path:
    return project.reports / "site" / MONTH


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_page_for_the_province_and_each_prefecture(published: Project) -> None:
    pages = {path.name for path in site(published).glob("*.html")}
    codes = read_places("prefectures")["code"]
    assert pages >= {"index.html", *(f"prefecture-{code}.html" for code in codes)}


def test_every_page_says_that_the_data_are_simulated(published: Project) -> None:
    for page in site(published).glob("*.html"):
        assert "模拟数据" in page.read_text("utf-8"), page.name


def test_the_manifest_names_inputs_rules_and_publisher(published: Project) -> None:
    manifest = json.loads((site(published) / "manifest.json").read_text("utf-8"))
    assert str(published.root) not in json.dumps(manifest), "no absolute path"
    assert "built-in" in manifest["publisher"]["name"]
    assert manifest["simulated"]["scale"] == "0.02"
    rules = {rule["file"]: rule["effective_from"] for rule in manifest["rules"]}
    assert rules["standards/QH/county_hospitals.yml"] == "2020-01-01"
    assert rules[f"{MONTH}.yml"] is None
    files = [name for name in manifest["inputs"] if name.startswith(MONTH)]
    # 8 settlements, 8 workbooks of facilities, 45 of civil affairs, 10 tables of the province,
    # and the office's own list of receipts
    assert len(files) == 8 + 8 + 45 + 10 + 1
    workbook = site(published) / f"figures-{MONTH}.xlsx"
    digest = hashlib.sha256(workbook.read_bytes()).hexdigest()
    assert manifest["downloads"] == {workbook.name: digest}
    assert workbook.name in (site(published) / "costs.html").read_text("utf-8")


def test_a_failing_notebook_publishes_nothing_and_is_named(published: Project) -> None:
    before = contents(site(published))
    path = published.notebooks / "90_province_report.ipynb"
    kept = path.read_bytes()
    notebook = nbformat.read(path, 4)
    notebook.cells[4:4] = [nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(notebook, path)
    try:
        done = healthmon(published.root, "report", MONTH, "--publisher", "builtin")
    finally:
        path.write_bytes(kept)
    assert done.returncode == 2
    assert "90_province_report" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(site(published)) == before


def test_a_month_without_exports_is_refused(published: Project) -> None:
    done = healthmon(published.root, "report", "2022-07")
    assert done.returncode == 2
    assert "2022-07" in done.stderr
    assert "2022-06" in done.stderr


def test_a_month_left_out_is_named_and_not_taken_for_nothing(published: Project) -> None:
    missing = published.raw / "2021-07"
    missing.rename(published.raw / "aside")
    try:
        done = healthmon(published.root, "report", MONTH)
    finally:
        (published.raw / "aside").rename(missing)
    assert done.returncode == 2
    assert "2021-07" in done.stderr


def test_a_second_run_says_that_another_is_at_work(published: Project) -> None:
    with FileLock(published.processed / ".lock"):
        done = healthmon(published.root, "intake", MONTH)
    assert done.returncode == 2
    assert "another healthmon run" in done.stderr


def test_a_full_disk_is_said_without_a_traceback(published: Project) -> None:
    # no file may grow beyond 1 KiB: writing fails as on a full disk
    raw = published.raw / "2022-06/乡村振兴/建档立卡户_2022-06.csv"
    kept = raw.read_bytes()
    raw.write_bytes(kept + kept.splitlines(keepends=True)[-1])
    command = (
        f"ulimit -f 2; '{sys.executable}' -m healthmon intake {MONTH} --home '{published.root}'"
    )
    try:
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    finally:
        raw.write_bytes(kept)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Make room" in done.stderr


def test_a_bad_parameter_file_is_refused_before_anything_long(published: Project) -> None:
    path = published.params / "publish.yml"
    kept = path.read_text("utf-8")
    path.write_text(kept.replace("threshold: 10 ", "threshold: ten "), encoding="utf-8")
    try:
        done = healthmon(published.root, "report", MONTH)
    finally:
        path.write_text(kept, encoding="utf-8")
    assert done.returncode == 2
    assert "publish.yml, line 3" in done.stderr
    assert "Intake" not in done.stderr


def test_executed_notebooks_carry_no_path_of_the_machine(published: Project) -> None:
    for path in (published.reports / "executed" / MONTH).glob("*.ipynb"):
        assert str(published.root) not in path.read_text("utf-8"), path.name


@pytest.mark.parametrize("month", ["2022-13", "June", "2022"])
def test_what_is_no_month_is_refused(published: Project, month: str) -> None:
    done = healthmon(published.root, "report", month)
    assert done.returncode == 2
    assert month in done.stderr


def test_a_month_before_the_standards_is_refused_naming_the_first(published: Project) -> None:
    done = healthmon(published.root, "report", "2019-06")
    assert done.returncode == 2
    assert "2020-01" in done.stderr


@pytest.mark.parametrize(
    ("month", "said"),
    [
        pytest.param("2020-06", "规则", id="no outcome year yet: the rule alone"),
        pytest.param("2021-12", "模型", id="one cohort"),
    ],
)
def test_earlier_months_are_published_too(published: Project, month: str, said: str) -> None:
    done = healthmon(published.root, "report", month, "--publisher", "builtin")
    assert done.returncode == 0, done.stderr
    page = published.reports / "site" / month / "index.html"
    assert said in page.read_text("utf-8")
    assert (site(published) / "index.html").exists(), "the other month stays"
