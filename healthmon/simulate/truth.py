"""What no department knows: written beside the exports, for tests and comparisons alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from healthmon.simulate.breaches import list_breaches
from healthmon.simulate.households import HEAD
from healthmon.simulate.incomes import outcome_table
from healthmon.simulate.world import World


def write_truth(world: World, errors: pd.DataFrame, folder: Path) -> None:
    """Write households, outcomes, planted errors, households on the line, breaches as Parquet."""
    folder.mkdir()
    numbers = world.identity.household_numbers.to_numpy(zero_copy_only=False).astype(object)
    exact = world.exact.assign(household_no=numbers[world.exact["household"]])
    columns = ["household_no", "year", "member_count", "oop_fen"]
    _write(_households(world, numbers), folder / "households.parquet")
    _write(outcome_table(world.outcomes, numbers), folder / "outcomes.parquet")
    _write(errors, folder / "planted_errors.parquet")
    _write(exact[columns], folder / "exact_burden.parquet")
    _write(list_breaches(world), folder / "breaches.parquet")


def _households(world: World, numbers: np.ndarray) -> pd.DataFrame:
    households, persons = world.households, world.persons
    heads = np.bincount(persons.household[persons.relation == HEAD], minlength=len(households))
    return pd.DataFrame(
        {
            "household_no": numbers,
            "village_code": world.places.villages["code"].to_numpy()[households.village],
            "hidden_frailty": households.frailty,
            "person_count": np.bincount(persons.household, minlength=len(households)),
            "has_head": heads > 0,
        }
    )


def _write(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    parquet.write_table(table, path, compression="zstd")
