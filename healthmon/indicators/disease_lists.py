"""The major diseases, the lists they stand on, and since when."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from healthmon.parameters import Cited, Parameters, load_parameters


class DiseaseList(Parameters):
    """One list of major diseases."""

    label: Cited
    source: Cited


class Disease(Parameters):
    """One disease: its other usual names, and since when it stands on which list."""

    aliases: tuple[str, ...] = ()
    since: dict[str, date]
    status: Literal["document", "unverified"]
    """Whether a document names it, or it is entered from common knowledge."""


class DiseaseLists(Parameters):
    """Everything in ``params/major_diseases.yml``."""

    lists: dict[str, DiseaseList]
    diseases: dict[str, Disease]

    @model_validator(mode="after")
    def _told_apart(self) -> "DiseaseLists":
        names = [n for name, one in self.diseases.items() for n in (name, *one.aliases)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two diseases share a name: {', '.join(twice)}")
        unknown = {k for one in self.diseases.values() for k in one.since} - set(self.lists)
        if unknown:
            raise ValueError(f"no such list: {', '.join(sorted(unknown))}")
        return self

    def names(self) -> dict[str, str]:
        """Map every name that is used to the disease's own."""
        return {
            name: disease
            for disease, one in self.diseases.items()
            for name in (disease, *one.aliases)
        }


@cache
def load_disease_lists(params: Path) -> DiseaseLists:
    """Read ``major_diseases.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "major_diseases.yml", DiseaseLists)
