"""A scrubbed capture reads like its source and holds nothing that its source names: every recording, in every form."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import netinfo_scapy
from tests.support import adversary, rpc, transforms
from tests.support.captures import ETHERNET, NAMES, RECORDED, Frame, recording, truth_path, write_pcap
from tests.support.compare import first_difference, run
from tests.support.conversation import START, STEP, Talk
from tests.support.extraction import stored
from tests.support.ground_truth import server_ports
from tests.support.packets import Address, has_right_checksum, parse
from tests.support.scrubbing import KEY, TEXTS, is_known, scrub, secrets_of, still, texts_in
from tests.test_extracted_captures import FORMS

CRAFTED = sorted((RECORDED.parent / "crafted").glob("*.pcap"))
EVERY = [*(RECORDED / f"{name}.pcap" for name in NAMES), *CRAFTED]


def assert_scrubbed(source: Path, out: Path, **reading: Any) -> None:
    """Scrub, and compare: the same messages at the same frames, with other texts of the same form; and no secret."""
    ports = [word for port in reading.get("netinfo_ports", ()) for word in ("--netinfo-port", port)]
    assert scrub(source, out, *ports) == 0
    expected, found = run(source, reveal=True, **reading), run(out, reveal=True, **reading)
    difference = first_difference([still(each) for each in expected], [still(each) for each in found])
    assert difference is None, difference
    data = b"".join(frame.data for frames in stored(out).values() for frame in frames)
    left = {secret for secret in secrets_of(source) if secret in data}
    assert not left


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_everything(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert_scrubbed(path, out)
    before, after = netinfo_scapy.analyze(path), netinfo_scapy.analyze(out)
    del before["totals"]["bytes"], after["totals"]["bytes"]
    assert after["totals"] == before["totals"]
    assert after["anomalies"] == before["anomalies"]
    assert {name: row["statuses"] for name, row in after["procedures"].items()} == {
        name: row["statuses"] for name, row in before["procedures"].items()
    }


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str, tmp_path: Path) -> None:
    source = write_pcap(tmp_path / "in.pcap", FORMS[form](recording("01-nibind-portmap")))
    assert_scrubbed(source, tmp_path / "out.pcapng")


STREAMS: dict[str, Callable[[tuple[Frame, ...]], Iterable[Frame]]] = {
    "overlapping": transforms.overlapping,
    "single-bytes": lambda frames: transforms.single_bytes(frames[:150]),
    "several-in-a-segment": transforms.several_in_a_segment,
    "wrapping": transforms.wrapping,
    "with-fcs": transforms.with_fcs,
    **{
        f"hole-{number}": lambda frames, number=number: [
            frame for at, frame in enumerate(frames) if at % 13 != number and (at < 9 or at % 7)
        ]
        for number in (3, 8)
    },
}


@pytest.mark.parametrize("form", STREAMS)
def test_streams(form: str, tmp_path: Path) -> None:
    """What is missing, comes again or comes otherwise is missing, comes again and comes otherwise afterwards."""
    source = write_pcap(tmp_path / "in.pcap", STREAMS[form](recording("02-ni-read-tcp")))
    assert_scrubbed(source, tmp_path / "out.pcapng", netinfo_ports=server_ports("02-ni-read-tcp"))


HOSTILE = [
    each
    for each in vars(adversary).values()
    if callable(each) and getattr(each, "__annotations__", {}).keys() == {"count", "return"}
]


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_hostile(make: Callable[[int], Iterator[bytes]], tmp_path: Path) -> None:
    frames = [Frame(START + at * STEP, ETHERNET, data) for at, data in enumerate(make(400))]
    assert_scrubbed(write_pcap(tmp_path / "in.pcap", frames), tmp_path / "out.pcapng")


# what must not be there


@pytest.mark.parametrize("name", NAMES)
def test_no_word_of_the_ground_truth_is_left(name: str, tmp_path: Path) -> None:
    """The independent decoder's strings, looked for in the bytes of the whole file, also as passwords are written."""
    out = tmp_path / "out.pcapng"
    assert scrub(RECORDED / f"{name}.pcap", out) == 0
    data = out.read_bytes()
    words = set()
    for line in truth_path(name).read_text().splitlines():
        message = json.loads(line)
        for text in texts_in([message.get("args"), message.get("result")]):
            value = text.decode().encode("latin-1")
            words |= {value, *re.findall(rb"[0-9A-Za-z_-]+", value)}
    words |= {b"rootpw", b"adminpw", b"nopass"}
    secrets = {word for word in words if len(word) >= 3 and not is_known(word) and not re.fullmatch(rb"[0-9.]+", word)}
    assert len(secrets) > 3
    assert not {secret for secret in secrets if secret in data or bytes(each ^ 0xFF for each in secret) in data}


NETWORK = ("10.20.30.41", "10.20.30.42", "10.20.31.7", "192.168.5.9", "172.16.200.201")
MACS = ("00:05:02:a1:b2:c3", "08:0:20:1:fe:9")


def _talk() -> Talk:
    """Hosts with addresses and Ethernet addresses of their own, named in headers, arguments, results and texts."""
    talk = Talk()
    numbers = [int.from_bytes(bytes(map(int, ip.split(".")))) for ip in NETWORK]
    client, server = Address(NETWORK[0], 700), Address(NETWORK[1], 961)
    props = [
        ("name", ["fileserver", "fs.example.com"]),
        ("ip_address", [*NETWORK, "fe80::205:2ff:fea1:b2c3", "2001:db8::5"]),
        ("en_address", list(MACS)),
        ("serves", ["fileserver/accounting", "../payroll"]),
        ("opts", [f"root={NETWORK[2]}:fileserver", "x" * 13, "ab01JZkHBJ4iE", "$1$salt$Pbe2dYrE6ZOC4Yq7/J0gQ1"]),
        ("realname", ["Grace Müller", "grace@example.com", "Grace"]),
        ("home", ["/home/grace"]),
        ("_writers_homepage", ["grace"]),
        ("uid", ["501", "0", "-2"]),
    ]
    talk.ask(rpc.call(1, rpc.NETINFO, 2, 7, rpc.ni_id(3)), rpc.read_reply(1, props=props), client, server)
    talk.ask(
        rpc.call(2, rpc.NETINFO, 2, 22),
        rpc.accepted(2, rpc.words(0) + rpc.opaque("payroll") + rpc.words(numbers[3])),
        client,
        server,
    )
    talk.ask(
        rpc.call(3, rpc.NIBIND, 1, 8, rpc.words(numbers[0]) + rpc.opaque("payroll") + rpc.opaque("accounting")),
        None,
        client,
        server,
    )
    address = rpc.opaque(f"{NETWORK[4]}.3.193")
    mapping = rpc.words(rpc.NETINFO, 2) + rpc.opaque("tcp") + address + rpc.opaque("grace")
    talk.ask(rpc.call(4, 100000, 3, 3, mapping), rpc.accepted(4, address), client, Address(NETWORK[1], 111))
    asked = rpc.opaque("fileserver") + rpc.opaque("netinfo_parent")
    octets = rpc.words(1, *(each if each < 128 else 0xFFFFFF00 | each for each in (192, 168, 5, 9)))
    reply = rpc.accepted(5, rpc.opaque("fileserver") + octets + rpc.opaque("payroll"))
    talk.ask(rpc.call(5, 100026, 1, 2, asked), reply, client, Address(NETWORK[1], 961))
    grace = rpc.auth_sys(machine=rpc.inverted("opensesame"), uid=501)
    talk.ask(rpc.call(6, rpc.NETINFO, 2, 6, rpc.ni_id(1) + rpc.ni_id(3), credential=grace), None, client, server)
    host = rpc.auth_sys(machine="fileserver", uid=501, gid=20)
    talk.ask(
        rpc.call(7, rpc.NETINFO, 2, 10, rpc.ni_id(1) + rpc.opaque("name") + rpc.opaque("grace"), credential=host),
        None,
        client,
        server,
    )
    # Traffic of others: DHCP, the web, a neighbor.
    talk.udp(Address(NETWORK[2], 68), Address("255.255.255.255", 67), b"fileserver-dhcp")
    connection = talk.tcp(Address(NETWORK[2], 5000), Address(NETWORK[3], 80))
    connection.call(b"GET /payroll HTTP/1.0\r\n\r\n")
    talk.udp(client, server, b"this is no RPC: fileserver")
    macs = b"".join(bytes(int(part, 16) for part in mac.split(":")) for mac in MACS)
    talk.frames = [frame._replace(data=macs + frame.data[12:] + b"fileserver trailer") for frame in talk.frames]
    return talk


def test_addresses_and_what_others_say(tmp_path: Path) -> None:
    talk = _talk()
    source, out = write_pcap(tmp_path / "in.pcap", talk.frames), tmp_path / "out.pcapng"
    assert_scrubbed(source, out)
    data = out.read_bytes()
    secrets = [
        b"fileserver",
        b"payroll",
        b"accounting",
        b"grace",
        b"Grace",
        "üller".encode(),
        b"example",
        b"opensesame",
    ]
    secrets += [
        b"trailer",
        b"dhcp",
        b"GET",
        b"ab01JZkHBJ4iE",
        b"Pbe2dYrE6ZOC4Yq7",
        b"homepage",
        b"fe80::205",
        b"2001:db8::5",
    ]
    for ip in NETWORK:
        octets = [int(part) for part in ip.split(".")]
        secrets += [
            ip.encode(),
            bytes(octets),
            rpc.words(*(each if each < 128 else 0xFFFFFF00 | each for each in octets)),
        ]
    for mac in MACS:
        secrets += [mac.encode(), bytes(int(part, 16) for part in mac.split(":"))]
    assert not [secret for secret in secrets if secret in data or bytes(each ^ 0xFF for each in secret) in data]
    found = run(out, reveal=True)
    props = {each["name"]: each["values"] for each in found[1]["result"]["props"]}
    # The same in every place.
    hosts = [(message["src_ip"], message["dst_ip"]) for message in found]
    assert {hosts[0], hosts[1][::-1]} == {tuple(props["ip_address"][:2])}
    assert props["opts"][0] == f"root={props['ip_address'][2]}:{props['name'][0]}"
    binding = found[3]["result"]
    assert _text(binding["addr"]) == props["ip_address"][3]
    assert [props["name"][0] + "/" + found[4]["arguments"]["server_tag"], "../" + binding["tag"]] == props["serves"]
    assert found[5]["arguments"]["address"] == props["ip_address"][4] + ".3.193"
    assert _text(found[8]["result"]["address"]["address"]) == props["ip_address"][3]
    assert found[10]["credential"]["machinename"] == found[7]["arguments"]["client_name"] == props["name"][0]
    user = found[10]["arguments"]["value"]
    assert (props["home"], props["_writers_" + _other(props, "_writers_")[9:]]) == ([f"/home/{user}"], [user])
    assert str(found[10]["credential"]["uid"]) == props["uid"][0] != "501"
    assert props["uid"][1:] == ["0", "-2"]
    password = found[9]["credential"]["password"]
    assert len(password) == 10
    assert password.isascii()
    # What networks the hosts are in.
    after = [each.split(".") for each in props["ip_address"][: len(NETWORK)]]
    for (one, other), (ours, others) in zip(
        combinations([ip.split(".") for ip in NETWORK], 2), combinations(after, 2), strict=True
    ):
        assert _shared(one, other) == _shared(ours, others)


def _other(props: dict[str, Any], prefix: str) -> str:
    return next(name for name in props if name.startswith(prefix))


def _shared(one: list[str], other: list[str]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), 4)


def _text(number: int) -> str:
    return ".".join(map(str, number.to_bytes(4, "big")))


# the mapping


def _pairs(source: Path, out: Path) -> dict[bytes, bytes]:
    """What each text became; it is always the same."""
    found: dict[bytes, bytes] = {}
    for before, after in zip(run(source), run(out), strict=True):
        for key in TEXTS:
            for one, other in zip(texts_in(before[key]), texts_in(after[key]), strict=True):
                assert len(one) == len(other)
                # A number is a counter in STATISTICS, and stays.
                assert one.isdigit() or found.setdefault(one, other) == other
    return found


def test_one_key_maps_all_captures_alike_and_different_texts_to_different_ones(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    every: dict[bytes, bytes] = {}
    for name in NAMES:
        scrub(RECORDED / f"{name}.pcap", out)
        for before, after in _pairs(RECORDED / f"{name}.pcap", out).items():
            assert every.setdefault(before, after) == after
    assert len(set(every.values())) == len(every) > 300


def test_the_key_decides_and_nothing_else(tmp_path: Path) -> None:
    source = RECORDED / "11-clone.pcap"
    outs = [tmp_path / f"{name}.pcapng" for name in ("one", "again", "other")]
    for out, key in zip(outs, (KEY, KEY, KEY[:-1] + b"x"), strict=True):
        assert scrub(source, out, key=key) == 0
    one, again, other = (out.read_bytes() for out in outs)
    assert one == again != other


# what other programs say


def test_checksums_are_right_where_they_were(tmp_path: Path) -> None:
    talk = _talk()
    frames = [frame for form in (talk.frames, list(transforms.ip_fragments(talk.frames))) for frame in form]
    wrong = [frame._replace(data=frame.data[:40] + b"\x12\x34" + frame.data[42:]) for frame in talk.frames[:4]]
    source, out = write_pcap(tmp_path / "in.pcap", [*frames, *wrong, *recording("04-auth")]), tmp_path / "out.pcapng"
    assert scrub(source, out) == 0
    before, (after,) = stored(source), stored(out).values()
    checked = {True: 0, False: 0}
    for old, new in zip(*before.values(), after, strict=True):
        ours, others = (Frame(each.time, each.link, each.data) for each in (old, new))
        packet, other = parse(ours), parse(others) if new.data else None
        if packet is None or other is None:
            continue
        right = has_right_checksum(ours, packet)
        assert has_right_checksum(others, other) == right
        checked[right] += 1
    assert checked[True] > 10
    assert checked[False] > 200


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_tshark_finds_nothing_malformed_that_was_not(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert scrub(path, out) == 0
    assert _malformed(out) <= _malformed(path)


def _malformed(path: Path) -> set[str]:
    command = [shutil.which("tshark") or pytest.skip("no tshark"), "-n", "-r", str(path), "-Y", "_ws.malformed"]
    done = subprocess.run([*command, "-T", "fields", "-e", "frame.number"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_options_tell_nothing(tmp_path: Path) -> None:
    """IP options, and TCP options that nobody knows: as long as before, and empty."""
    talk = Talk()
    talk.ask(rpc.ping(1), rpc.accepted(1))
    frames = [frame._replace(data=_with_options(frame.data, b"\x88\x08fileser")) for frame in talk.frames]
    source, out = write_pcap(tmp_path / "in.pcap", frames), tmp_path / "out.pcapng"
    assert_scrubbed(source, out)
    assert b"fileser" in source.read_bytes()
    assert b"fileser" not in out.read_bytes()
    (after,) = stored(out).values()
    assert [len(each.data) for each in after] == [len(frame.data) for frame in frames]


def _with_options(data: bytes, options: bytes) -> bytes:
    options = options.ljust(12, b"\0")
    head = bytearray(data[14:34])
    head[0] += len(options) // 4
    head[2:4] = (int.from_bytes(head[2:4], "big") + len(options)).to_bytes(2, "big")
    return data[:14] + bytes(head) + options + data[34:]


def test_times_are_shifted(tmp_path: Path) -> None:
    source, out = RECORDED / "04-auth.pcap", tmp_path / "out.pcapng"
    assert scrub(source, out, "--shift", "-86400") == 0
    (before,), (after,) = stored(source).values(), stored(out).values()
    assert [each.time - 86400 * 10**9 for each in before] == [each.time for each in after]
