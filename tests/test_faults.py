"""Never half: killed anywhere, out of room, shut out, or two at once.

``HEALTHMON_KILLS`` says at how many points runs are killed (few without it).
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from conftest import require
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from healthmon.intake import take_in
from healthmon.project import Project
from healthmon.simulate import simulate

pytestmark = [
    pytest.mark.faults,
    pytest.mark.xdist_group("faults"),
    pytest.mark.skipif(sys.platform == "win32", reason="kills and forks as on Unix"),
]
KILLS = int(os.environ.get("HEALTHMON_KILLS", "4"))
HERE = Path(__file__).parent
MONTHS = ["2021-12", "2022-01"]


def healthmon(home: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "healthmon", *arguments, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, checkout: Project) -> Project:
    """A month taken in, then delivered anew, and a second that came; few files."""
    root = tmp_path_factory.mktemp("faults") / "base"
    shutil.copytree(checkout.params, root / "params")
    (root / "data").mkdir()
    project = Project(root)
    simulate(project, scale=0.005, months=MONTHS)
    for path in project.raw.glob("*/民政/社会救助_*"):
        if "_630102_" not in path.name:
            path.unlink()
    take_in(project, MONTHS[0])
    path = project.raw / "2021-12/乡村振兴/建档立卡户_2021-12.csv"
    lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8-sig")
    return project


@pytest.fixture
def copy(small: Project, tmp_path: Path) -> Project:
    """A copy of the small project to break."""
    return Project(Path(shutil.copytree(small.root, tmp_path / "copy")))


def kill_and_rerun(what: str, base: Path, month: str, count: int) -> dict:
    command = [sys.executable, str(HERE / "fault_runner.py"), what, str(base), month, str(count)]
    done = subprocess.run([*command, "20220616"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def check(seen: dict) -> None:
    assert seen["status"] == 0
    assert any(one["killed"] for one in seen["tried"])
    assert all(one["again"] == 0 for one in seen["tried"]), seen
    differing = {one["at"]: one["differing"] for one in seen["tried"] if one["differing"]}
    assert not differing


def test_intake_killed_anywhere_leaves_the_next_run_what_an_undisturbed_one_makes(
    small: Project,
) -> None:
    seen = kill_and_rerun("intake", small.root, MONTHS[-1], KILLS)
    assert seen["files"] > 20
    assert seen["total"] > 40
    check(seen)


@pytest.fixture(scope="module")
def reportable(
    small: Project, checkout: Project, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """One plain notebook in place of all pages, published once, its results computed."""
    root = tmp_path_factory.mktemp("report") / "base"
    shutil.copytree(small.root, root)
    shutil.copytree(
        checkout.reports, root / "reports", ignore=shutil.ignore_patterns("site", "executed")
    )
    path = root / "params" / "publish.yml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [one for one in lines if "{ notebook: " not in one or "90_province_report" in one]
    path.write_text("".join(kept), encoding="utf-8")
    template = (root / "params" / "template.yml").read_text("utf-8").splitlines(keepends=True)
    kept = "".join(one for one in template if ": {}" not in one or "90_province" in one)
    (root / "params" / "template.yml").write_text(kept, encoding="utf-8")
    (root / "notebooks").mkdir()
    parameters = new_code_cell('month = "2022-01"', metadata={"tags": ["parameters"]})
    opened = new_code_cell(
        "from healthmon.month import open_month\nlen(open_month(month).register_counts)"
    )
    cells = [new_raw_cell('---\ntitle: "月报"\nlang: zh\n---'), parameters, opened,
             new_markdown_cell("## 说明\n\n模拟数据。")]  # fmt: skip
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / "90_province_report.ipynb")
    done = healthmon(root, "report", MONTHS[-1], "--publisher", "builtin")
    assert done.returncode == 0, done.stderr
    return Project(root)


def test_a_report_killed_anywhere_leaves_the_next_run_what_an_undisturbed_one_makes(
    reportable: Project,
) -> None:
    seen = kill_and_rerun("report", reportable.root, MONTHS[-1], max(KILLS // 4, 1))
    assert any(name.startswith("reports/site/") for name in contents(reportable.root))
    check(seen)


def start_simulation(home: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "healthmon", "simulate", "--scale", "0.02"]
    return subprocess.Popen([*command, "--home", str(home)], stdout=subprocess.DEVNULL)


def wait_for(condition: object, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_the_second_run_says_who_holds_the_lock_since_when_and_with_which_command(
    copy: Project,
) -> None:
    first = start_simulation(copy.root)
    try:
        assert wait_for((copy.processed / ".lock_holder.json").exists)
        before = contents(copy.processed / "registered_persons")
        second = healthmon(copy.root, "intake", MONTHS[-1])
        assert second.returncode == 2
        assert f"process {first.pid}, since 20" in second.stderr
        assert "`healthmon simulate --scale 0.02" in second.stderr
        assert contents(copy.processed / "registered_persons") == before
    finally:
        first.kill()
        first.wait()


def test_a_killed_run_leaves_no_worker_and_no_lock(copy: Project) -> None:
    first = start_simulation(copy.root)
    making = copy.raw.with_name(".raw_simulating")
    assert wait_for(lambda: making.exists() and psutil.Process(first.pid).children())
    workers = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert wait_for(lambda: not any(map(is_running, workers)), 10)
    done = healthmon(copy.root, "intake", MONTHS[-1])
    assert done.returncode == 0, done.stderr
    assert not (copy.processed / ".lock_holder.json").exists()


def is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(None, id="no note"),
        pytest.param("{", id="a note cut short"),
        pytest.param('{"pid": 999999999, "started": "1", "since": "2022", "command": "healthmon"}',
                     id="the note of a process that is gone"),
        pytest.param('{"pid": 1, "started": "-1", "since": "2022", "command": "healthmon old"}',
                     id="the note of another process with the same number"),
    ],
)  # fmt: skip
def test_a_note_left_behind_accuses_nobody(copy: Project, note: str | None) -> None:
    with FileLock(copy.processed / ".lock"):
        if note is not None:
            (copy.processed / ".lock_holder.json").write_text(note, encoding="utf-8")
        done = healthmon(copy.root, "intake", MONTHS[-1])
    assert done.returncode == 2
    assert "a run that has not said who it is" in done.stderr
    assert "2022" not in done.stderr.replace(MONTHS[-1], "")


def in_own_mounts(home: Path, mount: str) -> subprocess.CompletedProcess:
    """Run intake after a mount that nobody else sees; as root, in a namespace of its own."""
    command = f'{mount} && exec "$0" -m healthmon intake {MONTHS[-1]} --home "$1"'
    return subprocess.run(
        ["unshare", "-m", "bash", "-c", command, sys.executable, str(home)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def may_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def test_a_full_disk_is_said_and_the_next_run_makes_it_good(copy: Project) -> None:
    require("unshare with mounts (as root)", may_mount())
    before = contents(copy.processed)
    kept = copy.root / "kept"
    shutil.copytree(copy.processed, kept)
    size = (kept / "intake.json").stat().st_size + 64 * 1024
    mount = (
        f"mount -t tmpfs -o size={size} none '{copy.processed}' && "
        f"cp -a '{kept}/intake.json' '{copy.processed}/'"
    )
    done = in_own_mounts(copy.root, mount)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr
    assert contents(copy.processed) == before


def test_a_folder_that_may_not_be_written_is_said_and_nothing_changes(copy: Project) -> None:
    before = contents(copy.processed)
    if os.geteuid() == 0:
        require("unshare with mounts (as root)", may_mount())
        folder = str(copy.processed)
        done = in_own_mounts(
            copy.root, f"mount --bind '{folder}' '{folder}' && mount -o remount,ro,bind '{folder}'"
        )
    else:
        copy.processed.chmod(0o555)
        done = healthmon(copy.root, "intake", MONTHS[-1])
        copy.processed.chmod(0o755)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(copy.processed) in done.stderr
    assert contents(copy.processed) == before


def test_exports_whose_exchange_was_broken_off_are_put_back(copy: Project) -> None:
    (copy.raw / "notes.txt").write_text("kept", encoding="utf-8")
    copy.raw.rename(copy.raw.with_name(".raw_replaced"))
    simulate(copy, scale=0.005, months=["2021-12"])
    assert (copy.raw / "notes.txt").read_text("utf-8") == "kept"
