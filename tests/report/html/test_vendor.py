"""The libraries in the page: the very files that the table names, with licenses that go with the project's."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.resources import files

from netinfo_scapy.report.html.page import VENDORED

FOLDER = files("netinfo_scapy.report.html").joinpath("vendor")
ROW = re.compile(r"\| (?P<name>[\w-]+) \| (?P<version>[\d.]+) \| (?P<license>[\w-]+) \| (?P<sum>[0-9a-f]{64}) \|")
ROWS = [match.groupdict() for match in ROW.finditer(FOLDER.joinpath("README.md").read_text(encoding="utf-8"))]
# A sentence of each license's own text.
TEXTS = {
    "ISC": "Permission to use, copy, modify, and/or distribute",
    "BSD-3-Clause": "Redistribution and use in source",
}


def test_the_table_is_of_what_is_used() -> None:
    assert sorted(row["name"] for row in ROWS) == sorted(VENDORED)
    named = {f"{name}.{ending}" for name in VENDORED for ending in ("min.js", "LICENSE")}
    assert {each.name for each in FOLDER.iterdir()} == named | {"README.md"}


def test_files_are_those_of_the_versions_named() -> None:
    for row in ROWS:
        script = FOLDER.joinpath(f"{row['name']}.min.js").read_bytes()
        assert sha256(script).hexdigest() == row["sum"]
        assert f"v{row['version']} Copyright".encode() in script[:200]
        assert b"</script" not in script.lower()
        assert b"<!--" not in script
        license_text = FOLDER.joinpath(f"{row['name']}.LICENSE").read_text(encoding="utf-8")
        assert TEXTS[row["license"]] in license_text
        assert "*/" not in license_text
