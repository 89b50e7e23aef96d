"""Who is at work: one run at a time, and no worker that outlives the run it belongs to."""

import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import connection, parent_process
from pathlib import Path

from filelock import FileLock, Timeout

from healthmon.errors import UserError
from healthmon.project import Project

_PR_SET_PDEATHSIG = 1
_PROC = Path("/proc")


@contextmanager
def one_run_at_a_time(project: Project) -> Iterator[None]:
    """Hold the checkout's lock.

    The lock belongs to the open file: it ends with the process, however that ends. Beside it lies
    a note of who holds it.

    Raises
    ------
    UserError
        When another run holds it: with its process id, since when, and its command where the
        note tells.
    """
    project.processed.mkdir(parents=True, exist_ok=True)
    path = project.processed / ".lock"
    note = path.with_name(".lock_holder.json")
    try:
        with FileLock(path, timeout=0):
            _write_holder(note)
            try:
                yield
            finally:
                note.unlink(missing_ok=True)
    except Timeout:
        raise UserError(
            f"another healthmon run is at work here: {_describe_holder(note)} holds "
            f"{path.relative_to(project.root)}. Wait for it to end"
        ) from None


def end_with_parent() -> None:
    """Let this worker process end when the process that started it does.

    A pool's workers survive a killed parent: they would go on writing into folders that the next
    run clears, and forked ones would keep the lock.
    """
    parent = parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        # the kernel sees to it; a waiting thread would still be there when the worker ends, and
        # libraries then complain on the terminal of what it keeps alive
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:
            os._exit(1)
    else:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _write_holder(note: Path) -> None:
    holder = {
        "pid": os.getpid(),
        "started": _started(os.getpid()),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": " ".join(["healthmon", *sys.argv[1:]]),
    }
    making = note.with_name(f"{note.name}.making")
    making.write_text(json.dumps(holder, ensure_ascii=False), encoding="utf-8")
    making.replace(note)


def _describe_holder(note: Path) -> str:
    """Say who holds the lock; a note left by a run that was killed is not believed."""
    unknown = "a run that has not said who it is"
    try:
        holder = json.loads(note.read_text(encoding="utf-8"))
        pid, started = int(holder["pid"]), holder["started"]
        since, command = str(holder["since"]), str(holder["command"])
    except (OSError, ValueError, KeyError, TypeError):
        return unknown
    if not _is_alive(pid) or _started(pid) != started:
        return unknown
    return f"process {pid}, since {since}, with `{command}`,"


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # signal 0 would end the process there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str | None:
    """Return when a process was started, in the kernel's own count; None where it cannot be told.

    A process id is given out again; with its start it is nobody else's.
    """
    with contextlib.suppress(OSError, IndexError):
        return (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[19]
    return None
