"""Whom to look for: names and telephone numbers from the vault, less what are ordinary words."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow.compute as pc

from healthmon.identities import read_vault
from healthmon.intake.names import normalise_name
from healthmon.places import place_names, read_places
from healthmon.project import Project

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_PLAIN_NAME = r"^\p{Han}+(·\p{Han}+)*$"
_RUNS = re.compile(rf"[{HAN}]{{2,}}")
_WORDING = ("notebooks/*.ipynb", "docs/*.md", "README*.md", "reports/_quarto.yml")
_CODE = ("**/*.py", "**/*.j2", "**/*.html", "**/*.css", "**/*.js")
_PACKAGE = Path(__file__).parents[1]
_PLACE_ENDINGS = re.compile("(省|市|自治州|州|地区|自治县|县|区|街道|镇|民族乡|乡|村|社区)$")


@dataclass(frozen=True)
class Persons:
    """What would show who a person is.

    Parameters
    ----------
    names : frozenset of str
        Normalised, two characters or more, no ordinary words.
    dotted : frozenset of str
        Those with a middle dot, which are looked for inside longer texts, too.
    telephones, numbers : frozenset of str
        As delivered; numbers are found by their check character besides.
    ordinary : int
        How many names are left out because they are words or places, too.
    """

    names: frozenset[str]
    dotted: frozenset[str]
    telephones: frozenset[str]
    numbers: frozenset[str]
    ordinary: int = 0


def gather_persons(project: Project, month: str) -> Persons:
    """Open the vault up to a month and gather whom to look for.

    Raises
    ------
    UserError
        When the vault cannot be opened.
    """
    rows = read_vault(project, month)
    written = pc.unique(rows["name"].drop_null())
    plain = pc.match_substring_regex(written, _PLAIN_NAME)
    names = set(written.filter(plain).to_pylist())
    names |= {normalise_name(name) for name in written.filter(pc.invert(plain)).to_pylist()}
    names = {name for name in names if len(name) > 1}
    words = _ordinary_words(project)
    named = frozenset(names - words)
    return Persons(
        named,
        frozenset(name for name in named if "·" in name),
        frozenset(pc.unique(rows["telephone"].drop_null()).to_pylist()),
        frozenset(pc.unique(rows["identity_number"].drop_null()).to_pylist()),
        len(names) - len(named),
    )


def _ordinary_words(project: Project) -> set[str]:
    """Gather place names and every Chinese word that the repository itself is written with."""
    texts = [path for pattern in _WORDING for path in project.root.glob(pattern)]
    texts += project.params.rglob("*.yml")
    texts += [path for pattern in _CODE for path in _PACKAGE.glob(pattern)]
    words = set(_words_of_places())
    for path in texts:
        # what simulated persons are called is no wording
        if not path.stem.startswith("simulat") and path.parent.name != "simulate":
            words.update(_RUNS.findall(path.read_text("utf-8")))
    return words


@cache
def _words_of_places() -> frozenset[str]:
    """Return the names of divisions, with and without what kind of division they are."""
    levels = ("prefectures", "counties", "townships", "villages")
    names = {name for level in levels for name in read_places(level)["name"]}
    names |= {name for level in levels[:2] for name in place_names(level).values()}
    return frozenset(names | {_PLACE_ENDINGS.sub("", name) for name in names})
