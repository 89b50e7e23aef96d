"""Persons in Parquet files: every column of text, and whole numbers that could be theirs."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from healthmon.privacy.persons import Persons
from healthmon.privacy.text import Finding, kinds_in

_OF_PERSONS = {
    "head_name": "name", "person_name": "name", "姓名": "name", "户主姓名": "name",
    "telephone": "telephone_number", "联系电话": "telephone_number",
    "identity_number": "identity_number", "证件号码": "identity_number",
}  # fmt: skip
"""Columns that may not be there, whatever they hold."""
_D, _G = "[0-9０-９]", "[ -]?"
_SUSPECT = (
    # 10 to 12, 15 or 18 digits that do not belong to a longer run; RE2 knows no look-around
    r"(^|[^0-9A-Za-z])"
    rf"({_D}{{3,4}}{_G}{_D}{{4}}{_G}{_D}{{3,4}}|{_D}{{15}}|{_D}{{6}}{_G}{_D}{{8}}{_G}{_D}{{3}}[0-9０-９XxＸｘ])"
    r"($|[^0-9A-Za-z])|\p{Han}"
)
_LEAST = 10**9
"""Shorter whole numbers are nobody's telephone number."""


class ParquetSearch:
    """Search Parquet files; what was looked at in one is not looked at again in the next.

    Parameters
    ----------
    persons : Persons
    """

    def __init__(self, persons: Persons) -> None:
        self._persons = persons
        self._kinds: dict[str, set[str]] = {}
        numbers = {int(n) for n in persons.telephones | persons.numbers if n.isdecimal()}
        self._numbers = np.array(sorted(numbers), np.int64)

    def search(self, path: Path, shown: str) -> list[Finding]:
        """Search a file; each finding names a column and how many rows."""
        schema = pq.read_schema(path)
        texts = [field.name for field in schema if _is_text(field.type)]
        file = pq.ParquetFile(path, read_dictionary=texts)
        found = [
            Finding(shown, f"column {name}", _OF_PERSONS[name])
            for name in schema.names
            if name in _OF_PERSONS
        ]
        for name in texts:
            found += self._search_texts(file.read([name])[name], name, shown)
        for field in schema:
            if pa.types.is_integer(field.type) and _may_be_numbers(file, field.name):
                found += self._search_numbers(file.read([field.name])[field.name], field, shown)
        return found

    def _search_texts(self, column: pa.ChunkedArray, name: str, shown: str) -> Iterator[Finding]:
        found: dict[str, int] = {}
        for chunk in column.chunks:
            # nested or already plain columns come as they are
            encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            suspect = encoded.dictionary.filter(
                pc.match_substring_regex(encoded.dictionary, _SUSPECT)
            )
            for text in suspect.to_pylist():
                if text not in self._kinds:
                    self._kinds[text] = kinds_in(text, self._persons)
                for kind in self._kinds[text]:
                    found[kind] = found.get(kind, 0) + 1
        for kind, count in sorted(found.items()):
            yield Finding(shown, f"column {name}, {count} different values", kind)

    def _search_numbers(
        self, column: pa.ChunkedArray, field: pa.Field, shown: str
    ) -> Iterator[Finding]:
        values = column.drop_null().to_numpy()
        values = values[values >= _LEAST]
        at = np.searchsorted(self._numbers, values)
        at[at == len(self._numbers)] = 0
        count = int((self._numbers[at] == values).sum()) if len(self._numbers) else 0
        if count:
            yield Finding(shown, f"column {field.name}, {count} rows", "number_of_a_person")


def _is_text(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _may_be_numbers(file: pq.ParquetFile, name: str) -> bool:
    """Say whether any whole number in a column is long enough, by its statistics."""
    index = file.schema_arrow.names.index(name)
    groups = [file.metadata.row_group(n).column(index) for n in range(file.num_row_groups)]
    return any(
        group.statistics is None or not group.statistics.has_min_max
        or group.statistics.max >= _LEAST
        for group in groups
    )  # fmt: skip
