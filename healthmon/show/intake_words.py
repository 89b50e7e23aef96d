"""Chinese names of the intake's codes: ``params/intake_words.yml``."""

from functools import cache
from pathlib import Path

from healthmon.parameters import Parameters, load_parameters


class IntakeWords(Parameters):
    """Code to its name, by what the code says."""

    problems: dict[str, str]
    reasons: dict[str, str]
    conversions: dict[str, str]


@cache
def load_intake_words(params: Path) -> IntakeWords:
    """Read ``intake_words.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "intake_words.yml", IntakeWords)
