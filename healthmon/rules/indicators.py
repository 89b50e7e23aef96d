"""Indicators as files: who counts, who of them is done, the target, and where it is written."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from healthmon.errors import ParameterError
from healthmon.parameters import Cited, Label, Parameters, load_parameters
from healthmon.rules.conditions import Condition
from healthmon.rules.standards import Rule, load_rule_file, require_known_names

Group = Literal["major_diseases", "family_doctors", "costs", "caps", "deadlines"]


class FactFrame(Parameters):
    """One kind of row that is counted, and what is known of each."""

    label: Label
    tables: tuple[str, ...] = Field(min_length=1)
    facts: dict[str, Label] = Field(min_length=1)


class _Facts(Parameters):
    frames: dict[str, FactFrame]


class Sums(Parameters):
    """Amounts that are added up where rows are not counted: columns in fen."""

    numerator: Cited
    denominator: Cited


class Parts(Parameters):
    """A fact by whose values the indicator is shown apart."""

    fact: Cited
    labels: dict[str, Label] = Field(min_length=1)


class Target(Parameters):
    """What is asked for, and where that is written."""

    pct: int = Field(ge=0, le=100)
    basis: Cited
    is_inferred: bool = False


class Indicator(Rule):
    """One indicator: rows of a frame that count, and those of them that are done.

    ``among`` and ``counts`` hold where all their conditions hold. A row of which it is not known
    whether it is done, or whether it counts at all, is undetermined.
    """

    indicator: Cited
    group: Group
    clause_ids: tuple[str, ...] = Field(min_length=1)
    binds: Cited
    """Where the document applies; elsewhere the indicator is a comparison."""
    is_comparison: bool = False
    frame: Cited
    among: tuple[Condition, ...] = ()
    counts: tuple[Condition, ...] = ()
    sums: Sums | None = None
    parts: Parts | None = None
    target: Target | None = None
    direction: Literal["more", "less"]
    periodicity: Literal["monthly", "two_monthly", "quarterly"]
    backlog: Label
    reading: str | None = None

    @model_validator(mode="after")
    def _counts_or_adds(self) -> "Indicator":
        if bool(self.counts) == (self.sums is not None):
            raise ValueError("an indicator either counts rows ('counts') or adds up ('sums')")
        return self

    def inputs(self) -> list[str]:
        """List the facts that it reads."""
        names = [name for part in (*self.among, *self.counts) for name in part.inputs()]
        names += [self.sums.numerator, self.sums.denominator] if self.sums else []
        names += [self.parts.fact] if self.parts else []
        return list(dict.fromkeys(names))


@cache
def load_facts(params: Path) -> dict[str, FactFrame]:
    """Read what is known of each kind of row.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "facts.yml", _Facts).frames


@cache
def load_indicators(params: Path) -> dict[str, Indicator]:
    """Read all indicators, by name.

    Parameters
    ----------
    params : Path
        The ``params`` folder.

    Raises
    ------
    ParameterError
        When a file is refused, is not named as its indicator, or reads a fact that no row has.
    """
    paths = sorted((params / "indicators").glob("*.yml"))
    return {path.stem: load_indicator(params, path.stem) for path in paths}


def load_indicator(params: Path, name: str, readings: tuple[str, ...] = ()) -> Indicator:
    """Read one indicator, in the default readings or with others laid over.

    Raises
    ------
    ParameterError
        As :func:`load_indicators`.
    UserError
        When there is no such reading, or two contradict each other.
    """
    path = params / "indicators" / f"{name}.yml"
    indicator = load_rule_file(path, Indicator, readings)
    if indicator.indicator != name:
        raise ParameterError(f"{path.name}: the file is not named as its indicator")
    frames = load_facts(params)
    require_known_names([indicator.frame], frames, path, "is no frame of facts.yml")
    facts = frames[indicator.frame].facts
    require_known_names(
        indicator.inputs(), facts, path, f"is no fact of '{indicator.frame}' in facts.yml"
    )
    return indicator
