"""The divisions that are simulated: real places, residents spread over them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.places import read_places
from healthmon.simulate.settings import Settings
from healthmon.simulate.streams import Streams

HOSPITAL_KINDS = ("乡", "镇", "民族乡")


@dataclass(frozen=True)
class Geography:
    """Places, each table numbered from 0; columns ``county``, ``township`` hold such numbers.

    ``counties``: code, short_name, prefecture_code, weakness (0 well provided, 1 remote),
    household_weight and census columns. ``townships``: only those with a hospital. ``villages``:
    only the monitored ones; ``township`` is the one whose hospital serves it.
    """

    counties: pd.DataFrame
    townships: pd.DataFrame
    villages: pd.DataFrame
    prefectures: tuple[str, ...]


def make_geography(settings: Settings, streams: Streams, scale: float) -> Geography:
    """Choose the places and give them residents.

    Parameters
    ----------
    scale : float
        Share of the townships and villages; every county keeps one of each.
    """
    rng = streams["geography"]
    share = min(scale, 1.0)
    counties = _counties(settings, rng)
    all_villages = _villages(counties, rng)
    all_townships = _townships(counties, all_villages, rng)
    townships = _thin(all_townships, share, round(len(all_townships) * share), rng, ["county"])
    villages = _serve(all_villages, townships, share)
    count = round(len(all_villages) * share)
    villages = _thin(villages, share, count, rng, ["township", "county"])
    codes = tuple(read_places("prefectures")["code"])
    return Geography(counties, townships, villages, codes)


def _counties(settings: Settings, rng: np.random.Generator) -> pd.DataFrame:
    counties = read_places("counties")
    prefecture = counties["prefecture_code"]
    weakness = prefecture.map(settings.table("weakness")).astype(float)
    counties["weakness"] = (weakness + rng.normal(0, 0.07, len(counties))).clip(0.02, 0.98)
    rural = counties["population_2020"] * (1 - counties["urban_share"])
    counties["rural_population"] = np.maximum(rural, counties["n_rural_villages"] * 320.0)
    poor = prefecture.map(settings.table("poverty_weight")).astype(float)
    counties["household_weight"] = (
        counties["rural_population"] * poor / counties["household_size"].clip(2.2, 3.8)
    )
    return counties


def _villages(counties: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    villages = read_places("villages").query("rural == 1").sort_values("code", ignore_index=True)
    number = pd.Series(counties.index, index=counties["code"])
    villages["county"] = villages["county_code"].map(number)
    size = rng.lognormal(0, 0.45, len(villages))
    total = pd.Series(size).groupby(villages["county"]).transform("sum")
    people = villages["county"].map(counties["rural_population"]) * size / total
    villages["residents"] = people.round().clip(lower=40).astype(int)
    return villages


def _townships(
    counties: pd.DataFrame, villages: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    townships = read_places("townships").query("kind in @HOSPITAL_KINDS")
    townships = townships.sort_values("code", ignore_index=True)
    number = pd.Series(counties.index, index=counties["code"])
    townships["county"] = townships["county_code"].map(number)
    rural = villages.groupby("township_code")["residents"].sum()
    seat = np.where(townships["kind"] == "镇", rng.lognormal(7.2, 0.6, len(townships)), 120.0)
    townships["rural_residents"] = townships["code"].map(rural).fillna(0)
    residents = townships["rural_residents"] + seat
    townships["residents"] = residents.round().astype(int)
    weakness = townships["county"].map(counties["weakness"])
    noise = rng.normal(0, 0.12, len(townships))
    townships["weakness"] = (weakness + noise).clip(0.02, 0.98)
    return townships


def _thin(
    places: pd.DataFrame, share: float, total: int, rng: np.random.Generator, by: list[str]
) -> pd.DataFrame:
    """Keep a share of the places, at least one of each group in `by`, inhabited ones first."""
    if share >= 1:
        return places.reset_index(drop=True)
    shuffled = places.iloc[rng.permutation(len(places))]
    if "rural_residents" in shuffled:
        shuffled = shuffled.sort_values("rural_residents", key=lambda r: r == 0, kind="stable")
    first = ~shuffled.duplicated(by)
    rest = shuffled[~first].head(max(0, total - int(first.sum())))
    return pd.concat([shuffled[first], rest]).sort_values("code", ignore_index=True)


def _serve(villages: pd.DataFrame, townships: pd.DataFrame, share: float) -> pd.DataFrame:
    """Give each village the township whose hospital serves it; drop those of no chosen township.

    Villages of streets and parks, which have no hospital, use the first one of their county: all
    of them in the whole province, in a part of it only where the county has no other village.
    """
    number = pd.Series(townships.index, index=townships["code"])
    own = villages["township_code"].map(number)
    first = pd.Series(townships.index, index=townships["county"])
    substitute = villages["county"].map(first[~first.index.duplicated()])
    if share < 1:
        is_without = own.groupby(villages["county"]).transform("count") == 0
        substitute = substitute.where(is_without)
    served = villages.assign(township=own.fillna(substitute)).dropna(subset="township")
    return served.astype({"township": int})
