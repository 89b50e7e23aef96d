"""Kill a run at its n-th change of a file, run again, and compare with an undisturbed run.

A program of its own: it loads everything once and forks a process for each run, so that dozens
of real kills take seconds. Started by ``test_faults.py``; prints what it saw as JSON.
"""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from healthmon.intake import take_in
from healthmon.pipeline import report_month
from healthmon.processes import one_run_at_a_time
from healthmon.progress import Steps
from healthmon.project import Project

_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree"}
_CREATED = datetime(2022, 7, 16, tzinfo=UTC)
_KEPT = ("data/processed", "data/private", "reports/site", "reports/executed")
_IGNORED = re.compile(r"\.lock$|\.lock_holder\.json$")
_RESULT = re.compile(r"(results/[^/]+/[a-z_]+)-[0-9a-f]{12}(?=/)")
"""Results lie under a hash of times and sizes of the clean tables: the times differ."""


def run_intake(project: Project, month: str) -> None:
    """Take in everything up to a month."""
    with one_run_at_a_time(project):
        take_in(project, month)


def run_report(project: Project, month: str) -> None:
    """Publish a month with a fixed date."""
    steps = Steps()
    steps.console.quiet = True
    with one_run_at_a_time(project):
        report_month(
            project, month, steps, simulate=lambda *_: None, publisher="builtin",
            clock=lambda: _CREATED,
        )  # fmt: skip


def snapshot(root: Path) -> dict[str, str]:
    """Hash every file that a run makes."""
    found = {}
    for folder in _KEPT:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and not _IGNORED.search(name):
                digest = hashlib.sha256(_content(path)).hexdigest()
                found[_RESULT.sub(r"\1", name)] = digest
    return found


def _content(path: Path) -> bytes:
    """Read a file without the times and random cell ids that papermill writes into a notebook."""
    data = path.read_bytes()
    if path.suffix != ".ipynb":
        return data
    notebook = json.loads(data)
    notebook["metadata"].pop("papermill", None)
    for cell in notebook["cells"]:
        cell["metadata"].pop("papermill", None)
        cell["metadata"].pop("execution", None)
        cell.pop("id", None)
    return json.dumps(notebook, sort_keys=True).encode()


def watched(run: Callable, root: Path, month: str, kill_at: int, told: Path) -> int:
    """Run in a forked process; kill it at its n-th change (0: never). Return its exit status."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    seen = [0]

    def hook(event: str, arguments: tuple) -> None:
        is_write = event == "open" and isinstance(arguments[1], str) and arguments[1][:1] in "wax"
        if event not in _CHANGES and not is_write:
            return
        if str(root) not in str(arguments[0]):
            return
        seen[0] += 1
        if seen[0] == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        sys.addaudithook(hook)
        run(Project(root), month)
        code = 0
    finally:
        told.write_text(str(seen[0]))
        os._exit(code)


def killed_by_time(run: Callable, root: Path, month: str, seconds: float) -> int:
    """Run in a forked process and kill it from outside after a while."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            run(Project(root), month)
            code = 0
        finally:
            os._exit(code)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def main(what: str, base: str, month: str, count: int, seed: int) -> None:
    """Try kills at `count` points drawn from all, and some after a random time."""
    run = {"intake": run_intake, "report": run_report}[what]
    place = Path(base).parent
    fresh, told = place / "tried", place / "told"

    def renew() -> Path:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(base, fresh)
        return fresh

    begun = time.monotonic()
    status = watched(run, renew(), month, 0, told)
    took = time.monotonic() - begun
    undisturbed, total = snapshot(fresh), int(told.read_text())
    results = {"total": total, "status": status, "files": len(undisturbed), "tried": []}
    draw = random.Random(seed)
    points = sorted(draw.sample(range(1, total + 1), min(count, total)))
    for point in [*points, *(draw.uniform(0.05, 0.95) * took for _ in range(1 + count // 8))]:
        renew()
        is_time = isinstance(point, float)
        killed = (
            killed_by_time(run, fresh, month, point)
            if is_time
            else watched(run, fresh, month, point, told)
        )
        again = watched(run, fresh, month, 0, told)
        after = snapshot(fresh)
        differing = sorted(
            name for name in after.keys() | undisturbed.keys()
            if after.get(name) != undisturbed.get(name)
        )  # fmt: skip
        results["tried"].append(
            {"at": round(point, 2), "by_time": is_time, "killed": os.WIFSIGNALED(killed),
             "again": again, "differing": differing}
        )  # fmt: skip
    print(json.dumps(results))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
