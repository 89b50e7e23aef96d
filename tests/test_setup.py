"""Set-up: one list of dependencies in three places, an exact lock, and clear refusals."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from healthmon import bootstrap
from healthmon.project import open_project

ROOT = open_project().root
CONDA_NAMES = {"python-duckdb": "duckdb"}
"""Conda's name where it is not PyPI's."""
ONLY_CONDA = {"python", "pip", "quarto"}


def normal(requirement: str) -> str:
    """Write a requirement as PyPI compares names: lower case, one kind of dash."""
    name, bound = re.fullmatch(r"([\w.-]+)\s*(.*)", requirement).groups()
    name = CONDA_NAMES.get(name, name)
    return re.sub(r"[-_.]+", "-", name).lower() + bound


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {normal(r) for r in project["dependencies"] + project["optional-dependencies"]["dev"]}


def test_environment_yml_has_the_same_direct_dependencies() -> None:
    listed = YAML(typ="safe").load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    plain = [item for item in listed if isinstance(item, str)]
    from_pip = next(item["pip"] for item in listed if isinstance(item, dict))
    names = {re.match(r"[\w.-]+", item).group() for item in plain}
    assert names >= ONLY_CONDA
    in_conda = {
        normal(item) for item in plain if re.match(r"[\w.-]+", item).group() not in ONLY_CONDA
    }
    assert in_conda | {normal(item) for item in from_pip if item != "-e ."} == declared()


def test_every_direct_dependency_is_locked_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    blocks = re.findall(r"^([\w.\[\]-]+)==(?:.*\\\n)((?:    --hash=sha256:\w+.*\n?)+)", lock, re.M)
    locked = {re.sub(r"[-_.]+", "-", name.split("[")[0]).lower() for name, _ in blocks}
    assert {re.match(r"[\w-]+", item).group() for item in declared()} <= locked


def test_no_address_is_written_into_the_lock() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text("utf-8")


def test_every_direct_dependency_is_reasoned() -> None:
    page = re.sub(r"[-_.]+", "-", (ROOT / "docs/dependencies.md").read_text("utf-8").lower())
    names = {re.match(r"[\w-]+", item).group() for item in declared()}
    assert not {name for name in names if name not in page}


def test_every_target_of_the_makefile_is_in_help() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.search(r"^\.PHONY: (.+)$", text, re.M).group(1).split())
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    explained = set(re.findall(r"^make (\w[\w-]*)", shown.stdout, re.M))
    assert targets - {"help", "check-lock"} <= explained


def fake_checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").write_text("anything\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return tmp_path


def test_an_interrupted_set_up_is_not_ready(tmp_path: Path) -> None:
    root = fake_checkout(tmp_path)
    (root / ".venv").mkdir()
    assert not bootstrap.is_ready(root)


def test_a_changed_lock_asks_for_a_new_environment(tmp_path: Path) -> None:
    root = fake_checkout(tmp_path)
    (root / ".venv").mkdir()
    (root / ".venv" / "healthmon.lock").write_text(bootstrap._wanted(root))
    assert bootstrap.is_ready(root)
    (root / "requirements.lock").write_text("something else\n")
    assert not bootstrap.is_ready(root)


def test_an_old_python_is_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(bootstrap, "FLOOR", (99, 0))
    with pytest.raises(SystemExit, match="2"):
        bootstrap.set_up(fake_checkout(tmp_path))
    assert "PYTHON=" in capsys.readouterr().err


def test_bootstrap_uses_the_standard_library_alone() -> None:
    # -I -S: no site-packages at all, as on a machine where nothing is installed
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import healthmon.bootstrap as b; b.ROOT"
    assert subprocess.run([sys.executable, "-I", "-S", "-c", code], check=False).returncode == 0
