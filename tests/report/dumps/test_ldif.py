"""A real slapd takes what is written as LDIF, and gives back every entry and every value."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.report.dumps.depth import TooDeepError
from netinfo_scapy.report.dumps.ldif import DEEPEST, BaseError, check_base, default_base, ldif
from netinfo_scapy.report.dumps.ldif_classes import KINDS
from tests.support.slapd import Entries, read_ldif, slapd
from tests.support.trees import START, chain, odd

BASE = "dc=network"


def told(entry: dict[str, list[bytes]]) -> list[bytes]:
    """Every value that an entry tells of a directory."""
    values = [value.removeprefix(b"{CRYPT}") for name in entry for value in entry[name]]
    for described in entry.get("description", []):
        place, _, text = described.partition(b" ")
        if place.isdigit():
            values += [
                one
                for each in read_raw(b"{" + text + b"}", "x").properties
                for one in (each.name, *(each.values or []))
            ]
    return values


def check(root: Directory, base: str) -> Entries:
    """Load a tree into a server and look whether all of it comes back."""
    text = b"".join(ldif(root, base))
    assert max(map(len, text.split(b"\n"))) <= 76
    with slapd(base) as server:
        server.load(text)
        with server.running():
            found = server.search()
    written = read_ldif(text)
    assert len(found) == len(written) == len(list(root.walk()))
    # Both are in the order of the tree, parents first.
    for directory, entry, back in zip(root.walk(), written.values(), found.values(), strict=True):
        assert {name: sorted(values) for name, values in entry.items()} == {
            name: sorted(values) for name, values in back.items()
        }
        values = told(back)
        for each in directory.properties:
            assert not set(each.values or []) - set(values), each
    return found


def entry(*children: Directory, **properties: list[str | bytes]) -> Directory:
    return Directory(
        properties=[
            Property(name.encode(), [each.encode() if isinstance(each, str) else each for each in properties[name]])
            for name in properties
        ],
        children=list(children),
    )


def test_the_recorded_domain() -> None:
    (domain,), _ = read_json((START / "network.json").read_bytes(), "x")
    assert domain.root is not None
    found = check(domain.root, default_base(domain.tag))
    assert found["uid=admin,ou=users,dc=network"] == {
        "objectClass": [b"top", b"account", b"shadowAccount", b"extensibleObject"],
        "uid": [b"admin"],
        "uidNumber": [b"501"],
        "userPassword": [b"{CRYPT}cdtYoGu9od9mI"],
        "gidNumber": [b"20"],
        "cn": [b"admin"],
    }
    assert found["cn=staff,ou=groups,dc=network"]["memberUid"] == [b"admin", b"nopass"]


EVERYTHING = entry(
    entry(
        entry(
            name=["ann", "annie"],
            uid=["501"],
            gid=["20"],
            home=["/Users/ann"],
            shell=["/bin/csh"],
            realname=["Ann Ärmel"],
            passwd=["abz3GtcEvEtv6"],
            _writers_passwd=["ann"],
        ),
        entry(name=["bob"], uid=["-2"], gid=["20"], home=["/"], realname=["B\xff".encode("latin-1")], passwd=[""]),
        entry(name=["ANN"], uid=["007"]),
        entry(uid=["1"]),
        entry(name=[" sp ace "]),
        entry(name=['a,b+c"d\\e<f>g;h=i#']),
        entry(name=["#x"]),
        entry(name=["ü" * 300]),
        entry(name=["x" * 70 + str(at) for at in range(3)]),
        name=["users"],
        _writers=["*"],
    ),
    entry(
        entry(name=["wheel"], gid=["0"], users=["root", "Root", "root"], passwd=["*"]),
        entry(name=["no gid"]),
        name=["groups"],
    ),
    entry(
        entry(
            entry(name=["eth0"]),
            name=["vm", "vm.example.com"],
            ip_address=["10.0.0.1", "10.0.0.2"],
            en_address=["0:0:f:0:0:1"],
            bootfile=["mach"],
            bootparams=["root=vm:/x", "netinfo_parent=.:network", "odd"],
            serves=["./network"],
        ),
        entry(name=["boots"], bootparams=["root=vm:/x", "swap=vm:/s"]),
        name=["machines"],
    ),
    entry(
        entry(name=["loop", "lo"], address=["127"], netmask=["255.0.0.0"]),
        entry(name=["two"], address=["1", "2"]),
        name=["networks"],
    ),
    entry(
        entry(name=["domain"], port=["53"], protocol=["tcp"]),
        entry(name=["domain"], port=["53"], protocol=["udp"]),
        entry(name=["odd"], port=["0x35"]),
        name=["services"],
    ),
    entry(entry(name=["tcp", "TCP"], number=["6"]), entry(name=["udp"], number=["17"], note=["x"]), name=["protocols"]),
    entry(entry(name=["nfs", "nfsprog"], number=["100003"]), name=["rpcs"]),
    entry(entry(name=["vm:/x"], dir=["/Net/x"], vfstype=["nfs"], opts=["net", "-P"]), name=["mounts"]),
    entry(
        entry(name=["postmaster"], members=["root", '"|/bin/x"']), entry(name=["none"], members=[]), name=["aliases"]
    ),
    entry(entry(name=["lp"], lp=["/dev/lp"], sd=["\x01\n", b"\xfe"]), name=["printers"]),
    entry(entry(entry(entry(name=["deep"]), name=["lookupd"]), name=["hosts"]), name=["locations"]),
    master=["vm/network"],
    trusted_networks=[],
)


def test_every_class() -> None:
    found = check(EVERYTHING, "o=Old Macs,c=DE")
    classes = {name for each in found.values() for name in each["objectClass"]}
    assert classes >= {each.structural.name.encode() for each in KINDS.values()}
    assert classes >= {
        b"posixAccount",
        b"shadowAccount",
        b"ipHost",
        b"ieee802Device",
        b"bootableDevice",
        b"organization",
    }
    ann = found["uid=ann,ou=users,o=Old Macs,c=DE"]
    assert ann["objectClass"] == [b"top", b"account", b"posixAccount", b"shadowAccount"]
    assert ann["cn"] == ["Ann Ärmel".encode()]
    assert ann["homeDirectory"] == [b"/Users/ann"]
    assert ann["description"] == [b'8 "_writers_passwd" = ( "ann" );']
    assert {"cn=domain,ou=services,o=Old Macs,c=DE", "cn=domain (2),ou=services,o=Old Macs,c=DE"} <= set(found)


texts = odd | st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass"))
entries = st.builds(
    lambda properties: Directory(properties=[Property(name, values) for name, values in properties]),
    st.lists(
        st.tuples(
            texts | st.sampled_from([name for kind in KINDS.values() for name in kind.attributes]),
            st.lists(texts | st.integers(-5, 500).map(lambda number: str(number).encode()), max_size=3),
        ),
        max_size=6,
    ),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(entries, max_size=12), min_size=len(KINDS), max_size=len(KINDS)))
def test_whatever_a_directory_holds_is_taken(children: list[list[Directory]]) -> None:
    tops = [
        Directory(properties=[Property(b"name", [name])], children=below)
        for name, below in zip(KINDS, children, strict=True)
    ]
    with slapd(BASE) as server:
        server.load(b"".join(ldif(Directory(children=tops), BASE)))


def test_a_base_is_made_of_the_tag() -> None:
    assert default_base(b"local") == "dc=local"
    assert default_base(b"odd tag,dc=x") == default_base(None) == "dc=netinfo"
    assert check_base("dc=example,dc=com") == ("dc", "example")
    for base in ("", "example", "cn=x", "dc=", "dc=a+o=b", "dc=\\2c"):
        with pytest.raises(BaseError, match="write dc=example"):
            check_base(base)


def test_no_name_is_longer_than_a_bounded_way_to_the_root() -> None:
    assert sum(line.startswith(b"dn:") for line in ldif(chain(DEEPEST + 1), BASE)) == DEEPEST + 1
    with pytest.raises(TooDeepError, match="--path"):
        next(ldif(chain(DEEPEST + 2), BASE))
