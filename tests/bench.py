"""Measure the whole path: seconds and peak memory of each command, in a scratch checkout.

    make bench                    the whole province
    python tests/bench.py 0.1     a tenth of it

The figures asked for, on 2 cores: simulating under 60 s, intake of everything under 60 s and of
a month on top under 10 s, exports to pages (intake and the rest) under 180 s, all under 4 GB.
Machines differ; nothing fails here.
"""

import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from healthmon.project import open_project

MONTH = "2022-06"
STEPS = {
    "simulate (under 60 s)": ["simulate", "--scale", "{scale}"],
    "intake: all months up to 2022-05 (under 60 s)": ["intake", "2022-05"],
    "intake: a month on top (under 10 s)": ["intake", MONTH],
    "results, notebooks, pages": ["report", MONTH],
    "report again: nothing new": ["report", MONTH],
    "report of an earlier month": ["report", "2021-12"],
}


def main(scale: str) -> None:
    """Run the steps one after the other and print what they took."""
    table = Table("step", "seconds", "peak memory, all processes (GB)", "exit code")
    with tempfile.TemporaryDirectory() as folder:
        home = scratch_checkout(Path(folder))
        for title, arguments in STEPS.items():
            command = [sys.executable, "-m", "healthmon", *arguments, "--home", str(home)]
            seconds, peak, code = measure([part.format(scale=scale) for part in command])
            table.add_row(title, f"{seconds:.1f}", f"{peak / 1e9:.2f}", str(code))
        for name in ("bench_risk.py", "bench_indicators.py"):
            script = Path(__file__).with_name(name)
            subprocess.run([sys.executable, str(script), str(home)], check=False)
    Console().print(table)


def scratch_checkout(folder: Path) -> Path:
    """Copy what a run needs, without data."""
    for name in ("params", "notebooks", "reports"):
        shutil.copytree(
            open_project().root / name,
            folder / name,
            ignore=shutil.ignore_patterns("site", "executed", ".quarto"),
        )
    return folder


def measure(command: list[str]) -> tuple[float, int, int]:
    """Run a command; return seconds, peak memory of it and its children in bytes, exit code.

    Memory is the sum of proportional set sizes (resident where that cannot be read), sampled
    once a second: reading it takes a tenth of a second from the processes read.
    """
    began = time.monotonic()
    process = subprocess.Popen(command)
    peak = [0]
    sampler = threading.Thread(target=sample, args=(process.pid, peak), daemon=True)
    sampler.start()
    code = process.wait()
    return time.monotonic() - began, peak[0], code


def sample(pid: int, peak: list[int]) -> None:
    """Keep the highest memory of a process and its children until it ends."""
    while psutil.pid_exists(pid):
        try:
            root = psutil.Process(pid)
            peak[0] = max(peak[0], sum(memory(p) for p in [root, *root.children(recursive=True)]))
        except psutil.NoSuchProcess:
            return
        time.sleep(1)


def memory(process: psutil.Process) -> int:
    """Return the proportional set size of one process, or what comes nearest."""
    try:
        info = process.memory_full_info()
    except psutil.Error:
        return 0
    return getattr(info, "pss", info.rss)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "1")
