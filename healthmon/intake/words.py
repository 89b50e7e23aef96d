"""What people write by hand and what it means: ``params/intake.yml``."""

import re
from functools import cache, cached_property
from pathlib import Path

from pydantic import Field

from healthmon.intake.sheet import clean
from healthmon.parameters import Parameters, load_parameters

_SPACES = re.compile(r"\s+")


class Words(Parameters):
    """Words for yes, no and nothing, of totals and notes, units, and when a doubt is said."""

    source: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    blank: tuple[str, ...]
    totals: tuple[str, ...]
    notes: tuple[str, ...]
    money_units: dict[str, int]
    count_units: dict[str, int]
    wrong_month_rows: int = Field(ge=1)
    similar_header: float = Field(gt=0, le=1)
    sheet_columns_share: float = Field(gt=0, le=1)
    returned_months: int = Field(ge=0)

    @cached_property
    def booleans(self) -> dict[str, bool]:
        """Word, as :func:`bare` gives it, to yes or no."""
        return {bare(word): True for word in self.yes} | {bare(word): False for word in self.no}

    @cached_property
    def blanks(self) -> frozenset[str]:
        """Words for nothing, as :func:`bare` gives them."""
        return frozenset(bare(word) for word in self.blank)


@cache
def load_words(params: Path) -> Words:
    """Read ``params/intake.yml``.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "intake.yml", Words)


def bare(text: str) -> str:
    """Return a text in half-width small letters without any spaces, to compare words by."""
    return _SPACES.sub("", clean(text)).casefold()
