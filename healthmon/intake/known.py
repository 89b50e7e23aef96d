"""The persons known up to a month, as far as the rows to be linked may be about them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthmon.intake.linkage import Described, Shares, birth_in_number, compare_numbers
from healthmon.intake.names import normalise_name
from healthmon.intake.ordered import are_in, merge

_BEST_SOURCE = "registered_persons"
_COUNTY_DIGITS = 6
_KEPT = (
    "person_id", "table", "normal", "identity_number", "birth",
    "village_code", "household_id", "county_code",
)  # fmt: skip
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
    _seen: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    _villages: dict[int, str] = field(default_factory=dict)
    _from_register: set[int] = field(default_factory=set)
    _by: dict[str, dict] = field(
        default_factory=lambda: {key: defaultdict(set) for key in ("name", "birth", "household")}
    )

    def add(self, identities: pa.Table) -> None:
        """Add what a month's vault holds, columns as in ``IDENTITIES_SCHEMA``."""
        homes = identities.filter(pc.is_valid(identities["village_code"]))
        self._settle(homes.filter(pc.is_valid(homes["household_id"])))
        rows = identities.filter(pc.is_valid(identities["person_id"]))
        names = _normal_names(rows["name"].combine_chunks())
        self._count(rows, names)
        births = pc.utf8_slice_codeunits(rows["identity_number"], 6, 14)
        kept = pc.or_(
            pc.or_(pc.is_in(names, self.wanted.names), pc.is_in(births, self.wanted.births)),
            pc.is_in(rows["household_id"], self.wanted.households),
        )
        chosen = rows.append_column("normal", names).append_column("birth", births).filter(kept)
        columns = (chosen[key].to_pylist() for key in _KEPT)
        for values in zip(*columns, strict=True):
            self._keep(*values)

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

    def _settle(self, homes: pa.Table) -> None:
        """Note where households live; what a later row says holds."""
        ids, last = np.unique(homes["household_id"].to_numpy()[::-1], return_index=True)
        villages = homes["village_code"].take(pa.array(homes.num_rows - 1 - last))
        self._villages.update(zip(ids.tolist(), villages.to_pylist(), strict=True))

    def _count(self, rows: pa.Table, names: pa.Array) -> None:
        """Count names, places and households of the persons not met before."""
        ids, first = np.unique(rows["person_id"].to_numpy(), return_index=True)
        is_new = ~are_in(ids, self._seen)
        self._seen = merge(self._seen, ids[is_new])
        self.shares.persons = len(self._seen)
        at = pa.array(first[is_new])
        _add(self.shares.names, names.take(at))
        new = rows.take(at)
        _add(self.shares.households, new["household_id"].combine_chunks())
        for place, count in _value_counts(_places(new, self._villages)):
            for digits in (12, 9, 6, 4):
                if place is not None and len(place) >= digits:
                    self.shares.places[place[:digits]] += count

    def _keep(
        self,
        person_id: int,
        table: str,
        name: str,
        number: str,
        birth: str,
        village: str | None,
        home: int | None,
        county: str | None,
    ) -> None:
        is_register = table == _BEST_SOURCE
        if person_id in self._from_register and not is_register:
            return
        if is_register:
            self._from_register.add(person_id)
        person = Described(name, number, birth, village or self.village(home) or county, home)
        old = self.persons.get(person_id)
        if old == person:
            return
        if old is not None:
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
    found = values.value_counts()
    return zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)


def _add(counts: dict, values: pa.Array) -> None:
    for value, count in _value_counts(values):
        if value is not None:
            counts[value] += count
