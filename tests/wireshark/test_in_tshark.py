"""tshark with the script shows of every message what `messages` prints, to the last value."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import netinfo_scapy
from tests.support import rpc, transforms
from tests.support.captures import Frame, capture_path, recording, write_pcap
from tests.support.conversation import Talk
from tests.support.packets import parse
from tests.support.wireshark import compare, differences, messages_shown, run_tshark

pytestmark = pytest.mark.usefixtures("tshark")
PCAPS = Path(__file__).parents[2] / "pcaps"
READS = recording("02-ni-read-tcp")


NOT_JUDGED = {
    "evasion-chaff-checksum": "only ours",
    "evasion-chaff-ttl": "only ours",
    "evasion-udp-ip-fragments-conflict": "anomalies",
}
"""Checksums, lifetimes, IP fragments that overlap: the script does not look at them, and its guide says so."""
WITHOUT_MESSAGES = ("negative-", "recipe-rogue-dhcp", "malformed-mark-ffffffff")
CAPTURES = [path for path in sorted(PCAPS.rglob("*.pcap*")) if path.stem not in NOT_JUDGED]


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_every_capture(path: Path) -> None:
    count, different = compare(path)
    assert count or path.stem.startswith(WITHOUT_MESSAGES)
    assert different == []


@pytest.mark.parametrize("name", NOT_JUDGED)
def test_what_it_does_not_judge(name: str) -> None:
    """A script that learns to judge it has to be noted above."""
    _, different = compare(PCAPS / "ids" / name / f"{name}.pcap")
    assert NOT_JUDGED[name] in {each[1] for each in different}


def test_each_difference_is_found() -> None:
    path = capture_path("02-ni-read-tcp")
    ours = {(each["frame"], each["xid"]): each for each in netinfo_scapy.messages(path)}
    shown = messages_shown(path)
    its = next(each for each in shown if each.names.get("procedure") == "Procedure: READ (7)" and "time" in each.header)
    mine = ours[its.frame, int(its.header["xid"][0], 16)]
    assert list(differences(mine, its)) == []
    other = {
        **mine,
        "frame": 0,
        "xid": 0,
        "type": "call",
        "name": "NetInfo.WRITE",
        "length": 1,
        "fragments": 9,
        "call_frame": 1,
        "accept_status": "SYSTEM_ERR",
        "status": "NI_PERM",
        "rtt_seconds": 9.0,
        "anomalies": ["inner-nul"],
        "retransmission": True,
    }
    for name, value in other.items():
        if value != mine[name]:
            assert name in {each[0].partition(":")[0] for each in differences(mine | {name: value}, its)}, name
    instance = {**mine["result"], "id": {**mine["result"]["id"], "instance": 77}}
    assert [each[0] for each in differences(mine | {"result": instance}, its)] == ["body: instance"]


def of_all_kinds() -> list[Frame]:
    """Records in fragments: of no bytes, of one, marks cut, several in a segment, a message of one-byte segments."""
    talk = Talk()
    connection = talk.tcp()
    call = rpc.call(1, rpc.NETINFO, 2, 7, rpc.ni_id(5, 1))
    reply = rpc.read_reply(1)
    connection.call(rpc.record(call, 0, 1, 0, 8, 0), 2, 5, 9)
    connection.reply(rpc.record(reply, *[1] * (len(reply) - 1)))
    connection.call(rpc.record(call, 20), *range(1, 30))
    connection.reply(rpc.record(reply) + rpc.record(rpc.accepted(9))[:3])
    connection.reply(rpc.record(rpc.accepted(9))[3:], 1)
    connection.close()
    return talk.frames


FORMS: dict[str, Callable[[], object]] = {
    "record-fragments": of_all_kinds,
    "single-bytes": lambda: transforms.single_bytes(READS[:90]),
    "cut-and-wrapped": lambda: transforms.cut_every(transforms.wrapping(READS), 37),
    "out-of-order": lambda: transforms.shuffle(list(transforms.several_in_a_segment(recording("11-clone")))),
    "sent-again": lambda: transforms.overlapping(list(transforms.each_twice(READS))),
    "from-the-middle": lambda: transforms.from_the_middle(READS, 139),
    "a-hole": lambda: transforms.remove(transforms.remove(READS, 107), 47),
    "ip-fragments": lambda: transforms.ip_fragments(recording("10-rparent-bind"), backwards=True),
    "ipv6": lambda: transforms.to_ipv6(READS),
    "vxlan": lambda: transforms.tunnel(transforms.padded(READS), "vxlan"),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_traffic_in_another_form(form: str, tmp_path: Path) -> None:
    count, different = compare(write_pcap(tmp_path / "changed.pcap", FORMS[form]()))
    assert count
    assert different == []


def test_in_one_pass_what_was_understood_late_is_shown_then(tmp_path: Path) -> None:
    frames = list(READS)
    places = [index for index, frame in enumerate(frames) if (packet := parse(frame)) and packet.size and index > 42]
    first, second = places[0], places[2]
    swapped = [*frames[:first], frames[second], *frames[first + 1 : second], frames[first], *frames[second + 1 :]]
    path = write_pcap(tmp_path / "swapped.pcap", transforms.in_order(iter(swapped)))
    at_once, afterwards = messages_shown(path, two_passes=False), messages_shown(path)
    late = [each for each in at_once if "message_frame" in each.header]
    assert [each.header["message_frame"] for each in late] == [[str(first + 1)]]
    assert not any("message_frame" in each.header for each in afterwards)
    assert {each.header["xid"][0] for each in at_once} == {each.header["xid"][0] for each in afterwards}


def test_a_call_names_its_reply_and_the_columns_say_it() -> None:
    path = capture_path("02-ni-read-tcp")
    fields = ["frame.number", "_ws.col.Protocol", "_ws.col.Info", "netinfo.reply_frame", "netinfo.call_frame"]
    text = run_tshark(
        path, "-2", "-Y", "netinfo", "-T", "fields", *(word for field in fields for word in ("-e", field))
    )
    rows = {int(row[0]): row[1:] for row in (line.split("\t") for line in text.splitlines())}
    assert rows[83] == ["NetInfo", "NetInfo LOOKUP /0 name=users", "84", ""]
    assert rows[84] == ["NetInfo", "NetInfo LOOKUP /0 name=users -> NI_OK ids=(3) self_id=/0", "", "83"]


def _ids(message: dict[str, Any]) -> list[int]:
    values = (message["arguments"] or {}).values()
    return [each["object"] for each in values if isinstance(each, dict) and "object" in each]


FILTERS: dict[str, Callable[[dict[str, Any]], bool]] = {
    'netinfo.procedure == "CREATEPROP"': lambda m: m["name"] == "NetInfo.CREATEPROP",
    "netinfo.status == 4": lambda m: m["status"] == "NI_PERM" and m["name"].startswith("NetInfo"),
    "netinfo.id == 7 && netinfo.type == 0": lambda m: m["type"] == "call" and 7 in _ids(m),
    "netinfo.password_present == 1": lambda m: bool(m["credential"] and m["credential"].get("password_present")),
    'nibind.tag == "network"': lambda m: "'network'" in str([m["arguments"], m["result"]]) and "nibind" in m["name"],
}


def test_filters() -> None:
    path = capture_path("04-auth")
    ours = list(netinfo_scapy.messages(path))
    for text, means in FILTERS.items():
        shown = run_tshark(path, "-Y", text, "-T", "fields", "-e", "frame.number").split()
        expected = sorted({each["frame"] for each in ours if means(each)})
        assert [int(each) for each in shown] == expected, text
        assert expected, text


def test_no_password_unless_it_is_asked_for() -> None:
    path = capture_path("04-auth")
    passwords = ("rootpw", "adminpw", "wrongpw", "badpw", "anything")
    options = ["-2", "-Y", "netinfo or nibind", "-O", "netinfo,nibind", "-V"]
    hidden = run_tshark(path, *options)
    revealed = run_tshark(path, *options, "-o", "netinfo.show_passwords:TRUE")
    assert "[Password in the credential: True]" in hidden
    for password in passwords:
        assert password not in hidden
        assert bytes(byte ^ 0xFF for byte in password.encode()).hex() not in hidden
        assert f"[Password: {password}]" in revealed


def test_a_port_can_be_named(tmp_path: Path) -> None:
    """Replies alone, at a port that nothing teaches: shown where the user says that it is NetInfo's."""
    replies = [
        each
        for each in netinfo_scapy.messages(capture_path("02-ni-read-tcp"))
        if each["type"] == "reply" and each["transport"] == "tcp" and each["fragments"] == 1
    ]
    ((port, _),) = Counter(each["src_port"] for each in replies).most_common(1)
    of_replies = {each["frame"] for each in replies if each["src_port"] == port}
    path = write_pcap(tmp_path / "replies.pcap", [READS[number - 1] for number in sorted(of_replies)])
    assert messages_shown(path) == []
    by_preference = messages_shown(path, "-o", f"netinfo.ports:1033, {port - 3}-{port}")
    assert len(by_preference) == len(list(netinfo_scapy.messages(path, netinfo_ports=[port]))) == len(of_replies) > 50
    assert [each.header["xid"] for each in messages_shown(path, "-d", f"tcp.port=={port},netinfo")] == [
        each.header["xid"] for each in by_preference
    ]
