"""How major-disease cases are written down: names other than the list's, plans that are lacking."""

import numpy as np
import pandas as pd

from healthmon.simulate.geography import Geography
from healthmon.simulate.households import Households, Persons
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams


def case_words(settings: Settings) -> list[str]:
    """List all names that cases are written under: the list's, other usual ones, unlisted ones."""
    usual = settings.words["major_disease_other_names"]
    names = [
        *settings.list_words("major_diseases"),
        *(name for one in usual.values() for name in one),
    ]
    return [*names, *settings.list_words("diseases_on_no_list")]


def write_up(
    settings: Settings,
    streams: Streams,
    places: Geography,
    households: Households,
    persons: Persons,
    cases: pd.DataFrame,
) -> pd.DataFrame:
    """Add to each case the name it is written under and whether there is a plan for the person.

    Returns
    -------
    DataFrame
        With ``word`` (place in `case_words`), ``is_on_a_list`` (whatever name it has) and
        ``has_plan`` (一人一策).
    """
    rng = streams["case_files"]
    other, unlisted = settings.numbers("case_names")
    u, v = rng.random((2, len(cases)))
    words = case_words(settings)
    listed = settings.list_words("major_diseases")
    word = cases["disease"].to_numpy().astype(np.int64)
    for name, usual in settings.words["major_disease_other_names"].items():
        rows = np.flatnonzero((word == listed.index(name)) & (u < other))
        word[rows] = [words.index(usual[row % len(usual)]) for row in rows]
    first = len(words) - len(settings.list_words("diseases_on_no_list"))
    rows = rng.permutation(len(cases))[: max(1, round(unlisted * len(cases)))]
    word[rows] = rng.integers(first, len(words), len(rows))
    person = cases["person"].to_numpy()
    weakness = places.counties["weakness"].to_numpy()[households.county[persons.household[person]]]
    lacking = settings.number("cases_without_plan") * weakness
    return cases.assign(word=word, is_on_a_list=word < first, has_plan=v >= lacking)
