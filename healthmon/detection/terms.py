"""Kinds of planted errors and what counts as finding them: ``params/detection.yml``."""

from functools import cache
from pathlib import Path

from pydantic import Field

from healthmon.parameters import Label, Parameters, load_parameters


class Kind(Parameters):
    """One kind of error.

    ``problems``: codes in ``intake.json`` that count (none listed: any about the file);
    ``states``: of the grid of completeness; ``comparisons``: between departments.
    """

    label: Label
    problems: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    comparisons: tuple[str, ...] = ()


class DetectionTerms(Parameters):
    """Classes and kinds by name, in the order in which they are shown."""

    classes: dict[str, Label]
    kinds: dict[str, Kind] = Field(min_length=1)


@cache
def load_detection_terms(params: Path) -> DetectionTerms:
    """Read ``params/detection.yml``.

    Raises
    ------
    ParameterError
        Naming line and key of every mistake.
    """
    return load_parameters(params / "detection.yml", DetectionTerms)
