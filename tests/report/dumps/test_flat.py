"""The flat forms are those of nidump's own output, and of the rules for what the recordings do not have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.report.dumps.flat import FLAT, flat
from tests.support.trees import PRINTED, trees

ROOT = read_raw((PRINTED / "nidump-r-root.txt").read_bytes(), "x")


def entry(**properties: list[str]) -> Directory:
    return Directory(properties=[Property(name.encode(), [*map(str.encode, properties[name])]) for name in properties])


def printed(form: str, *entries: Directory) -> str:
    return b"".join(flat(FLAT[form], Directory(children=list(entries)))).decode()


@pytest.mark.parametrize("form", ["passwd", "group", "hosts", "aliases"])
def test_nidumps_own_output(form: str) -> None:
    where = FLAT[form].where.removeprefix(b"/")
    (directory,) = [each for each in ROOT.children if each.first(b"name") == where]
    assert b"".join(flat(FLAT[form], directory)) == (PRINTED / f"nidump-{form}.txt").read_bytes()


FULL = [
    (
        "passwd",
        entry(
            shell=["/bin/sh", "/bin/csh"],
            name=["a", "b"],
            home=["/h"],
            uid=["1"],
            change=["7"],
            expire=[],
            realname=["A: B"],
            **{"class": ["c"]},
        ),
        "a::1::c:7:0:A: B:/h:/bin/sh\n",
    ),
    ("passwd", entry(uid=["1"]), ""),
    ("group", entry(gid=["5"]), "::5:\n"),
    ("group", entry(name=["g"], passwd=["*"], gid=["5"], users=["a", "b"]), "g:*:5:a,b\n"),
    ("hosts", entry(name=["h", "h2"], ip_address=["10.0.0.1", "10.0.0.2"]), "10.0.0.1\th h2\n"),
    ("hosts", entry(name=["h"], ip_address=[]), ""),
    ("ethers", entry(name=["h", "h2"], en_address=["0:0:f:0:0:1"]), "0:0:f:0:0:1\th h2\n"),
    ("aliases", entry(name=["none"]), ""),
    ("networks", entry(name=["n"], address=["10", "11"]), "n\t10\t\n"),
    ("networks", entry(name=["n", "m", "o"]), "n\t\tm\to\n"),
    ("services", entry(name=["domain", "dns"], port=["53"], protocol=["udp", "tcp"]), "domain\t53/udp\tdns\n"),
    ("protocols", entry(name=["tcp", "TCP"], number=["6"]), "tcp\t6\tTCP\n"),
    ("rpc", entry(name=["nfs"], number=["100003"]), "nfs\t100003\t\n"),
    ("fstab", entry(name=["s:/x"], dir=["/y"]), "s:/x /y nfs rw 0 0\n"),
    (
        "fstab",
        entry(name=["s:/x"], dir=["/y"], vfstype=["ufs"], opts=["ro", "soft"], freq=["1"], passno=["2"]),
        "s:/x /y ufs ro,soft 1 2\n",
    ),
    ("exports", entry(name=["/x"]), "/x   \n"),
    ("exports", entry(name=["/x", "/y"], opts=["ro", "root=0"], clients=["a", "b"]), "/x /y -ro -root=0 a b\n"),
    (
        "printcap",
        entry(lp=["/dev/x"], name=["p", "q"], mx=["#0"], sh=[], rm=["host", "other"]),
        "p|q: \\\n\t:lp=/dev/x:mx#0:sh:rm=host:\n",
    ),
    ("bootparams", entry(name=["h"]), ""),
    ("bootparams", entry(name=["h"], bootparams=["root=s:/r", "swap=s:/s"]), "h root=s:/r \\\n\tswap=s:/s\n"),
    ("bootptab", entry(), "/private/tftpboot:/\nmach\n%%\n\t1\t0:0:0:0:0:0\t0.0.0.0\tmach\n"),
    (
        "bootptab",
        entry(name=["h", "i"], en_address=["1:2:3:4:5:6"], ip_address=["10.0.0.1"], bootfile=["b"]),
        "/private/tftpboot:/\nmach\n%%\nh\t1\t1:2:3:4:5:6\t10.0.0.1\tb\n",
    ),
]


@pytest.mark.parametrize(("form", "one", "line"), FULL)
def test_each_form(form: str, one: Directory, line: str) -> None:
    assert printed(form, one) == line


def test_every_form_is_tested() -> None:
    assert {form for form, _, _ in FULL} | {"aliases"} == set(FLAT)


def test_aliases_are_folded_at_72() -> None:
    assert printed("aliases", entry(name=["a"], members=["m" * 34, "n" * 34])) == f"a: {'m' * 34},{'n' * 34}\n"
    assert printed("aliases", entry(name=["a"], members=["m" * 34, "n" * 35])) == f"a: {'m' * 34},\n\t{'n' * 35}\n"


def test_printcap_is_folded_at_72() -> None:
    fits = entry(name=["p"], a=["m" * 30], b=["n" * 27])
    assert printed("printcap", fits) == f"p: \\\n\t:a={'m' * 30}:b={'n' * 27}:\n"
    longer = entry(name=["p"], a=["m" * 30], b=["n" * 28])
    assert printed("printcap", longer) == f"p: \\\n\t:a={'m' * 30}: \\\n\t:b={'n' * 28}:\n"


@settings(deadline=None)
@given(st.lists(st.text("ab@.", min_size=1, max_size=30), min_size=1, max_size=40))
def test_folded_lines_hold_all_members_and_are_no_longer(members: list[str]) -> None:
    text = printed("aliases", entry(name=["all"], members=members))
    assert text.replace("\n\t", "") == f"all: {','.join(members)}\n"
    # The comma that stays on a line may be one too many.
    assert all(len(line.rstrip(",").expandtabs(8)) <= 72 for line in text.splitlines())


@settings(deadline=None)
@given(trees(), st.sampled_from(sorted(FLAT)))
def test_odd_bytes_are_as_they_are(tree: Directory, form: str) -> None:
    tree.children.append(Directory(properties=[Property(b"name", [b"\xff\x01"]), Property(b"members", [b"\\\xc3"])]))
    text = b"".join(flat(FLAT[form], tree))
    if form == "aliases":
        assert text.endswith(b"\xff\x01: \\\xc3\n")
