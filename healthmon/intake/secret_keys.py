"""Secret keys in files of their own: made once, readable by their owner alone, never shown."""

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from healthmon.errors import UserError

KEY_VARIABLE = "HEALTHMON_KEY_FILE"
VAULT_KEY_VARIABLE = "HEALTHMON_VAULT_KEY_FILE"
KEY_BYTES = 32


@dataclass(frozen=True)
class SecretKey:
    """One key: the file that a variable names, else a file in ``~/.config/healthmon``.

    Parameters
    ----------
    name : str
        Of the file in ``~/.config/healthmon``.
    variable : str
        Environment variable that may name another file.
    """

    name: str
    variable: str

    @property
    def path(self) -> Path:
        """Where the key lies or will lie."""
        named = os.environ.get(self.variable)
        return Path(named) if named else Path.home() / ".config" / "healthmon" / self.name

    def load(self, *, make: bool = True) -> bytes:
        """Return the key; one that no variable names is made on first use.

        Parameters
        ----------
        make : bool
            Whether a missing one may be made; to open what an earlier key closed it must be there.

        Raises
        ------
        UserError
            When the file is missing, too short, a link, or can be read or changed by others.
        """
        path = self.path
        if make and not os.environ.get(self.variable) and not os.path.lexists(path):
            _make(path)
        return _read(path, self.variable)


def _make(path: Path) -> None:
    """Write a new key whole or not at all, so that a killed run leaves no short one."""
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.parent.chmod(0o700)
    making = path.with_name(f"{path.name}.making-{os.getpid()}")
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    making.replace(path)


def _read(path: Path, variable: str) -> bytes:
    if path.is_symlink():
        # who may change the link may swap the key
        raise UserError(f"the key {path} is a link: name the file itself in {variable}")
    if not path.is_file():
        raise UserError(f"the key {path} does not exist: put it there, or name it in {variable}")
    if os.name == "posix":
        _check_modes(path)
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise UserError(f"the key {path} is shorter than {KEY_BYTES} bytes")
    return key


def _check_modes(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        raise UserError(f"other users can read the key {path}: run chmod 600 on it")
    folder = path.parent.stat().st_mode
    # a sticky folder such as /tmp lets only the owner rename and remove
    if folder & 0o022 and not folder & stat.S_ISVTX:
        raise UserError(f"other users can swap the key {path}: run chmod go-w on its folder")
