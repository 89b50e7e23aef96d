"""Who the persons are: the only way back from ids to names, for those who hold the vault's key."""

import pandas as pd
import pyarrow as pa

from healthmon.errors import UserError
from healthmon.intake.people import IDENTITIES_SCHEMA
from healthmon.intake.vault import list_vaults, load_vault_key, unseal
from healthmon.project import Project, check_month

_PERSON = ("person_id", "household_id", "name", "identity_number", "village_code")
_REGISTER = "registered_persons"
_IDS = {"person_id": "Int64", "household_id": "Int64"}


def open_identities(project: Project, month: str) -> pd.DataFrame:
    """Open the vault: names, identity and telephone numbers as last delivered up to a month.

    Parameters
    ----------
    project : Project
    month : str
        Last month delivered that is seen, as in ``2022-06``.

    Returns
    -------
    DataFrame
        One row a person of the poverty register, the assistance lists and the village doctors:
        ``person_id``, ``household_id`` (null outside the register), ``name``,
        ``identity_number``, ``village_code`` (of the household), ``telephone`` and ``head_name``
        (of the household). A household without any known person has a row with null
        ``person_id``. Sorted by household and person.

    Raises
    ------
    UserError
        When `month` is no month, nothing was taken in, the key is not there or is another, or a
        file was changed or cut short.
    """
    rows = read_vault(project, check_month(month)).to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype()}.get
    )
    homes = rows[rows["person_id"].isna() & rows["household_id"].notna()]
    homes = homes.groupby("household_id", as_index=False)[
        ["name", "telephone", "village_code"]
    ].last()
    homes = homes.rename(columns={"name": "head_name", "village_code": "home"})
    persons = rows[rows["person_id"].notna()]
    # the register's word counts before the others'
    persons = persons.assign(rank=persons["table"].eq(_REGISTER)).sort_values("rank", kind="stable")
    persons = persons.drop_duplicates("person_id", keep="last")[list(_PERSON)]
    found = persons.merge(homes, on="household_id", how="outer").astype(_IDS)
    found["village_code"] = found["home"].combine_first(found["village_code"])
    found = found.sort_values(["household_id", "person_id"], ignore_index=True)
    return found[[*_PERSON, "telephone", "head_name"]]


def read_vault(project: Project, month: str) -> pa.Table:
    """Read every row of the vault up to a month, in the order delivered.

    Raises
    ------
    UserError
        As :func:`open_identities`.
    """
    vaults = {m: path for m, path in list_vaults(project).items() if m <= month}
    if not vaults:
        raise UserError(f"{project.identities} holds no vault up to {month}: run the intake first")
    key = load_vault_key(project, make=False)
    opened = [unseal(path.read_bytes(), key, m, path) for m, path in vaults.items()]
    return pa.concat_tables([IDENTITIES_SCHEMA.empty_table(), *opened])
