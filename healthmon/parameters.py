"""The one loader of everything in ``params/``: strict YAML with the line of every mistake.

Duplicate keys, unknown keys, wrong types and missing values are refused, all at once, each with
file and line. What is loaded is frozen.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from healthmon.errors import ParameterError


class Parameters(BaseModel):
    """Base of every parameter model: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


Cited = Annotated[str, Field(min_length=1)]
"""What leads back to a document; never empty."""


class Label(Parameters):
    """A name in Chinese and English."""

    zh: Cited
    en: Cited


Model = TypeVar("Model", bound=BaseModel)


def load_parameters(path: Path, model: type[Model], overlays: Sequence[dict] = ()) -> Model:
    """Read one YAML file into a parameter model.

    Parameters
    ----------
    overlays : sequence of dict
        Laid over the file before it is checked, one after the other: keys of mappings are
        replaced one by one, everything else as a whole, None removes a key.

    Raises
    ------
    ParameterError
        Naming file and line of every mistake.
    """
    document = read_yaml(path)
    values = _plain(document)
    for overlay in overlays:
        values = _overlaid(values, overlay)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lines = [
            f"{path.name}, line {_line(document, problem['loc'])}: "
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise ParameterError("\n".join(lines)) from error


def read_yaml(path: Path) -> CommentedMap:
    """Read one YAML file, keeping line numbers; duplicate keys are refused.

    A file is read again only when it has changed.

    Raises
    ------
    ParameterError
        When the file is missing, is no YAML or is empty.
    """
    try:
        about = path.stat()
    except FileNotFoundError as error:
        raise ParameterError(f"{path}: no such parameter file") from error
    return _parse_yaml(path, about.st_mtime_ns, about.st_size)


@cache
def _parse_yaml(path: Path, mtime_ns: int, size: int) -> CommentedMap:
    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys = False
    try:
        document = yaml.load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ParameterError(f"{path.name}: not UTF-8 ({error.reason})") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        what = (error.problem or error.context or "not YAML").splitlines()[0]
        raise ParameterError(f"{path.name}{where}: {what}") from error
    except ValueError as error:  # a date that does not exist
        raise ParameterError(f"{path.name}: {error}") from error
    if not isinstance(document, CommentedMap):
        raise ParameterError(f"{path.name}, line 1: expected keys and values")
    return document


def _overlaid(values: dict, overlay: dict) -> dict:
    """Lay one mapping over another, key by key."""
    merged = dict(values)
    for key, change in overlay.items():
        if change is None:
            merged.pop(key, None)
        elif isinstance(change, dict) and isinstance(merged.get(key), dict):
            merged[key] = _overlaid(merged[key], change)
        else:
            merged[key] = change
    return merged


def _plain(node: object) -> object:
    """Turn ruamel's containers and scalars into plain Python ones."""
    if isinstance(node, CommentedMap):
        return {_plain(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _line(node: object, location: tuple) -> int:
    """Find the line (from 1) of the deepest part of a location that the file holds."""
    line = 1
    for part in location:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0] + 1
            node = node[part]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0] + 1
            node = node[part]
    return line
