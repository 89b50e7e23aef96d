"""Progress of long steps: what, how far, how long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Report = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1."""


class Steps:
    """Show the steps of a run, one line each, with a bar where somebody watches."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    @contextmanager
    def step(self, title: str) -> Iterator[Report]:
        """Show one step while it runs; yields the function to report progress with."""
        began = time.monotonic()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as bar:
            task = bar.add_task(title, total=1.0)

            def report(what: str, share: float) -> None:
                bar.update(task, description=f"{title}: {what}", completed=share)

            try:
                yield report
            except BaseException:
                self.console.print(f"[red]✗[/] {title}  {time.monotonic() - began:.1f} s")
                raise
        self.console.print(
            f"[green]✓[/] {title}  {time.monotonic() - began:.1f} s", highlight=False
        )
