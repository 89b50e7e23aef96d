"""Reading the clean tables back, and their dictionary."""

from pathlib import Path

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pytest

from healthmon.errors import UserError
from healthmon.exports import list_tables
from healthmon.intake import take_in
from healthmon.intake.dictionary import render_dictionary
from healthmon.project import open_project
from healthmon.tables import read_table, scan_table, table_schema

from small_exports import SmallExports, person, settlement


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    made = SmallExports(tmp_path)
    for month, number in (("2019-01", "S1"), ("2019-02", "S2"), ("2019-03", "S3")):
        made.settlements(month, settlement(number))
    made.persons("2019-01", person())
    take_in(made.project, "2019-03")
    return made


@pytest.mark.parametrize("until", ["2018-12", "2019-03"], ids=["nothing delivered", "delivered"])
@pytest.mark.parametrize("name", ["settlements", "registered_persons", "set_aside"])
def test_types_are_those_of_the_dictionary(exports: SmallExports, name: str, until: str) -> None:
    schema = scan_table(exports.project, name, until).collect_schema()
    assert not {nw.Int128, nw.Float64} & set(schema.values())
    if name == "settlements":
        assert schema["person_id"] == schema["total_fen"] == nw.Int64
        assert (schema["settled_date"], schema["source_row"]) == (nw.Date, nw.Int32)
    if name == "registered_persons":
        assert (schema["is_disabled"], schema["sex"]) == (nw.Boolean, nw.String)


def test_only_what_was_delivered_by_then_is_seen(exports: SmallExports) -> None:
    def seen(**asked: object) -> list[str]:
        return read_table(exports.project, "settlements", **asked)["settlement_no"].tolist()

    scanned = scan_table(exports.project, "settlements", "2019-02").select("settlement_no")
    assert sorted(scanned.collect("pandas").to_native()["settlement_no"]) == ["S1", "S2"]
    assert seen() == ["S1", "S2", "S3"]
    assert seen(until="2019-02") == ["S1", "S2"]
    assert seen(months=["2019-03", "2019-01"]) == ["S1", "S3"]
    assert seen(until="2019-02", months=["2019-03"]) == []


def test_columns_come_as_asked(exports: SmallExports) -> None:
    frame = read_table(exports.project, "settlements", columns=["total_fen", "visit_type"])
    assert list(frame.columns) == ["total_fen", "visit_type"]


@pytest.mark.parametrize("until", ["2018-12", "2019-03"], ids=["nothing delivered", "delivered"])
def test_missing_stays_missing_in_pandas(exports: SmallExports, until: str) -> None:
    types = read_table(exports.project, "registered_persons", until).dtypes
    assert types["is_disabled"] == pd.BooleanDtype()
    assert types["person_id"] == pd.Int64Dtype()
    assert types["birth_date"].kind == "M"


def test_tables_can_be_joined(exports: SmallExports) -> None:
    persons = scan_table(exports.project, "registered_persons").select("person_id", "sex")
    joined = scan_table(exports.project, "settlements").join(persons, on="person_id", how="inner")
    assert len(joined.collect("pandas").to_native()) == 3


def test_an_unknown_table_or_month_is_refused(exports: SmallExports) -> None:
    with pytest.raises(ValueError, match="no table 'settlement'"):
        scan_table(exports.project, "settlement")
    with pytest.raises(UserError, match="not a month"):
        read_table(exports.project, "settlements", until="2019")


def test_names_and_telephone_numbers_are_in_no_table() -> None:
    for name, table in list_tables(open_project().params).items():
        schema = table_schema(table)
        dropped = {k for k, c in table.columns.items() if c.type in ("name", "telephone")}
        assert not dropped & set(schema.names), name
        assert {"name", "head_name", "telephone"}.isdisjoint(schema.names)
        for key, column in table.columns.items():
            if column.type in ("identity_number", "household_number"):
                assert schema.field(key).type == pa.int64()


def test_the_data_dictionary_is_current() -> None:
    project = open_project()
    on_disk = (project.root / "docs/data-dictionary.md").read_text(encoding="utf-8")
    assert on_disk == render_dictionary(project.params), "run `healthmon docs`"
