"""Tables and headline cards as HTML, for leaders: few lines, plain words, problems marked.

Counts of persons and households come in already withheld, as ``<column>_shown``.
"""

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd
from great_tables import GT, loc, style
from IPython.display import HTML

from healthmon.places import place_names
from healthmon.show.disclosure import MISSING, require_withheld
from healthmon.show.headlines import Card, show_points

STATES = {"pass": "及格", "fail": "不及格", "undetermined": "待定"}
_PROBLEM, _UNKNOWN = "#a8440c", "#566270"

_LOOK = {
    "quarto_disable_processing": True,
    "container_overflow_x": "visible",
    "container_overflow_y": "visible",
    "table_font_size": "0.9375rem",
    "table_font_color": "#1c2733",
    "table_width": "100%",
    "data_row_padding": "7px",
    "column_labels_font_weight": "600",
    "table_border_top_style": "none",
    "table_border_bottom_color": "#9aa5b1",
    "column_labels_border_bottom_color": "#33414f",
    "stub_border_color": "#e4e8ec",
}
"""Options of every table; the frame around it scrolls, not the table."""


def render_cards(cards: Sequence[Card], inferred: str = "推断") -> HTML:
    """Render headline figures as a list of cards."""
    items = []
    for card in cards:
        mark = f' <span class="hm-inferred">{escape(inferred)}</span>' if card.is_inferred else ""
        items.append(
            f'<li class="hm-card hm-{card.tone}"><p class="hm-label">{escape(card.label)}{mark}</p>'
            f'<p class="hm-value">{escape(card.value)}<span class="hm-unit">'
            f"{escape(card.unit)}</span></p>"
            f'<p class="hm-note">{escape(card.note)}</p></li>'
        )
    return HTML(f'<ul class="hm-cards">{"".join(items)}</ul>')


def render_table(
    texts: pd.DataFrame,
    name: str,
    *,
    left: Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    heads: Mapping[str, str] | None = None,
    marks: Mapping[str, Sequence[str]] | None = None,
    section: str | None = None,
    wide: str | None = None,
) -> HTML:
    """Render a frame of texts as a table that scrolls inside its own frame.

    Parameters
    ----------
    texts : DataFrame
        What is shown; column names are the headers, the first column names the row.
    name : str
        Identifier in Latin letters, different for each table of a page.
    left : sequence of str
        Columns of words, set to the left; the others are set as numbers.
    groups : mapping, optional
        Header above several columns.
    heads : mapping, optional
        Column to a shorter header, where the one above it says the rest.
    marks : mapping, optional
        Column to the texts in it that are problems, set in bold orange.
    section : str, optional
        Column whose texts head groups of rows.
    wide : str, optional
        Column of long texts.
    """
    first = texts.columns[0]
    numbers = [c for c in texts.columns[1:] if c not in left and c != section]
    table = (
        GT(texts, rowname_col=first, groupname_col=section, id=f"hm-{name}")
        .tab_stubhead(label=first)
        .cols_align("right", columns=numbers)
        .cols_align("left", columns=list(left))
        # JupyterLab makes all columns equally wide, which cuts off headers
        .tab_options(
            **_LOOK, table_additional_css=f"#hm-{name} .gt_table {{ table-layout: auto; }}"
        )
    )
    if left:
        table = table.tab_style(
            style.css("min-width: 4em;"), loc.body(columns=[c for c in left if c != wide])
        )
    if wide:
        table = table.tab_style(style.css("min-width: 20em;"), loc.body(columns=wide))
    if heads:
        table = table.cols_label(cases=dict(heads))
    for label, columns in (groups or {}).items():
        table = table.tab_spanner(label=label, columns=list(columns))
    for column, problems in (marks or {}).items():
        rows = [number for number, text in enumerate(texts[column]) if text in problems]
        if rows:
            table = table.tab_style(
                style.text(color=_PROBLEM, weight="bold"), loc.body(columns=column, rows=rows)
            )
    return HTML(
        f'<div class="hm-table" role="region" tabindex="0" aria-label="表格，可左右滚动">'
        f"{table.as_raw_html()}</div>"
    )


def county_table(frame: pd.DataFrame, name: str = "counties") -> HTML:
    """Render the comparison of counties (:func:`healthmon.show.bulletin.compare_counties`).

    Counties of several prefectures stand under the names of theirs.
    """
    section = "市州" if len(set(frame["prefecture_code"])) > 1 else None
    people, facilities = _people_texts(frame), _facility_texts(frame)
    points = [
        show_points(low, high)
        for low, high in zip(
            frame["hospital_lowest_points"], frame["hospital_highest_points"], strict=True
        )
    ]
    texts = pd.DataFrame(
        {
            "县": frame["name"],
            "户": people["户"],
            "人": people["人"],
            "得分": points,
            "评定": frame["hospital_state"].map(STATES).fillna(MISSING),
            **{column: facilities[column] for column in facilities},
            **{column: people[column] for column in people.columns[2:]},
        }
    )
    if section:
        texts[section] = frame["prefecture_code"].map(place_names("prefectures"))
    groups = {"建档立卡": ["户", "人"], "县级医院": ["得分", "评定"], **_GROUPS}
    marks = {"评定": [STATES["fail"]]}
    return render_table(texts, name, left=["评定"], groups=groups, marks=marks, section=section)


def prefecture_table(frame: pd.DataFrame, name: str = "prefectures") -> HTML:
    """Render the comparison of prefectures (:func:`.bulletin.compare_prefectures`)."""
    people, facilities = _people_texts(frame), _facility_texts(frame)
    texts = pd.DataFrame(
        {
            "市州": frame["name"],
            "户": people["户"],
            "人": people["人"],
            "县级医院不及格": _parts(frame, "county_fail_count", "county_total_count"),
            **{column: facilities[column] for column in facilities},
            **{column: people[column] for column in people.columns[2:]},
        }
    )
    return render_table(texts, name, groups={"建档立卡": ["户", "人"], **_GROUPS})


def township_table(frame: pd.DataFrame, name: str = "townships") -> HTML:
    """Render township hospitals that do not pass, with reasons."""
    points = [
        show_points(low, high)
        for low, high in zip(frame["lowest_points"], frame["highest_points"], strict=True)
    ]
    texts = pd.DataFrame(
        {
            "乡镇": frame["township_name"],
            "县": frame["county_name"],
            "得分": points,
            "评定": frame["state"].map(STATES),
            "失分原因": frame["reasons"].replace("", MISSING),
            "取分的卫生院": frame["facility_name"].fillna("未报表"),
        }
    )
    left, marks = ["县", "评定", "失分原因", "取分的卫生院"], {"评定": [STATES["fail"]]}
    return render_table(texts, name, left=left, marks=marks, wide="失分原因")


def village_table(
    frame: pd.DataFrame, flags: Mapping[str, str], place: str, name: str = "villages"
) -> HTML:
    """Render villages at risk by place.

    Parameters
    ----------
    frame : DataFrame
        As :func:`healthmon.show.bulletin.count_village_flags`.
    flags : mapping
        Flag to its Chinese header.
    place : str
        Header of the first column.
    """
    columns = {
        **flags,
        "is_flagged": "有风险",
        "undetermined_count": "待定",
        "village_count": "全部村",
    }
    texts = pd.DataFrame(
        {place: frame["name"]} | {zh: _counts(frame[key]) for key, zh in columns.items()}
    )
    groups = {"空白点风险（村数，可重复）": list(flags.values())}
    section = "县" if "township_code" in frame else None
    if section:
        texts[section] = frame["township_code"].str[:6].map(place_names("counties"))
    return render_table(texts, name, groups=groups, section=section)


def method_table(frame: pd.DataFrame, name: str = "methods") -> HTML:
    """Render the comparison of model and rule; a sentence where nothing has been tested yet."""
    if frame.empty:
        return HTML("<p>尚无可以检验的年度，没有可比较的数字。</p>")
    return render_table(frame.rename(columns={"measure": "指标"}), name)


def plain_table(frame: pd.DataFrame, headers: Mapping[str, str], name: str) -> HTML:
    """Render a small frame of texts and numbers under Chinese headers."""
    chosen = require_withheld(frame)[list(headers)].rename(columns=dict(headers))
    return render_table(chosen.map(_text), name)


_GROUPS = {
    "乡镇卫生院": ["不及格／乡镇", "卫生院待定"],
    "村": ["有风险／村", "空白点"],
    "家庭医疗负担": ["规则预警（户）", "占比", "模型预警（户）"],
}


def _people_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the people columns as texts, from the withheld ones."""
    require_withheld(frame)
    return pd.DataFrame(
        {
            "户": frame["household_count_shown"],
            "人": frame["person_count_shown"],
            "规则预警（户）": frame["rule_household_count_shown"],
            "占比": [
                MISSING if pd.isna(rate) else f"{rate:.1f}%" for rate in frame["rule_rate_pct"]
            ],
            "模型预警（户）": frame["model_household_count_shown"],
        }
    )


def _facility_texts(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "不及格／乡镇": _parts(frame, "township_fail_count", "township_total_count"),
            "卫生院待定": _counts(frame["township_undetermined_count"]),
            "有风险／村": _parts(frame, "flagged_village_count", "village_count"),
            "空白点": _counts(frame["blank_village_count"]),
        }
    )


def _parts(frame: pd.DataFrame, part: str, whole: str) -> list[str]:
    return [
        f"{int(some):,}／{int(total):,}"
        for some, total in zip(frame[part], frame[whole], strict=True)
    ]


def _counts(column: pd.Series) -> list[str]:
    return [MISSING if pd.isna(count) else f"{int(count):,}" for count in column]


def _text(value: object) -> str:
    if not isinstance(value, str) and pd.isna(value):
        return MISSING
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
