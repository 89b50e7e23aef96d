"""Wording, thresholds and lists of publication: ``params/publish.yml`` as one typed object."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from healthmon.parameters import Parameters, load_parameters


class Disclosure(Parameters):
    """Which counts of persons and households are withheld."""

    threshold: int = Field(gt=1)
    unit: str
    effective_from: date
    source: str


class Site(Parameters):
    """What every page is headed and signed with."""

    province: str
    title: str
    documents: tuple[str, ...]
    contact: str


class Texts(Parameters):
    """Sentences that stand on the pages."""

    simulated: str
    map: str
    withheld: str
    inferred: str
    inferred_note: str


class Page(Parameters):
    """One notebook that becomes a page, or one page for each prefecture."""

    notebook: str
    page: str
    nav: str | None = None
    each: Literal["prefecture"] | None = None
    in_navigation: bool = True
    """Whether the navigation leads there; other pages do where it does not."""


class Lists(Parameters):
    """How long the lists on the pages are."""

    worst_counties: int = Field(gt=0)
    worst_townships: int = Field(gt=0)


class PublishTerms(Parameters):
    """Everything in ``params/publish.yml``."""

    disclosure: Disclosure
    site: Site
    texts: Texts
    pages: tuple[Page, ...] = Field(min_length=1)
    lists: Lists
    map_classes: dict[str, tuple[int, ...]]

    def withheld_note(self) -> str:
        """Say how withheld counts are shown."""
        threshold = self.disclosure.threshold
        return self.texts.withheld.format(below=threshold - 1, threshold=threshold)


@cache
def load_publish_terms(params: Path) -> PublishTerms:
    """Read ``publish.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "publish.yml", PublishTerms)
