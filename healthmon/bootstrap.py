"""Set up ``.venv`` from the lock; uses the standard library alone.

``make`` and ``python -m healthmon`` both come through here, so that a fresh clone needs nothing
but Python 3.11 and a package registry. In a conda environment that has the packages, nothing is
set up. The environment is made anew whenever lock or project change, so that it is exactly
what the lock says.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOOR = (3, 11)
_STAMP = "healthmon.lock"


def environment_python(root: Path = ROOT) -> Path:
    """Return the interpreter of the environment of a checkout, whether it exists or not."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_ready(root: Path = ROOT) -> bool:
    """Say whether ``.venv`` holds what the lock of a checkout asks for."""
    stamp = root / ".venv" / _STAMP
    return stamp.is_file() and stamp.read_text() == _wanted(root)


def runs_here() -> bool:
    """Say whether this interpreter is one to work in: the checkout's own, or conda's."""
    if Path(sys.prefix).resolve() == (ROOT / ".venv").resolve():
        return is_ready()
    in_conda = os.environ.get("CONDA_PREFIX") == sys.prefix
    needed = ("duckdb", "papermill", "typer", "sklearn", "narwhals")
    return in_conda and all(importlib.util.find_spec(name) for name in needed)


def set_up(root: Path = ROOT) -> Path:
    """Make ``.venv`` as the lock says and return its interpreter; nothing to do when it is so."""
    python = environment_python(root)
    if is_ready(root):
        return python
    if sys.version_info < FLOOR:
        _stop(f"healthmon needs Python 3.11 or newer, this is {sys.version.split()[0]}.\n"
              "Choose another one: make PYTHON=python3.12 ...")  # fmt: skip
    _say("Setting up .venv from requirements.lock (once, a few minutes) ...")
    _run([sys.executable, "-m", "venv", "--clear", str(root / ".venv")],
         "no virtual environment could be made; on Debian install python3-venv")  # fmt: skip
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = str(root / "requirements.lock")
    _run([*pip, "--require-hashes", "-r", lock], "packages could not be installed from the lock")
    _run([*pip, "--no-deps", "--no-build-isolation", "-e", str(root)],
         "healthmon itself could not be installed")  # fmt: skip
    # the stamp comes last: a set-up that was interrupted begins anew
    (root / ".venv" / _STAMP).write_text(_wanted(root))
    _say("Set-up done.")
    return python


def _wanted(root: Path) -> str:
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    digest.update((root / "requirements.lock").read_bytes())
    # settings of tools come last in pyproject and install nothing
    project = (root / "pyproject.toml").read_text(encoding="utf-8").partition("\n[tool.")[0]
    digest.update(project.encode())
    return digest.hexdigest()


def _run(command: list[str], problem: str) -> None:
    if subprocess.call(command) != 0:
        _stop(f"Set-up failed: {problem}.\nThe command was: {' '.join(command)}")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _stop(text: str) -> None:
    _say(text)
    raise SystemExit(2)


if __name__ == "__main__":
    set_up()
