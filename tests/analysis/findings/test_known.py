"""Which servers are known: by a file, and by what directories say."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property
from netinfo_scapy.analysis.findings.known import Known, read_known


def packed(text: str) -> bytes:
    return ip_address(text).packed


def listed(tmp_path: Path, text: str) -> Known:
    path = tmp_path / "known"
    path.write_text(text)
    return Known(read_known(path))


def test_a_file_of_servers(tmp_path: Path) -> None:
    lines = ("# ours", "", "192.0.2.1", "192.0.2.2 network  # the master", "198.51.100.0/24", "2001:db8::/32 local")
    known = listed(tmp_path, "\n".join(lines))
    assert known.anything
    assert known.serves(packed("192.0.2.1"))
    assert known.serves(packed("192.0.2.1"), b"anything")
    assert known.serves(packed("192.0.2.2"), b"network")
    assert not known.serves(packed("192.0.2.2"), b"local")
    assert known.serves(packed("198.51.100.77"), b"local")
    assert known.serves(packed("2001:db8::7"), b"local")
    assert not known.serves(packed("192.0.2.3"))


@pytest.mark.parametrize(
    ("text", "line"), [("192.0.2.1\nnobody\n", 2), ("192.0.2.1/8\n", 1), ("192.0.2.1 a b\n", 1), ("\xff\n", 1)]
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(ValueError, match=f"known:{line}: "):
        listed(tmp_path, text)


def test_what_directories_say() -> None:
    def machine(name: bytes, addresses: list[bytes], serves: list[bytes]) -> Directory:
        named = [Property(b"name", [name]), Property(b"ip_address", addresses), Property(b"serves", serves)]
        return Directory(properties=named)

    hosts = [
        machine(b"oak", [b"192.0.2.1", b"198.51.100.1"], [b"./network", b"oak/local"]),
        machine(b"elm", [b"192.0.2.2"], [b"./network", b"../root"]),
        machine(b"odd", [b"nowhere", b"1.2.3"], [b"./network"]),
        machine(b"ash", [b"192.0.2.3"], []),
    ]
    root = Directory(object=0, properties=[Property(b"master", [b"oak/network"])], children=hosts)
    known = Known().with_domains([Domain(root=root)])
    assert known.serves(packed("192.0.2.1"), b"local")
    assert known.serves(packed("192.0.2.2"), b"root")
    assert not known.serves(packed("192.0.2.2"), b"local")
    assert not known.serves(packed("192.0.2.3"))
    assert known.is_master(packed("198.51.100.1"), b"network")
    assert not known.is_master(packed("192.0.2.2"), b"network")
    assert known.is_same_host(packed("192.0.2.1"), packed("198.51.100.1"))
    assert not known.is_same_host(packed("192.0.2.1"), packed("192.0.2.2"))
    assert not Known().anything
