"""Divisions and boundaries of the province.

Divisions: National Bureau of Statistics codes as of 2023-06-30. Population: census of
2020-11-01, tabulation by county. Boundaries: simplified, for sketch maps (示意图) only. Sources
and licences are in NOTICE. Codes are text; places are joined on codes, never on names.
"""

import json
from functools import cache
from importlib.resources import files

import pandas as pd

_DATA = files("healthmon.places") / "data"
LEVELS = ("prefectures", "counties", "townships", "villages")


@cache
def _read(name: str) -> pd.DataFrame:
    with (_DATA / f"{name}.csv").open(encoding="utf-8") as file:
        frame = pd.read_csv(file, dtype=str)
    for column in frame.columns:
        if not (column.endswith(("code", "name", "kind", "pinyin")) or column in ("a", "b")):
            frame[column] = pd.to_numeric(frame[column])
    return frame


def read_places(level: str) -> pd.DataFrame:
    """Read the divisions of one level.

    Parameters
    ----------
    level : {"prefectures", "counties", "townships", "villages"}

    Returns
    -------
    DataFrame
        One row a place. ``code`` and ``name`` always; ``prefecture_code``, ``county_code``,
        ``township_code`` where there is one above; ``kind`` for townships and villages; census
        figures (``population_2020`` in persons, shares 0-1) for counties.
    """
    if level not in LEVELS:
        raise ValueError(f"level is one of {LEVELS}")
    return _read(level).copy()


def read_county_adjacency() -> pd.DataFrame:
    """Read the pairs of neighbouring counties: ``a``, ``b``, ``shared_border_km``."""
    return _read("county_adjacency").copy()


@cache
def read_boundaries(level: str) -> dict:
    """Read boundaries as GeoJSON; ``feature["id"]`` is the division code.

    Parameters
    ----------
    level : {"prefectures", "counties"}
    """
    if level not in LEVELS[:2]:
        raise ValueError(f"boundaries exist for {LEVELS[:2]}")
    return json.loads((_DATA / f"{level}.geojson").read_text(encoding="utf-8"))


@cache
def place_names(level: str, short: bool = True) -> dict[str, str]:
    """Map division codes of one level to names, short ones where they exist."""
    frame = _read(level)
    column = "short_name" if short and "short_name" in frame else "name"
    return dict(zip(frame["code"], frame[column], strict=True))


@cache
def province_code() -> str:
    """Return the code of the province."""
    (first,) = {code[:2] for code in _read("prefectures")["code"]}
    return f"{first}0000"
