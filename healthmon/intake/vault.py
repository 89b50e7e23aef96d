"""The vault: names, identity and telephone numbers, apart from everything else and encrypted.

Each month delivered has one file in ``data/private/identities``. It is sealed with AES-SIV under
a key of its own, so that who may read the clean tables can still not tell who anybody is.

References
----------
RFC 5297, Synthetic Initialization Vector authenticated encryption using AES: the same content
gives the same bytes, so that a repeated run can be held against the first; a changed byte, another
month's file or another key is noticed.
"""

import hashlib
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from healthmon.errors import UserError
from healthmon.intake.people import IDENTITIES_SCHEMA
from healthmon.intake.secret_keys import VAULT_KEY_VARIABLE, SecretKey
from healthmon.project import Project

VAULT_KEY = SecretKey("vault.key", VAULT_KEY_VARIABLE)
DEMONSTRATION_VAULT_KEY = b"healthmon: published vault key, for simulated persons only"
_MAGIC = b"healthmon vault 1\n"
_TAG_BYTES = 16


def load_vault_key(project: Project, *, make: bool = True) -> bytes:
    """Return the key of the vault: the published one for simulated data, else the secret one.

    The secret key is the file that ``HEALTHMON_VAULT_KEY_FILE`` names, or
    ``~/.config/healthmon/vault.key``, which the first intake makes. Lost, the vault stays shut;
    a new intake of the raw exports fills it again.

    Parameters
    ----------
    make : bool
        Whether a missing key may be made.

    Raises
    ------
    UserError
        When the file is missing, too short, a link, or can be read or changed by others.
    """
    return DEMONSTRATION_VAULT_KEY if project.is_simulated else VAULT_KEY.load(make=make)


def vault_path(project: Project, month: str) -> Path:
    """Return where the vault of a month lies."""
    return project.identities / f"{month}.vault"


def list_vaults(project: Project) -> dict[str, Path]:
    """Return month to the file of its vault, oldest first."""
    return {path.stem: path for path in sorted(project.identities.glob("????-??.vault"))}


def seal(identities: pa.Table, key: bytes, month: str) -> bytes:
    """Return the bytes of a month's vault; the same table, key and month give the same."""
    buffer = io.BytesIO()
    pq.write_table(
        identities.combine_chunks(),
        buffer,
        compression="zstd",
        use_dictionary=["table", "village_code", "county_code", "name"],
        row_group_size=1 << 17,
        store_schema=False,
    )
    return _MAGIC + _cipher(key).encrypt(buffer.getvalue(), _about(month))


def unseal(sealed: bytes, key: bytes, month: str, where: Path) -> pa.Table:
    """Open the bytes of a month's vault.

    Raises
    ------
    UserError
        When it is no vault, was cut short or changed, is another month's, or the key is another.
    """
    again = "run the intake of that month again (healthmon intake) with the right key"
    if not sealed.startswith(_MAGIC) or len(sealed) <= len(_MAGIC) + _TAG_BYTES:
        raise UserError(f"{where} is no vault, or was cut short: {again}")
    try:
        content = _cipher(key).decrypt(sealed[len(_MAGIC) :], _about(month))
    except InvalidTag:
        raise UserError(
            f"{where} does not open: it was changed or cut short, belongs to another month, or "
            f"was made with another key ({VAULT_KEY_VARIABLE}); {again}"
        ) from None
    return pq.read_table(io.BytesIO(content), schema=IDENTITIES_SCHEMA)


def _cipher(key: bytes) -> AESSIV:
    # 64 bytes for AES-256 and CMAC, whatever the length of the key file
    return AESSIV(hashlib.sha512(b"healthmon vault\0" + key).digest())


def _about(month: str) -> list[bytes]:
    return [_MAGIC, month.encode()]
