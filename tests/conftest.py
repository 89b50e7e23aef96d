"""Fixtures for all tests: one small simulated province, made once a run, never written to."""

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from healthmon.intake import take_in
from healthmon.month import Month
from healthmon.project import Project, open_project
from healthmon.simulate import simulate

MONTH = "2022-06"


def require(tool: str, found: object) -> None:
    """Skip where a user's machine lacks a tool; fail in CI (HEALTHMON_REQUIRE=all)."""
    if found:
        return
    if os.environ.get("HEALTHMON_REQUIRE") == "all":
        pytest.fail(f"{tool} is required here and was not found")
    pytest.skip(f"{tool} was not found")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the Chromium that the browser tests drive."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    require("chromium", found)
    return found


@pytest.fixture(scope="session")
def checkout() -> Project:
    """The checkout under test: for reading only."""
    return open_project()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, checkout: Project) -> Project:
    """A province at scale 1/50, all months, taken in; shared by all workers, for reading only."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    root = shared / "sample"
    with FileLock(shared / "sample.lock"):
        if not (root / "ready").exists():
            shutil.rmtree(root, ignore_errors=True)
            make_sample(root, checkout)
            (root / "ready").touch()
    return Project(root)


@pytest.fixture(scope="session")
def month(sample: Project) -> Month:
    """The month 2022-06 of the sample."""
    return Month(sample, MONTH)


def make_sample(root: Path, checkout: Project) -> Project:
    """Simulate a small province into a new folder and take it in."""
    for folder in ("params", "notebooks", "reports"):
        shutil.copytree(
            checkout.root / folder,
            root / folder,
            ignore=shutil.ignore_patterns("site", "executed", ".quarto", ".ipynb_checkpoints"),
        )
    project = Project(root)
    simulate(project, scale=0.02)
    take_in(project, MONTH)
    return project
