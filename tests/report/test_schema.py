"""The schemas are the contract: current, and every output of every capture keeps to them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jsonschema
import pytest

import netinfo_scapy
from netinfo_scapy.report import schema
from tests.support.captures import RECORDED

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema"
CAPTURES = sorted(RECORDED.glob("*.pcap"))


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema.schema(name))


@pytest.mark.parametrize("name", sorted(schema.SCHEMAS))
def test_the_published_schemas_are_current(name: str) -> None:
    assert (PUBLISHED / f"{name}.json").read_text() == schema.text(name), "run: make generate"
    validator(name).check_schema(schema.schema(name))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_outputs_keep_to_the_schemas(capture: Path) -> None:
    for message in netinfo_scapy.messages(capture, reveal=True):
        validator("message").validate(message)
    validator("summary").validate(netinfo_scapy.analyze(capture))
