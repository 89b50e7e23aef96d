"""County maps (示意图): filled outlines on plain axes, so that nothing is ever fetched.

Plotly's own map types ask a server for a world map even with one's own boundaries; polygons on
x/y axes need none, also in JupyterLab and under Quarto.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from healthmon.places import place_names, read_boundaries, read_places
from healthmon.show.charts import MUTED, UNKNOWN, finish_figure
from healthmon.show.disclosure import require_withheld

BELOW = ("#8f3b0c", "#c96a28", "#f0b27a")
"""Classes under a line to reach, worst first."""
ABOVE = ("#bcd6ea", "#6ba3cf", "#235f95")
"""Classes that reach it, best last."""
RISING = ("#f6e7d8", "#f0c59a", "#dd944f", "#b8601d", "#7c3405")
"""Classes of a measure that is worse the higher it is."""
_SQUEEZE = math.cos(math.radians(35.5))
"""Width of a degree of longitude against latitude in the middle of the province."""
_CROWDED_KM2 = 500
"""Counties smaller than this cannot be told apart on the map and get an inset."""


class Classes(NamedTuple):
    """Classes of a map: names and colours, lowest first, and the lower bounds."""

    bounds: Sequence[float]
    names: Sequence[str]
    colours: Sequence[str]


def classes_around(bounds: Sequence[int], pass_points: int) -> Classes:
    """Make classes of points that turn from orange to blue at the pass line.

    Parameters
    ----------
    bounds : sequence of int
        Lower bounds, 0 first.
    pass_points : int
        The pass line, one of the bounds.

    Raises
    ------
    ValueError
        When the pass line is no bound or a side has more classes than colours.
    """
    if pass_points not in bounds:
        raise ValueError(f"the pass line {pass_points} is not a bound of a map class: {bounds}")
    under = [bound for bound in bounds if bound < pass_points]
    over = [bound for bound in bounds if bound >= pass_points]
    if len(under) > len(BELOW) or len(over) > len(ABOVE):
        raise ValueError(f"at most {len(BELOW)} map classes on each side of the pass line")
    ends = [*bounds[1:], None]
    names = [
        f"{low} 分及以上" if end is None else f"{low}–{end - 1} 分"
        for low, end in zip(bounds, ends, strict=True)
    ]
    return Classes(bounds, names, [*BELOW[-len(under) :], *ABOVE[-len(over) :]])


def classes_of_share(values: pd.Series, unit: str = "%") -> Classes:
    """Make up to five classes of equal numbers of counties, bounds rounded to one decimal."""
    known = values.dropna().astype("float64")
    if known.empty:
        return Classes([0.0], [f"0{unit}"], RISING[:1])
    cuts = sorted({math.floor(known.quantile(share) * 10) / 10 for share in (0.2, 0.4, 0.6, 0.8)})
    bounds = [math.floor(known.min() * 10) / 10]
    bounds += [cut for cut in cuts if cut > bounds[0]]
    ends = [*bounds[1:], None]
    names = [
        f"{low:.1f}{unit} 及以上" if end is None else f"{low:.1f}–{end:.1f}{unit}"
        for low, end in zip(bounds, ends, strict=True)
    ]
    return Classes(bounds, names, RISING[-len(bounds) :])


def draw_county_map(
    frame: pd.DataFrame,
    column: str,
    classes: Classes,
    *,
    label: str,
    unit: str,
    missing: str = "分数未定",
    decimals: int = 0,
) -> go.Figure:
    """Draw a map of counties coloured by classes of one measure.

    Parameters
    ----------
    frame : DataFrame
        One row a county with ``county_code``, ``prefecture_code``, ``name`` and `column`; the
        counties of one prefecture give its map, all give that of the province.
    column : str
        The measure; missing values are shown as `missing`.
    label, unit : str
        Name and unit in the hover text.

    Returns
    -------
    Figure
        The figure, without network access whatever shows it.
    """
    rows = require_withheld(frame).set_index("county_code")
    crowded = _find_crowded(rows)
    figure = go.Figure()
    classed = _classify(rows[column], classes, missing)
    counted = pd.Series([name for _, name, _ in classed.values()]).value_counts()
    texts = _hover(rows, column, label, unit, missing, decimals)
    legend: set[str] = set()
    for code, (order, name, colour) in classed.items():
        style = {"fillcolor": colour, "legendrank": order, "name": f"{name}（{counted[name]}）"}
        _add_county(figure, code, texts[code], style, name not in legend, crowded)
        legend.add(name)
    _add_borders(figure, rows, crowded)
    _add_names(figure, rows, crowded)
    said = "、".join(f"{name} {count} 个" for name, count in counted.items())
    alt = f"{label}县级示意图，按县计：{said}。各县数值见表。本图不作划界依据。"
    finish_figure(figure, alt, 500, 560 if crowded else 420, hovermode="closest")
    return _frame_axes(figure, rows, crowded)


def _classify(values: pd.Series, classes: Classes, missing: str) -> dict[str, tuple[int, str, str]]:
    classed = {}
    for code, value in values.sort_index().items():
        if pd.isna(value):
            classed[code] = (len(classes.bounds), missing, UNKNOWN)
            continue
        order = max(sum(value >= bound for bound in classes.bounds) - 1, 0)
        classed[code] = (order, classes.names[order], classes.colours[order])
    return classed


def _hover(
    rows: pd.DataFrame, column: str, label: str, unit: str, missing: str, decimals: int
) -> dict[str, str]:
    prefectures = place_names("prefectures")
    return {
        code: f"<b>{row['name']}</b>（{prefectures[row['prefecture_code']]}）<br>{label}："
        + (missing if pd.isna(row[column]) else f"{float(row[column]):,.{decimals}f}{unit}")
        for code, row in rows.iterrows()
    }


def _add_county(
    figure: go.Figure, code: str, text: str, style: dict, in_legend: bool, crowded: list[str]
) -> None:
    x, y = _outline("counties", code)
    for number in ("", "2") if _reaches(x, y, crowded) else ("",):
        figure.add_scatter(
            x=x, y=y, fill="toself", mode="lines", hoveron="fills", text=text, hoverinfo="text",
            legendgroup=style["name"], showlegend=in_legend and not number,
            line={"color": "white", "width": 0.8}, xaxis=f"x{number}", yaxis=f"y{number}", **style,
        )  # fmt: skip


def _add_borders(figure: go.Figure, rows: pd.DataFrame, crowded: list[str]) -> None:
    for code in sorted(rows["prefecture_code"].unique()):
        x, y = _outline("prefectures", code)
        for number in ("", "2") if _reaches(x, y, crowded) else ("",):
            figure.add_scatter(
                x=x, y=y, mode="lines", hoverinfo="skip", showlegend=False,
                line={"color": "#33414f", "width": 1.4}, xaxis=f"x{number}", yaxis=f"y{number}",
            )  # fmt: skip


def _add_names(figure: go.Figure, rows: pd.DataFrame, crowded: list[str]) -> None:
    """Name prefectures on the province map, counties on a prefecture's and in the inset."""
    counties = read_places("counties").set_index("code").loc[rows.index]
    _add_texts(figure, counties.loc[crowded], "2")
    if len(set(rows["prefecture_code"])) == 1:
        _add_texts(figure, counties.drop(crowded), "")
        return
    labels = {f["id"]: f["properties"]["label"] for f in read_boundaries("prefectures")["features"]}
    columns = ["label_lon", "label_lat"]
    prefectures = pd.DataFrame.from_dict(labels, orient="index", columns=columns)
    _add_texts(figure, prefectures.assign(short_name=place_names("prefectures")), "")


def _add_texts(figure: go.Figure, places: pd.DataFrame, number: str) -> None:
    for place in places.to_dict("records"):
        figure.add_annotation(
            x=place["label_lon"] * _SQUEEZE, y=place["label_lat"], text=place["short_name"],
            showarrow=False, font={"size": 11}, bgcolor="rgba(255,255,255,0.72)", borderpad=1,
            xref=f"x{number}", yref=f"y{number}",
        )  # fmt: skip


def _frame_axes(figure: go.Figure, rows: pd.DataFrame, crowded: list[str]) -> go.Figure:
    """Set the windows: the map, and beside it, on a phone below it, an inset of its crowd."""
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    window = _window("prefectures", sorted(rows["prefecture_code"].unique()))
    figure.update_layout(
        xaxis={**hidden, "range": window[0], "domain": [0, 0.74 if crowded else 1]},
        yaxis={**hidden, "range": window[1], "scaleanchor": "x", "domain": [0, 1]},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "itemclick": False},
    )
    if not crowded:
        return figure
    inset = _window("counties", crowded)
    frame = {"showticklabels": False, "showgrid": False, "ticks": "", "showline": True,
             "mirror": True, "linecolor": "#33414f", "fixedrange": True,
             "constrain": "domain"}  # fmt: skip
    figure.update_layout(
        xaxis2={**frame, "range": inset[0], "domain": [0.77, 1], "anchor": "y2"},
        yaxis2={**frame, "range": inset[1], "domain": [0.3, 0.9], "anchor": "x2",
                "scaleanchor": "x2"},
    )  # fmt: skip
    figure.add_annotation(
        xref="x2 domain", yref="y2 domain", x=0, y=1, xanchor="left", yanchor="bottom",
        text=f"{place_names('prefectures')[crowded[0][:4] + '00']}局部放大", showarrow=False,
        font={"size": 11, "color": MUTED},
    )  # fmt: skip
    narrow = {
        "xaxis.domain": [0, 1], "yaxis.domain": [0.4, 1],
        "xaxis2.domain": [0, 0.6], "yaxis2.domain": [0, 0.33],
    }  # fmt: skip
    figure.layout.meta = {**figure.layout.meta, "narrow_layout": narrow}
    return figure


def _find_crowded(rows: pd.DataFrame) -> list[str]:
    """List the counties too small to be told apart at the scale of the map."""
    areas = read_places("counties").set_index("code")["area_km2"].loc[rows.index]
    return sorted(areas.index[areas < _CROWDED_KM2]) if areas.max() > _CROWDED_KM2 else []


def _reaches(x: list, y: list, crowded: list[str]) -> bool:
    """Whether an outline comes near the inset, so that what lies far away is left out of it."""
    if not crowded:
        return False
    (west, east), (south, north) = _window("counties", crowded)
    xs, ys = ([value for value in values if value is not None] for values in (x, y))
    return min(xs) <= east and max(xs) >= west and min(ys) <= north and max(ys) >= south


def _window(level: str, codes: Sequence[str]) -> tuple[list[float], list[float]]:
    outlines = [_outline(level, code) for code in codes]
    x = [value for xs, _ in outlines for value in xs if value is not None]
    y = [value for _, ys in outlines for value in ys if value is not None]
    pad = 0.03 * (max(x) - min(x))
    return [min(x) - pad, max(x) + pad], [min(y) - pad, max(y) + pad]


def _outline(level: str, code: str) -> tuple[list[float | None], list[float | None]]:
    """Return the rings of a place as one line with gaps."""
    feature = next(f for f in read_boundaries(level)["features"] if f["id"] == code)
    x: list[float | None] = []
    y: list[float | None] = []
    for ring in _rings(feature["geometry"]):
        x += [round(lon * _SQUEEZE, 4) for lon, _ in ring] + [None]
        y += [round(lat, 4) for _, lat in ring] + [None]
    return x[:-1], y[:-1]


def _rings(geometry: dict) -> Iterator[list]:
    polygons = geometry["coordinates"]
    for polygon in [polygons] if geometry["type"] == "Polygon" else polygons:
        yield from polygon
