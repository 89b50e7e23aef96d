"""Data runs one way: a module imports only from its own tier or a lower one."""

import ast
import re
from pathlib import Path

import pytest

import healthmon
from healthmon.project import open_project

PACKAGE = Path(healthmon.__file__).parent
ROOT = open_project().root


def tiers() -> dict[str, int]:
    """Read the tiers from the table in docs/architecture.md, so that page and test agree."""
    rows = re.findall(
        r"^\| (\d) \| (.+?) \|", (ROOT / "docs/architecture.md").read_text("utf-8"), re.M
    )
    return {name: int(tier) for tier, names in rows for name in re.findall(r"`(\w+)`", names)}


TIERS = tiers()
SIDE = {"simulate", "bootstrap", "progress"}
ENTRY = {"__init__", "__main__"}


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The modules of healthmon that a file imports, by their first name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "healthmon":
                names = [f"healthmon.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("healthmon.")}
    return found - {"__version__"}


FILES = sorted(path for path in PACKAGE.rglob("*.py") if module_of(path) not in ENTRY)


def test_every_module_has_a_tier() -> None:
    assert {module_of(path) for path in FILES} - SIDE == set(TIERS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    own = TIERS.get(module_of(path))
    if own is None:
        return
    upward = {name for name in imports(path) if TIERS.get(name, 0) > own}
    assert not upward, f"tier {own} imports {upward}"


def test_nothing_but_the_command_line_imports_the_simulator() -> None:
    users = {module_of(path) for path in FILES if "simulate" in imports(path)} - {"simulate"}
    assert users <= {"cli"}


def test_the_simulator_shares_nothing_with_the_intake() -> None:
    shared = set()
    for path in (PACKAGE / "simulate").rglob("*.py"):
        shared |= imports(path) & {"intake", "exports", "tables", "registers"}
    assert not shared


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_readable(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 330
