"""What intake, linkage and comparison produced, beside the truth of a simulated run."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.dataset as ds

from healthmon.errors import UserError
from healthmon.exports import Column, load_exports
from healthmon.intake.identity import Pseudonyms, load_key
from healthmon.project import Project

_SUFFIXES = (".csv", ".csv.gz", ".xlsx", ".xls")
_COPY = "(1)"
Place = tuple[str, str | None, int]
"""File, sheet and row."""


def has_planted(project: Project) -> bool:
    """Say whether the exports are simulated and tell what was planted in them."""
    return project.is_simulated and _truth_path(project).is_file()


@dataclass(frozen=True)
class Evidence:
    """The outcome of a run up to a month.

    Parameters
    ----------
    project : Project
    until : str
        Last month taken in.
    differences : DataFrame, optional
        ``comparison`` and ``person_id`` of every difference between departments; without it
        disagreements are not judged.
    grid : DataFrame, optional
        ``county_code``, ``prefecture_code``, ``delivered_month``, ``table``, ``state`` and
        ``is_late``; in months that it does not reach, what only completeness can see is not
        judged.
    """

    project: Project
    until: str
    differences: pd.DataFrame | None = None
    grid: pd.DataFrame | None = None

    @cached_property
    def truth(self) -> pd.DataFrame:
        """What was planted in the months delivered, missing texts as None.

        Raises
        ------
        UserError
            When the months are not simulated.
        """
        if not has_planted(self.project):
            raise UserError("only simulated months tell what was planted in them")
        frame = pd.read_parquet(_truth_path(self.project))
        frame = frame[frame["month"] <= self.until].reset_index(drop=True)
        frame["row"] = frame["row"].astype("Int64")
        return frame.astype(object).where(frame.notna(), None)

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """Rows set aside, with reasons."""
        return self._read("set_aside")

    @cached_property
    def aside_places(self) -> set[Place]:
        """File, sheet and row of every row set aside."""
        return places_of(self.set_aside)

    @cached_property
    def grid_months(self) -> set[str]:
        """Months that the grid of completeness reaches."""
        return set() if self.grid is None else set(self.grid["delivered_month"])

    @cached_property
    def links(self) -> pd.DataFrame | None:
        """Rows linked otherwise than by their own number; None where nothing links."""
        return self._read("links") if (self.project.processed / "links").is_dir() else None

    @cached_property
    def problems(self) -> pd.DataFrame:
        """Problems of whole files: ``file``, ``code``."""
        months = self._manifest["months"].items()
        rows = [p for month, about in months if month <= self.until for p in about["problems"]]
        return pd.DataFrame(rows, columns=["file", "sheet", "table", "code", "message"])

    @cached_property
    def _manifest(self) -> dict:
        path = self.project.processed / "intake.json"
        return json.loads(path.read_text(encoding="utf-8"))

    @cached_property
    def _pseudonyms(self) -> Pseudonyms:
        return Pseudonyms(load_key(self.project), simulated=True)

    def person_id(self, number: str) -> int:
        """Return the id that a right identity number has in the clean tables."""
        return self._pseudonyms.person_id(number)

    def household_id(self, number: str) -> int:
        """Return the id that a household number has in the clean tables."""
        return self._pseudonyms.household_id(number)

    @cached_property
    def _tables(self) -> dict[tuple[str, str | None], str]:
        """Folder, file name without ending, and sheet of every file expected to its table."""
        found = {}
        months = sorted({path.name for path in self.project.raw.glob("????-??")})
        for department in load_exports(self.project.params).values():
            for name, table in department.tables.items():
                for month in months:
                    for file in table.file_names(month):
                        stem = stem_of(f"{month}/{department.folder}/{file}")
                        found[stem, table.sheet] = name
        return found

    def table_of(self, file: str, sheet: str | None) -> str | None:
        """Name the table that a file or sheet holds; None for a workbook of several."""
        stem = stem_of(file)
        if (found := self._tables.get((stem, sheet))) is not None:
            return found
        inside = [name for (known, _), name in self._tables.items() if known == stem]
        return inside[0] if len(inside) == 1 else None

    def column_of(self, table: str, header: str) -> tuple[str, Column] | None:
        """Find a column by its header as written in the list of exports."""
        for department in load_exports(self.project.params).values():
            if table in department.tables:
                columns = department.tables[table].columns.items()
                return next(((n, c) for n, c in columns if c.header == header), None)
        return None

    @cached_property
    def _clean(self) -> dict[tuple[str, str], pd.DataFrame]:
        """Clean rows of the files in which anything was planted, by table and file."""
        places = self.truth[["month", "file", "sheet"]].drop_duplicates()
        wanted: dict[tuple[str, str], set[str]] = {}
        for month, file, sheet in places.itertuples(index=False):
            table = self.table_of(file, sheet)
            path = self.project.processed / str(table) / f"{month}.parquet"
            if path.is_file():
                wanted.setdefault((str(table), month), set()).add(file)
        found = {}
        for (table, month), files in wanted.items():
            path = self.project.processed / table / f"{month}.parquet"
            rows = ds.dataset(path).to_table(filter=pc.field("source_file").isin(sorted(files)))
            frame = rows.to_pandas(types_mapper={rows.schema.field("source_row").type: None}.get)
            for file, part in frame.groupby("source_file"):
                found[table, str(file)] = part.set_index("source_row")
        return found

    def clean_rows(self, file: str, sheet: str | None) -> pd.DataFrame | None:
        """Return the clean rows of a file by their number; None where none was taken."""
        return self._clean.get((str(self.table_of(file, sheet)), file))

    def _read(self, table: str) -> pd.DataFrame:
        paths = sorted((self.project.processed / table).glob("????-??.parquet"))
        parts = [pd.read_parquet(path) for path in paths if path.stem <= self.until]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def places_of(rows: pd.DataFrame) -> set[Place]:
    """Return file, sheet and row of every row set aside or linked."""
    if rows.empty:
        return set()
    sheets = [None if pd.isna(sheet) else sheet for sheet in rows["source_sheet"]]
    return set(zip(rows["source_file"], sheets, rows["source_row"].astype(int), strict=True))


def stem_of(file: str) -> str:
    """Return a file's path without its ending and the mark of a copy."""
    name = next((file.removesuffix(end) for end in _SUFFIXES if file.endswith(end)), file)
    return name.removesuffix(_COPY)


def _truth_path(project: Project) -> Path:
    return project.raw / "truth" / "planted_errors.parquet"
