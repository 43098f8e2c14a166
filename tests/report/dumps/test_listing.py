"""Lists are niutil's and nireport's own."""

from __future__ import annotations

from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.report.dumps.listing import listed, read, reported
from tests.support.trees import PRINTED, START


def users() -> list[Directory]:
    (domain,), _ = read_json((START / "network.json").read_bytes(), "x")
    assert domain.root is not None
    return domain.root.children[1].children


def test_the_tools_own_output() -> None:
    assert b"".join(listed(users(), b"uid")) == (PRINTED / "niutil-list-users-uid.txt").read_bytes()
    assert b"".join(reported(users(), [b"name", b"uid", b"passwd"])) == (PRINTED / "nireport-users.txt").read_bytes()


def test_what_is_missing_or_more_than_one() -> None:
    many = Directory(object=1, properties=[Property(b"name", [b"a", b"b"]), Property(b"none", [])])
    unknown = Directory(properties=[Property(b"name", None)], whole=False)
    assert b"".join(listed([many, unknown], b"name")) == b"1\t a b\n-\t\n"
    assert b"".join(reported([many, unknown], [b"name", b"none"])) == b"a,b\t#NoValue#\t\n#NoValue#\t#NoValue#\t\n"
    assert b"".join(read([*many.properties, *unknown.properties])) == b"name: a b\nnone:\nname:\n"
