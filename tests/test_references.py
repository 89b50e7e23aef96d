"""Generated pages are current, and the schema for editors says what the loader says."""

import json

import jsonschema
import pytest
from ruamel.yaml import YAML

from healthmon.project import open_project
from healthmon.references import render_references

PROJECT = open_project()
PAGES = render_references(PROJECT)
SCHEMA = json.loads(PAGES["score-standard.schema.json"])
STANDARDS = ("county_hospitals", "township_hospitals")


def standard(name: str) -> dict:
    text = (PROJECT.params / f"standards/QH/{name}.yml").read_text("utf-8")
    # dates as the text that an editor sees
    return json.loads(json.dumps(YAML(typ="safe").load(text), default=str))


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name: str) -> None:
    written = (PROJECT.root / "docs" / name).read_text("utf-8")
    assert written == PAGES[name], "run make docs"


@pytest.mark.parametrize("name", STANDARDS)
def test_the_schema_takes_the_standards(name: str) -> None:
    assert not list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(standard(name)))


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    wrong = standard("county_hospitals") | {"units": "county"}
    with pytest.raises(jsonschema.ValidationError, match="units"):
        jsonschema.validate(wrong, SCHEMA)
