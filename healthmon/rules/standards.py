"""Standards as files: loaded whole, dated and cited, read one way or another."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, model_validator

from healthmon.errors import ParameterError, UserError
from healthmon.parameters import Cited, Label, Parameters, load_parameters
from healthmon.rules.components import Component
from healthmon.rules.conditions import Condition
from healthmon.rules.inputs import input_labels


class Source(Parameters):
    """Where a rule is written."""

    document: Cited
    clause: Cited
    quote: Cited


class Reading(Parameters):
    """Another way to read a silent or unclear clause: what it changes in the standard.

    `changes` is laid over the file: keys of mappings are replaced one by one, null removes a key.
    """

    label: Label
    concerns: Cited
    changes: dict = Field(min_length=1)

    def contradicts(self, other: "Reading") -> bool:
        """Say whether two readings change the same thing, so that only one can be taken."""
        return any(
            mine[: len(theirs)] == theirs[: len(mine)]
            for mine in _paths(self.changes)
            for theirs in _paths(other.changes)
        )


def _paths(changes: dict) -> list[tuple[str, ...]]:
    """List the keys that lead to each change."""
    paths = []
    for key, change in changes.items():
        below = _paths(change) if isinstance(change, dict) and change else [()]
        paths += [(key, *path) for path in below]
    return paths


class Rule(Parameters):
    """What every rule taken from a document states about itself."""

    label: Label
    source: Source
    effective_from: date
    effective_basis: Cited
    readings: dict[str, Reading] = Field(default_factory=dict)


class Standard(Rule):
    """What every standard states about itself."""

    standard: str
    unit: Literal["county", "township", "village", "household"]
    unit_kinds: tuple[str, ...] = ()
    """Kinds of township that the standard is for; all where it is empty."""


class ScoreStandard(Standard):
    """Components that add up to a score, with a pass line."""

    facility_table: str
    eligible: tuple[Condition, ...] = ()
    eligible_reading: str | None = None
    maximum: int = Field(gt=0)
    pass_points: int = Field(gt=0)
    pass_quote: Cited
    components: dict[str, Component]

    @model_validator(mode="after")
    def _adds_up(self) -> "ScoreStandard":
        reached = sum(component.maximum for component in self.components.values())
        if reached != self.maximum:
            raise ValueError(f"the components reach {reached}, the maximum is {self.maximum}")
        if self.pass_points > self.maximum:
            raise ValueError(f"nobody can reach {self.pass_points} of {self.maximum} points")
        return self


class Flag(Parameters):
    """One risk that is flagged when a condition holds."""

    label: Label
    clause: Cited
    quote: Cited
    when: Condition
    inferred: str | None = None
    reading: str | None = None


class FlagStandard(Standard):
    """Flags without a score."""

    flags: dict[str, Flag] = Field(min_length=1)


Kind = TypeVar("Kind", bound=Standard)
AnyRule = TypeVar("AnyRule", bound=Rule)


@cache
def load_standard(
    params: Path, name: str, kind: type[Kind], readings: tuple[str, ...] = ()
) -> Kind:
    """Read one standard.

    Parameters
    ----------
    params : Path
        The ``params`` folder.
    name : str
        Document and standard, as in ``QH/county_hospitals``.
    kind : type
        ScoreStandard, FlagStandard or another model of a standard.
    readings : tuple of str
        Readings to take instead of the default ones, laid over the file in this order.

    Raises
    ------
    ParameterError
        When the file is refused, as it is or with a reading.
    UserError
        When the standard knows no such reading, or two of them contradict each other.
    """
    path = params / "standards" / f"{name}.yml"
    read = load_rule_file(path, kind, readings)
    if isinstance(read, ScoreStandard | FlagStandard):
        _require_known_inputs(read, path, params)
    return read


@cache
def load_rule_file(path: Path, kind: type[AnyRule], readings: tuple[str, ...] = ()) -> AnyRule:
    """Read one file of a rule; see :func:`load_standard`."""
    if readings:  # its readings are checked once
        rule = load_rule_file(path, kind)
    else:
        rule = load_parameters(path, kind)
        _require_sound_readings(rule, path, kind)
    if unknown := [reading for reading in readings if reading not in rule.readings]:
        raise UserError(
            f"{path.name} has no reading {', '.join(unknown)}; "
            f"there are: {', '.join(rule.readings) or 'none'}"
        )
    for one, other in combinations(readings, 2):
        if rule.readings[one].contradicts(rule.readings[other]):
            raise UserError(f"{path.name}: readings {one} and {other} contradict: take one of them")
    overlays = [rule.readings[reading].changes for reading in readings]
    return load_parameters(path, kind, overlays) if overlays else rule


def _require_sound_readings(rule: Rule, path: Path, kind: type[Rule]) -> None:
    """Raise ParameterError where a reading, laid over the file, would be refused.

    The loader's lines are those of the file below the reading; the reading is named beside.
    """
    for key, reading in rule.readings.items():
        try:
            load_parameters(path, kind, [reading.changes])
        except ParameterError as error:
            raise ParameterError(f"{path.name}, reading {key} is refused: {error}") from error


def _require_known_inputs(
    standard: "ScoreStandard | FlagStandard", path: Path, params: Path
) -> None:
    """Raise ParameterError where a standard reads a column that nobody delivers or counts."""
    require_known_names(
        list_inputs(standard), input_labels(params), path, "is in no export and not in inputs.yml"
    )


def require_known_names(
    names: Iterable[str], known: Collection[str], path: Path, what: str
) -> None:
    """Raise ParameterError with file and line of every name that is not known.

    Parameters
    ----------
    what : str
        What is wrong with such a name.
    """
    lines, messages = path.read_text(encoding="utf-8").splitlines(), []
    for name in names:
        if name not in known:
            word = re.compile(rf"\b{re.escape(name)}\b")
            at = next((n for n, line in enumerate(lines, start=1) if word.search(line)), 1)
            messages.append(f"{path.name}, line {at}: '{name}' {what}")
    if messages:
        raise ParameterError("\n".join(messages))


def is_in_force(standard: Rule, month: str) -> bool:
    """Say whether a standard has taken effect by `month` (YYYY-MM)."""
    return month >= standard.effective_from.strftime("%Y-%m")


def require_in_force(standard: Standard, month: str) -> None:
    """Raise UserError when a standard takes effect only after `month` (YYYY-MM)."""
    if not is_in_force(standard, month):
        first = standard.effective_from.strftime("%Y-%m")
        raise UserError(
            f"{standard.label.en} ({standard.source.document} {standard.source.clause}) applies "
            f"from {first}, not yet in {month}: choose {first} or a later month"
        )


def list_inputs(standard: ScoreStandard | FlagStandard) -> list[str]:
    """List the columns that a standard reads."""
    if isinstance(standard, FlagStandard):
        lists: Iterable[list[str]] = (flag.when.inputs() for flag in standard.flags.values())
    else:
        parts = (*standard.components.values(), *standard.eligible)
        lists = (part.inputs() for part in parts)
    return list(dict.fromkeys(name for names in lists for name in names))
