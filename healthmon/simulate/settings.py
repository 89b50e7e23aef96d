"""What the simulated province is shaped by: ``params/simulation.yml``, every value with source."""

from pathlib import Path
from typing import Literal

import numpy as np

from healthmon.errors import ParameterError
from healthmon.parameters import Parameters, load_parameters

Status = Literal["seen", "computed", "memory", "assumed"]
"""``seen`` in a source and ``computed`` from such can be aimed at; ``memory`` (unverified) and
``assumed`` only give the simulation a shape."""


class Fact(Parameters):
    """One value, or a list or table of values, with where it comes from."""

    value: float | list[float] | dict[str, float] | dict[str, list[float]]
    unit: str
    status: Status
    source: str


class Target(Parameters):
    """A published figure that the simulation aims at."""

    aim: float
    label: str
    unit: str
    status: Literal["seen", "computed"]
    source: str
    decimals: int = 0


class Settings(Parameters):
    """Targets and facts by name."""

    targets: dict[str, Target]
    facts: dict[str, Fact]
    words: dict[str, list[str] | dict[str, list[str]]]
    """Lists of words: names of persons, diseases, ethnic groups."""

    def number(self, name: str) -> float:
        """Return a single value."""
        return float(self._value(name, (int, float)))

    def numbers(self, name: str) -> np.ndarray:
        """Return a list of values."""
        return np.array(self._value(name, list), dtype=float)

    def table(self, name: str) -> dict:
        """Return values by key; lists of values become arrays."""
        table = self._value(name, dict)
        return {k: np.array(v, float) if isinstance(v, list) else v for k, v in table.items()}

    def yearly(self, name: str, year: int) -> float:
        """Return the value of a year, the nearest year's where that one is not listed."""
        table = {int(key): value for key, value in self.table(name).items()}
        return table[min(max(year, min(table)), max(table))]

    def list_words(self, name: str) -> list[str]:
        """Return a list of words."""
        return self.words[name]

    def _value(self, name: str, kind: type | tuple) -> object:
        if name not in self.facts:
            raise ParameterError(f"simulation.yml: no fact named {name}")
        value = self.facts[name].value
        if not isinstance(value, kind):
            raise ParameterError(f"simulation.yml: {name} has another form than its use needs")
        return value


def load_settings(params: Path) -> Settings:
    """Read ``params/simulation.yml``.

    Raises
    ------
    ParameterError
        Naming line and key of every mistake.
    """
    return load_parameters(params / "simulation.yml", Settings)
