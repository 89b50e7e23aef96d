"""Undone work by county (工作存量): whom nobody treated, contracted, visited or verified yet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import narwhals as nw
import pandas as pd
from pydantic import Field, model_validator

from healthmon.costs.terms import load_cap_terms
from healthmon.deadlines.terms import load_deadline_terms
from healthmon.indicators.disease_lists import load_disease_lists
from healthmon.indicators.engine import FRAMES
from healthmon.indicators.span import Span
from healthmon.month import Month
from healthmon.parameters import Cited, Parameters, load_parameters
from healthmon.places import province_code
from healthmon.project import Project
from healthmon.registers import last_day
from healthmon.rules.expressions import express
from healthmon.rules.indicators import Indicator, load_indicators
from healthmon.rules.inputs import input_words
from healthmon.tables import collect_frame, read_table

_SOURCE = ["source_file", "source_sheet", "source_row"]


class Register(Parameters):
    """The exports in which a row's person or case stands, and by which columns it is found."""

    tables: tuple[str, ...] = Field(min_length=1)
    """The first one that has it counts."""
    by: tuple[str, ...] = Field(min_length=1)


class Sheet(Parameters):
    """One kind of undone work: the backlog of an indicator."""

    title: Cited = Field(max_length=31)
    indicator: Cited
    lists: Literal["undone", "all"] = "undone"
    register_: Register | None = Field(default=None, alias="register")
    columns: tuple[str, ...] = ()


class BacklogTerms(Parameters):
    """Everything in ``params/backlog.yml``."""

    source: Cited
    sheets: dict[str, Sheet] = Field(min_length=1)
    headers: dict[str, str]
    actions: dict[str, str]
    unclassed: Cited
    deadlines_title: Cited = Field(max_length=31)
    stays_title: Cited = Field(max_length=31)
    stays_note: Cited
    teams_title: Cited = Field(max_length=31)

    @model_validator(mode="after")
    def _headed(self) -> "BacklogTerms":
        names = {column for sheet in self.sheets.values() for column in sheet.columns}
        if unknown := names - set(self.headers):
            raise ValueError(f"no header for {', '.join(sorted(unknown))}")
        return self


def load_backlog_terms(params: Path) -> BacklogTerms:
    """Read ``backlog.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "backlog.yml", BacklogTerms)


def list_backlog(month: Month) -> Iterator[tuple[str, pd.DataFrame]]:
    """List what is surely not done at a month's end, one kind of work after the other.

    Parameters
    ----------
    month : Month

    Yields
    ------
    tuple of str and DataFrame
        Title and rows: ``county_code`` (missing where no register states it) and columns of
        ``params/backlog.yml``, the longest undone first.

    Raises
    ------
    ParameterError
        When the file names an indicator that there is not.

    References
    ----------
    SD-2; KF-2 for the deadlines, KF-3 for the stays. What is undetermined is on no list.
    """
    terms = load_backlog_terms(month.project.params)
    indicators = load_indicators(month.project.params)
    span, frames = Span(month.project, month.month, 1), {}
    for sheet in terms.sheets.values():
        indicator = indicators[sheet.indicator]
        if indicator.frame not in frames:
            frames[indicator.frame] = FRAMES[indicator.frame](span)
        rows = collect_frame(_choose(frames[indicator.frame], indicator, sheet))
        yield sheet.title, _describe(rows, sheet, indicator, month, terms)
    yield terms.deadlines_title, _list_deadlines(month)
    yield terms.stays_title, _list_stays(month, terms.stays_note)
    yield terms.teams_title, _list_teams(month)


def _choose(rows: nw.LazyFrame, indicator: Indicator, sheet: Sheet) -> nw.LazyFrame:
    """Keep the rows that count and, unless all are listed, are surely not done."""
    among = rows.filter(express(*indicator.among)) if indicator.among else rows
    return among if sheet.lists == "all" else among.filter(~express(*indicator.counts))


def _describe(
    rows: pd.DataFrame, sheet: Sheet, indicator: Indicator, month: Month, terms: BacklogTerms
) -> pd.DataFrame:
    """Add the county, where the register has each row, and the columns of the sheet."""
    ids = [name for name in ("person_id", "household_id") if name in rows]
    rows = rows.assign(
        place=rows["place_code"], county_code=rows["place_code"].str[:6], clause=_cite(indicator)
    )
    if "waiting_days" in sheet.columns:
        since = pd.to_datetime(rows["verified_date"].fillna(rows["diagnosed_date"]))
        rows["waiting_days"] = (pd.Timestamp(last_day(month.month)) - since).dt.days
    order = [*ids, *(name for name in ("team_code", "disease") if name in rows)]
    rows = rows.sort_values(order)
    if "waiting_days" in sheet.columns:
        rows = rows.sort_values("waiting_days", ascending=False, kind="stable")
    if "action_due" in sheet.columns:
        rows = _say_actions(rows, month.project, terms)
    where: list[str] = []
    if sheet.register_:
        where = _SOURCE
        found = _register_rows(month, sheet.register_, rows["person_id"])
        rows = rows.merge(found, on=list(sheet.register_.by), how="left")
    if "disease" in rows:
        words = input_words(month.project.params)["disease"]
        rows["disease"] = rows["disease"].map(lambda code: words.get(code, code))
    return rows[["county_code", *ids, *sheet.columns, "place", *where, "clause"]]


def _cite(indicator: Indicator) -> str:
    document = f"{indicator.source.document} {indicator.source.clause}"
    return f"{document}（{indicator.binds}以外仅作对照）" if indicator.is_comparison else document


def _say_actions(rows: pd.DataFrame, project: Project, terms: BacklogTerms) -> pd.DataFrame:
    """Write class, action taken and action due of persons without contract (GZ-5)."""
    words = input_words(project.params)
    classes, actions = words["class"], words["action"]
    code = rows["unsigned_class"]
    due = code.map(terms.actions).map(actions).where(code.isin(classes), terms.unclassed)
    taken = rows["unsigned_action"].map(actions)
    return rows.assign(
        unsigned_class=code.map(classes), unsigned_action=taken, action_due=due.mask(due == taken)
    )


def _register_rows(month: Month, register: Register, persons: pd.Series) -> pd.DataFrame:
    """Return where the registers last name each of some persons or their cases."""
    names, parts = load_disease_lists(month.project.params).names(), []
    for table in register.tables:
        columns = [*register.by, *_SOURCE, "change_date", "delivered_month"]
        rows = read_table(month.project, table, month.month, columns=columns)
        rows = rows[rows["person_id"].isin(persons)]
        if table == "major_disease_cases":
            rows["disease"] = rows["disease"].map(lambda name: names.get(name, name))
        rows = rows.sort_values(["change_date", "delivered_month", "source_row"], kind="stable")
        parts.append(rows.drop_duplicates(list(register.by), keep="last"))
    return pd.concat(parts).drop_duplicates(list(register.by))[[*register.by, *_SOURCE]]


def _list_deadlines(month: Month) -> pd.DataFrame:
    """List what is overdue or due soon for households that are still listed (KF-2)."""
    terms, end = load_deadline_terms(month.project.params), pd.Timestamp(last_day(month.month))
    judged = month.deadlines.judged
    soon = end + pd.Timedelta(days=terms.due_soon_days)
    is_open = (judged["state"] == "overdue") | (
        (judged["state"] == "waiting") & (judged["due_date"] <= soon)
    )
    rows = judged[is_open & judged["left_date"].isna()]
    listings = month.deadlines.listings[["household_id", "listed_date", *_SOURCE]]
    rows = rows.merge(listings, on=["household_id", "listed_date"], how="left")
    kinds = input_words(month.project.params)["household_kind"]
    return rows.assign(
        kind=rows["kind"].map(kinds),
        deadline=rows["deadline"].map({key: one.label.zh for key, one in terms.deadlines.items()}),
        days_left=(rows["due_date"] - end).dt.days,
        place=rows["village_code"],
        clause=f"{terms.source.document} {terms.source.clause}（{terms.binds.zh}以外仅作对照）",
    ).sort_values(["days_left", "household_id", "deadline"])[
        ["county_code", "household_id", "kind", "deadline", "listed_date", "due_date",
         "days_left", "place", *_SOURCE, "clause"]
    ]  # fmt: skip


def _list_stays(month: Month, note: str) -> pd.DataFrame:
    """List the stays above the cap that came this month, with what the hospital bears (KF-3)."""
    source, stays = load_cap_terms(month.project.params).source, month.stays
    is_over = (stays["is_capped"] & stays["is_over_cap"]).fillna(False).astype(bool)
    rows = stays[is_over & (stays["delivered_month"] == month.month)]
    where = read_table(
        month.project, "settlements", months=[month.month], columns=["settlement_no", *_SOURCE]
    )
    rows = rows.merge(where, on="settlement_no", how="left")
    levels = input_words(month.project.params)["facility_level"]
    # a hospital elsewhere is asked by the county where the patient lives
    at = rows["facility_county_code"]
    yuan = {
        f"{name}_yuan": rows[f"{column}_fen"] / 100
        for name, column in (
            ("total", "total"), ("out_of_scope", "out_of_scope"), ("excess", "excess_least"),
        )
    }  # fmt: skip
    return rows.assign(
        county_code=at.where(at.str[:2] == province_code()[:2], rows["county_code"]),
        facility_level=rows["facility_level"].map(levels),
        cap_pct=rows["cap_bp"] / 100,
        clause=f"{source.document} {source.clause}（{note}）",
        **yuan,
    ).sort_values(["excess_yuan", "settlement_no"], ascending=[False, True])[
        ["county_code", "settlement_no", "person_id", "facility_code", "facility_level",
         "settled_date", "total_yuan", "out_of_scope_yuan", "cap_pct", "excess_yuan", *_SOURCE,
         "clause"]
    ]  # fmt: skip


def _list_teams(month: Month) -> pd.DataFrame:
    """List every contract team with what it did, those most behind in visits first (GZ-10)."""
    teams = month.team_scores.sort_values(["estimate", "team_code"])
    not_visited = teams["due_count"] - teams["visited_count"] - teams["unknown_count"]
    return teams.assign(
        not_visited_count=not_visited, estimate_pct=(100 * teams["estimate"]).round(1)
    )[
        ["county_code", "team_code", "poor_person_count", "due_count", "visited_count",
         "not_visited_count", "managed_count", "estimate_pct", "answered_count", "valid_count"]
    ]  # fmt: skip
