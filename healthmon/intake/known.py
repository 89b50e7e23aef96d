"""The persons known up to a month, as far as the rows to be linked may be about them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from healthmon.intake.linkage import Described, Shares, birth_in_number, compare_numbers
from healthmon.intake.names import normalise_name

_BEST_SOURCE = "registered_persons"
_COUNTY_DIGITS = 6
_PLAIN_NAME = r"^\p{Han}+(·\p{Han}+)*$"


@dataclass(frozen=True)
class Wanted:
    """What the rows to be linked speak of: only persons that share any of it are looked at."""

    names: pa.Array
    births: pa.Array
    households: pa.Array


def wanted_of(rows: Iterable[Described]) -> Wanted:
    """Gather names, birth dates and households from rows."""
    rows = list(rows)
    births = {row.birth for row in rows} | {birth_in_number(row.number) for row in rows}
    return Wanted(
        pa.array(sorted({row.name for row in rows}), pa.string()),
        pa.array(sorted(births - {None}), pa.string()),
        pa.array(sorted({row.household_id for row in rows} - {None}), pa.int64()),
    )


@dataclass
class KnownPersons:
    """Persons met in the vault, month after month.

    Parameters
    ----------
    wanted : Wanted
        Who is kept; shares are counted over everybody.
    """

    wanted: Wanted
    shares: Shares = field(default_factory=Shares)
    persons: dict[int, Described] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)
    _villages: dict[int, str] = field(default_factory=dict)
    _from_register: set[int] = field(default_factory=set)
    _by: dict[str, dict] = field(
        default_factory=lambda: {key: defaultdict(set) for key in ("name", "birth", "household")}
    )

    def add(self, identities: pa.Table) -> None:
        """Add what a month's vault holds, columns as in ``IDENTITIES_SCHEMA``."""
        homes = identities.filter(pc.is_valid(identities["village_code"]))
        homes = homes.filter(pc.is_valid(homes["household_id"]))
        villages = zip(
            homes["household_id"].to_pylist(), homes["village_code"].to_pylist(), strict=True
        )
        self._villages.update(villages)
        rows = identities.filter(pc.is_valid(identities["person_id"]))
        names = _normal_names(rows["name"].combine_chunks())
        self._count(rows, names)
        births = pc.utf8_slice_codeunits(rows["identity_number"], 6, 14)
        kept = pc.or_(
            pc.or_(pc.is_in(names, self.wanted.names), pc.is_in(births, self.wanted.births)),
            pc.is_in(rows["household_id"], self.wanted.households),
        )
        chosen = rows.append_column("normal", names).append_column("birth", births).filter(kept)
        for row in chosen.to_pylist():
            self._keep(row)

    def village(self, household_id: int | None) -> str | None:
        """Return where a household lives, as last stated."""
        return self._villages.get(household_id) if household_id is not None else None

    def candidates(self, row: Described) -> list[int]:
        """List the persons that a row may be about, in ascending order."""
        found = set(self._by["household"].get(row.household_id, ()))
        for birth in {row.birth, birth_in_number(row.number)} - {None}:
            found |= self._by["birth"].get(birth, set())
        found.update(self._namesakes(row))
        return sorted(found)

    def _namesakes(self, row: Described) -> Iterator[int]:
        """Go through those of the same name who are near in number or place."""
        county = row.place[:_COUNTY_DIGITS] if row.place and row.place[4:] != "00" else None
        for person_id in self._by["name"].get(row.name, ()):
            person = self.persons[person_id]
            is_near = county is not None and (person.place or "")[:_COUNTY_DIGITS] == county
            if not is_near and row.number:
                is_near = compare_numbers(row.number, person.number) != "different"
            if is_near:
                yield person_id

    def _count(self, rows: pa.Table, names: pa.Array) -> None:
        """Count names, places and households of the persons not met before."""
        first = []
        for position, person_id in enumerate(rows["person_id"].to_pylist()):
            if person_id not in self._seen:
                self._seen.add(person_id)
                first.append(position)
        self.shares.persons = len(self._seen)
        at = pa.array(first, pa.int64())
        _add(self.shares.names, names.take(at))
        new = rows.take(at)
        _add(self.shares.households, new["household_id"])
        for place, count in _value_counts(_places(new, self._villages)):
            for digits in (12, 9, 6, 4):
                if place is not None and len(place) >= digits:
                    self.shares.places[place[:digits]] += count

    def _keep(self, row: dict) -> None:
        person_id = row["person_id"]
        is_register = row["table"] == _BEST_SOURCE
        if person_id in self._from_register and not is_register:
            return
        if is_register:
            self._from_register.add(person_id)
        home = row["household_id"]
        place = row["village_code"] or self.village(home) or row["county_code"]
        person = Described(row["normal"], row["identity_number"], row["birth"], place, home)
        if (old := self.persons.get(person_id)) is not None:
            self._by["name"][old.name].discard(person_id)
            self._by["household"][old.household_id].discard(person_id)
        self.persons[person_id] = person
        self._by["name"][person.name].add(person_id)
        self._by["birth"][person.birth].add(person_id)
        if home is not None:
            self._by["household"][home].add(person_id)


def _normal_names(names: pa.Array) -> pa.Array:
    """Make names comparable; those of Chinese characters alone are so already."""
    names = pc.fill_null(names, "")
    odd = pc.invert(pc.match_substring_regex(names, _PLAIN_NAME))
    written = names.filter(odd).dictionary_encode()
    normal = [normalise_name(name) for name in written.dictionary.to_pylist()]
    return pc.replace_with_mask(names, odd, pa.array(normal, pa.string()).take(written.indices))


def _places(rows: pa.Table, villages: dict[int, str]) -> pa.Array:
    """Return the finest place known of each row."""
    homes = rows["household_id"].combine_chunks().dictionary_encode()
    known = pa.array([villages.get(home) for home in homes.dictionary.to_pylist()], pa.string())
    return pc.coalesce(
        rows["village_code"].combine_chunks(),
        known.take(homes.indices),
        rows["county_code"].combine_chunks(),
    )


def _value_counts(values: pa.Array) -> Iterator[tuple[str | int | None, int]]:
    for item in values.value_counts().to_pylist():
        yield item["values"], item["counts"]


def _add(counts: dict, values: pa.Array | pa.ChunkedArray) -> None:
    for value, count in _value_counts(values):
        if value is not None:
            counts[value] += count
