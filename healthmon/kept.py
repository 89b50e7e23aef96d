"""Results kept in folders: made whole under another name first, by whoever asks first."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

_FRAME = "frame.parquet"


def keep(folder: Path, write: Callable[[Path], None]) -> Path:
    """Return the folder of a result; `write` fills it when it is not there.

    Parameters
    ----------
    folder : Path
        Named by what the result was made from.
    write : callable
        Called with an empty folder. Linear algebra has one thread in it: results are made side
        by side, and threads that wait for each other's cores take up to ten times as long.
    """
    if folder.is_dir():
        return folder
    making = folder.with_name(f"{folder.name}.making-{os.getpid()}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    with threadpool_limits(limits=1):
        write(making)
    try:
        making.rename(folder)
    except OSError:  # another process was faster; both made the same
        shutil.rmtree(making)
    return folder


def keep_frame(folder: Path, compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Return a table kept as Parquet, computed when it is not there."""

    def write(into: Path) -> None:
        compute().to_parquet(into / _FRAME, index=False)

    return pd.read_parquet(keep(folder, write) / _FRAME)


def keep_frames(
    folder: Path, compute: Callable[[], Mapping[str, pd.DataFrame]]
) -> dict[str, pd.DataFrame]:
    """Return tables by name, each kept as Parquet, computed when they are not there."""

    def write(into: Path) -> None:
        for name, frame in compute().items():
            frame.to_parquet(into / f"{name}.parquet", index=False)

    kept = keep(folder, write)
    return {path.stem: pd.read_parquet(path) for path in sorted(kept.glob("*.parquet"))}


def forget_others(results: Path, fingerprint: str) -> None:
    """Remove results made from something else; for when nobody reads them."""
    for old in results.glob("*-*"):
        if not old.name.endswith(fingerprint):
            shutil.rmtree(old)
