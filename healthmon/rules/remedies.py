"""The way to the pass line: the smallest sets of changes with which a facility passes."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

import pandas as pd

from healthmon.rules.components import POINT, AllOf, AtLeast, Component, Deductions, Ladder, Scale
from healthmon.rules.standards import ScoreStandard


class Change(NamedTuple):
    """One thing to change: which part of a component, and for counts and rates up to what."""

    component: str
    part: int
    """Place of the condition, deduction or rate in the component."""
    wanted: int | None
    """Count or percent to reach; points to reach for a scale; None where it is yes or no."""


class Remedy(NamedTuple):
    """A smallest set of changes that passes."""

    changes: tuple[Change, ...]
    points: float
    """Total that it surely reaches."""
    by_decree: bool
    """Whether an authority can bring all of it about."""


class _Option(NamedTuple):
    changes: tuple[Change, ...]
    gain: int


def find_remedies(row: pd.Series, standard: ScoreStandard) -> list[Remedy]:
    """Find the smallest sets of changes with which a facility surely passes.

    Parameters
    ----------
    row : Series
        A row of :func:`healthmon.rules.scoring.score_facilities`.

    Returns
    -------
    list of Remedy
        Sets of which no change can be left out, fewest changes first, those within an
        authority's reach before others; empty when the facility surely passes.
        A scale is raised just as far as the other changes of the set leave it necessary.

    References
    ----------
    QH-2: causes are looked into and solved.
    """
    total = _hundredths(row["lowest_points"])
    needed = standard.pass_points * POINT - total
    if needed <= 0:
        return []
    options = [
        list(_options(name, component, row)) for name, component in standard.components.items()
    ]
    found = []
    for combination in product(*options):
        gain = sum(option.gain for option in combination)
        if gain >= needed:
            changes = [change for option in combination for change in option.changes]
            found.append(_fit(changes, total + gain, standard, row))
    return _smallest(found)


def _options(name: str, component: Component, row: pd.Series) -> Iterator[_Option]:
    """List what can be changed in one component, beginning with nothing."""
    yield _Option((), 0)
    full = component.maximum * POINT
    lowest = _hundredths(row[f"{name}_lowest_points"])
    if lowest == full:
        return
    open_parts = int(row[f"{name}_missed"]) | int(row[f"{name}_unknown"])
    parts = [place for place in range(open_parts.bit_length()) if open_parts >> place & 1]
    if isinstance(component, AllOf):
        yield _Option(tuple(Change(name, part, None) for part in parts), full - lowest)
    elif isinstance(component, Deductions):
        for size in range(1, len(parts) + 1):
            for chosen in combinations(parts, size):
                left = sum(component.deductions[p].points for p in parts if p not in chosen)
                gain = full - min(left, component.cap) * POINT - lowest
                if gain > 0:
                    yield _Option(tuple(Change(name, part, None) for part in chosen), gain)
    elif isinstance(component, Ladder):
        yield from _climbs(name, component, row, lowest)
    elif isinstance(component, AtLeast):
        yield _Option(tuple(Change(name, p, component.pct) for p in parts), full - lowest)
    else:
        yield _Option((Change(name, 0, component.maximum),), full - lowest)


def _climbs(name: str, component: Ladder, row: pd.Series, lowest: int) -> Iterator[_Option]:
    """Climb a ladder step by step; deductions beside it are mended or not."""
    off = [d for d in component.deductions if not d.unless.evaluate(row.to_frame().T).surely[0]]
    now = _hundredths(row[f"{name}_lowest_points"])
    steps = [(None, now + sum(d.points for d in off) * POINT)]
    if (int(row[f"{name}_missed"]) | int(row[f"{name}_unknown"])) & 1:
        steps += [(count, points * POINT) for count, points in component.steps.items()]
    for count, reached in steps:
        for mended in (False, True) if off else (False,):
            left = 0 if mended else sum(d.points for d in off) * POINT
            changes = () if count is None else (Change(name, 0, count),)
            if mended:
                changes += tuple(Change(name, 1 + component.deductions.index(d), None) for d in off)
            gain = max(reached - left, 0) - lowest
            if gain > 0 and changes:
                yield _Option(changes, gain)


def _fit(changes: list[Change], reached: int, standard: ScoreStandard, row: pd.Series) -> Remedy:
    """Lower the aim of a scale to what is needed."""
    spare = reached - standard.pass_points * POINT
    fitted = []
    for change in changes:
        component = standard.components[change.component]
        if isinstance(component, Scale):
            now = _hundredths(row[f"{change.component}_lowest_points"])
            give = min(spare // POINT * POINT, component.maximum * POINT - now)
            spare -= give
            change = change._replace(wanted=component.maximum - give // POINT)
        fitted.append(change)
    by_decree = all(standard.components[change.component].by_decree for change in changes)
    return Remedy(tuple(fitted), (standard.pass_points * POINT + spare) / POINT, by_decree)


def _smallest(found: list[Remedy]) -> list[Remedy]:
    """Keep the sets of which nothing can be left out or asked less."""
    found = sorted(found, key=lambda r: (len(r.changes), not r.by_decree, r.points))
    kept: list[Remedy] = []
    for remedy in found:
        wants = {change[:2]: change.wanted or 0 for change in remedy.changes}
        if not any(
            all(wants.get(change[:2], -1) >= (change.wanted or 0) for change in other.changes)
            for other in kept
        ):
            kept.append(remedy)
    return kept


def _hundredths(points: float) -> int:
    return round(float(points) * POINT)
