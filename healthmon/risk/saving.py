"""A fitted model in a file that runs nothing when it is read (skops), and its fingerprint.

What may be in the file is named here, type by type; a file with anything else is refused.
"""

import hashlib
from pathlib import Path

import pandas as pd
from sklearn.pipeline import Pipeline
from skops import io
from skops.io.exceptions import UntrustedTypesFoundException

from healthmon.errors import UserError

TRUSTED = ("healthmon.risk.additive.AdditiveLogit",)
"""Types of our own; scikit-learn's and numpy's own are known to skops."""


def save_model(model: Pipeline, path: Path) -> None:
    """Write a fitted model.

    Parameters
    ----------
    path : Path
        As in ``model.skops``; its folder is made where it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    io.dump(model, path)


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
