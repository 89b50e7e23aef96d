"""A fitted model in a file that runs nothing when it is read (skops), and its fingerprint.

What may be in the file is named here, type by type; a file with anything else is refused.
"""

import hashlib
import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd
from sklearn.pipeline import Pipeline
from skops import io
from skops.io.exceptions import UntrustedTypesFoundException

from healthmon.errors import UserError

TRUSTED = ("healthmon.risk.additive.AdditiveLogit",)
"""Types of our own; scikit-learn's and numpy's own are known to skops."""
_PLACE = re.compile(r'(?<="__id__": )\d+|(?<=")\d+(?=\.npy")')


def save_model(model: Pipeline, path: Path) -> None:
    """Write a fitted model.

    Parameters
    ----------
    path : Path
        As in ``model.skops``; its folder is made where it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_number_anew(io.dumps(model)))


def load_model(path: Path) -> Pipeline:
    """Read a model back.

    Raises
    ------
    UserError
        When there is no such file, it is no model, or it holds a type that is not trusted.
    """
    try:
        return io.load(path, trusted=list(TRUSTED))
    except FileNotFoundError:
        raise UserError(f"{path.name}: there is no such model") from None
    except UntrustedTypesFoundException as error:
        raise UserError(f"{path.name} is refused: {error}") from None
    except Exception as error:  # skops raises what the broken part happens to raise
        raise UserError(f"{path.name} is no model that can be read: {error}") from error


def _number_anew(saved: bytes) -> bytes:
    """Number objects from 1 on where skops wrote where they lay in memory.

    The same model is then the same file; and a place in memory has as many digits as an old
    identity number, for which the check of privacy would take it one day.
    """
    with ZipFile(BytesIO(saved)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    numbers: dict[str, str] = {}
    parts["schema.json"] = _PLACE.sub(
        lambda found: numbers.setdefault(found[0], str(len(numbers) + 1)),
        parts["schema.json"].decode(),
    ).encode()
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            stem, dot, suffix = name.partition(".")
            archive.writestr(ZipInfo(numbers.get(stem, stem) + dot + suffix), content)
    return written.getvalue()


def fingerprint_rows(rows: pd.DataFrame) -> str:
    """Return a short hash of data: the same for the same rows in any order.

    Parameters
    ----------
    rows : DataFrame
        With an index that names each row.
    """
    hashed = pd.util.hash_pandas_object(rows, index=True).sort_values().to_numpy()
    names = "\n".join(f"{name} {kind}" for name, kind in rows.dtypes.items())
    return hashlib.sha256(names.encode() + hashed.tobytes()).hexdigest()[:16]
