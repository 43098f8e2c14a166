"""pcaps/crafted: made again they are the same, and they hold what they are to hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import netinfo_scapy
from tests.support.captures import parse_pcap
from tests.support.ground_truth import NI_STATUS
from tests.support.packets import has_right_checksum, ones_sum, parse

ROOT = Path(__file__).resolve().parents[1]
CRAFTED = ROOT / "pcaps" / "crafted"
NAMES = (
    "credentials",
    "malformed",
    "netinfo-tcp",
    "netinfo-udp",
    "nibind-tcp",
    "nibind-udp",
    "records",
    "statuses",
)

NETINFO = """
    PING STATISTICS ROOT SELF PARENT CREATE DESTROY READ WRITE CHILDREN LOOKUP LIST CREATEPROP DESTROYPROP READPROP
    WRITEPROP RENAMEPROP LISTPROPS CREATENAME DESTROYNAME READNAME WRITENAME RPARENT LISTALL BIND READALL CRASHED
    RESYNC LOOKUPREAD
""".split()  # noqa: SIM905 - a list of 29 short words
NIBIND = "PING REGISTER UNREGISTER GETREGISTER LISTREG CREATEMASTER CREATECLONE DESTROYDOMAIN BIND".split()  # noqa: SIM905

# What each call and each successful reply says, in the words of the contract; None where there is nothing to say.
ID, SELF = {"object": 17, "instance": 5}, {"object": 17, "instance": 6}
PROPS = [
    {"name": "name", "values": ["lpd", "printers"]},
    {"name": "ip_address", "values": ["192.0.2.7"]},
    {"name": "note", "values": []},
]
OF_ID = {"id": ID}
LOOKED_UP = {"id": ID, "key": "name", "value": "users"}
VALUES = ["first", "", "third"]
BINDING = {"tag": "local", "addr": 0xC0000201}
LOCAL = {"tag": "local", "udp_port": 1033, "tcp_port": 1034}
SAID: dict[str, tuple[object, object]] = {
    "NetInfo.PING": (None, None),
    "NetInfo.STATISTICS": (
        None,
        {"properties": [{"name": "checksum", "values": ["4711"]}, {"name": "server_version", "values": ["208"]}]},
    ),
    "NetInfo.ROOT": (None, {"id": {"object": 0, "instance": 3}}),
    "NetInfo.SELF": (OF_ID, OF_ID),
    "NetInfo.PARENT": (OF_ID, {"parent": 0, "self_id": SELF}),
    "NetInfo.CREATE": (
        {"parent": {"object": 1, "instance": 2}, "props": PROPS, "where": 0, "target": {"object": 9, "instance": 0}},
        {"id": ID, "self_id": SELF},
    ),
    "NetInfo.DESTROY": (
        {"parent_id": {"object": 1, "instance": 2}, "self_id": SELF},
        {"id": {"object": 1, "instance": 3}},
    ),
    "NetInfo.READ": (OF_ID, {"id": ID, "props": PROPS}),
    "NetInfo.WRITE": ({"id": ID, "props": PROPS}, OF_ID),
    "NetInfo.CHILDREN": (OF_ID, {"children": [18, 19, 0xFFFFFFFE], "self_id": SELF}),
    "NetInfo.LOOKUP": (LOOKED_UP, {"ids": [17], "self_id": SELF}),
    "NetInfo.LIST": (
        {"id": ID, "key": "name"},
        {"entries": [{"id": 18, "names": ["a", "b"]}, {"id": 19, "names": None}], "self_id": SELF},
    ),
    "NetInfo.CREATEPROP": (
        {"id": ID, "prop": {"name": "note", "values": ["made for this capture"]}, "where": 0},
        OF_ID,
    ),
    "NetInfo.DESTROYPROP": ({"id": ID, "prop_index": 2}, OF_ID),
    "NetInfo.READPROP": ({"id": ID, "prop_index": 2}, {"values": VALUES, "self_id": SELF}),
    "NetInfo.WRITEPROP": ({"id": ID, "prop_index": 2, "values": VALUES}, OF_ID),
    "NetInfo.RENAMEPROP": ({"id": ID, "prop_index": 2, "name": "renamed"}, OF_ID),
    "NetInfo.LISTPROPS": (OF_ID, {"values": ["name", "ip_address", "note"], "self_id": SELF}),
    "NetInfo.CREATENAME": ({"id": ID, "prop_index": 2, "name": "renamed", "where": 0}, OF_ID),
    "NetInfo.DESTROYNAME": ({"id": ID, "prop_index": 2, "name_index": 1}, OF_ID),
    "NetInfo.READNAME": ({"id": ID, "prop_index": 2, "name_index": 1}, {"id": ID, "name": "renamed"}),
    "NetInfo.WRITENAME": ({"id": ID, "prop_index": 2, "name_index": 1, "name": "renamed"}, OF_ID),
    "NetInfo.RPARENT": (None, BINDING),
    "NetInfo.LISTALL": (OF_ID, {"self_id": SELF, "entries": [PROPS, []]}),
    "NetInfo.BIND": (BINDING, None),
    "NetInfo.READALL": (
        {"checksum": 4711},
        {
            "checksum": 93,
            "highest_id": 17,
            "objects": [
                {
                    "id": {"object": 0, "instance": 3},
                    "props": [{"name": "master", "values": ["big/network"]}],
                    "parent": 0,
                    "children": [17],
                },
                {"id": ID, "props": PROPS, "parent": 0, "children": []},
            ],
        },
    ),
    "NetInfo.CRASHED": ({"checksum": 4711}, None),
    "NetInfo.RESYNC": (None, None),
    "NetInfo.LOOKUPREAD": (LOOKED_UP, {"id": ID, "props": PROPS}),
    "nibind.PING": (None, None),
    "nibind.REGISTER": (LOCAL, None),
    "nibind.UNREGISTER": ({"tag": "local"}, None),
    "nibind.GETREGISTER": ({"tag": "local"}, {"udp_port": 1033, "tcp_port": 1034}),
    "nibind.LISTREG": (None, {"registrations": [LOCAL, {"tag": "network", "udp_port": 700, "tcp_port": 701}]}),
    "nibind.CREATEMASTER": ({"tag": "local"}, None),
    "nibind.CREATECLONE": (
        {"tag": "local", "master_name": "big", "master_addr": 0xC0000202, "master_tag": "network"},
        None,
    ),
    "nibind.DESTROYDOMAIN": ({"tag": "local"}, None),
    "nibind.BIND": ({"client_addr": 0xC000020A, "client_tag": "network", "server_tag": "local"}, None),
}
WITHOUT_STATUS = {"NetInfo.PING", "NetInfo.STATISTICS", "NetInfo.BIND", "NetInfo.CRASHED", "nibind.PING", "nibind.BIND"}
SERVERS = {"NetInfo": "192.0.2.1", "nibind": "192.0.2.2"}

MALFORMED = {
    1: "bytes-left-over",
    2: "nonzero-padding",
    3: "optional-flag",
    4: "truncated-arguments",
    5: "truncated-arguments",
    6: "inner-nul",
    7: "bad-credential",
    8: "bad-credential",
    9: "rpc-version",
    10: "protected-body",
    11: "nonzero-padding",
    12: "bytes-left-over",
    14: "truncated-result",
    16: "bytes-left-over",
    18: "truncated-result",
    20: "dialect-previous",
    22: "over-limit",
    24: "odd-boolean",
    27: "duplicate-reply",
    28: "reply-without-call",
    30: "unknown-rpc-status",
    31: "truncated-header",
    35: "incomplete-record",
}


def told(name: str) -> list[dict[str, Any]]:
    return list(netinfo_scapy.messages(str(CRAFTED / f"{name}.pcap"), reveal=True))


def test_made_again_they_are_the_same(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "pcaps" / "make_crafted.py"), str(tmp_path)], check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.pcap")}
    assert made == {path.name: path.read_bytes() for path in CRAFTED.glob("*.pcap")}
    assert sorted(made) == [f"{name}.pcap" for name in NAMES]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(("program", "names"), [("NetInfo", NETINFO), ("nibind", NIBIND)])
def test_every_procedure_is_there_with_its_answer(program: str, names: list[str], transport: str) -> None:
    messages = told(f"{program.lower()}-{transport}")
    assert [(each["name"], each["type"]) for each in messages] == [
        (f"{program}.{name}", kind) for name in names for kind in ("call", "reply")
    ]
    for each in messages:
        name, answer = each["name"], each["type"] == "reply"
        assert each["arguments"] == (None if answer else SAID[name][0]), name
        assert each["result"] == (SAID[name][1] if answer else None), name
        assert each["status"] == ("NI_OK" if answer and name not in WITHOUT_STATUS else None), name
        assert each["accept_status"] == ("SUCCESS" if answer else None)
        assert each["transport"] == transport
        side = "src" if answer else "dst"
        assert (each[f"{side}_ip"], each[f"{side}_port"]) == (SERVERS[program], 961)
        assert each["anomalies"] == []


def test_every_procedure_is_expected() -> None:
    assert list(SAID) == [*(f"NetInfo.{name}" for name in NETINFO), *(f"nibind.{name}" for name in NIBIND)]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "malformed"])
def test_every_call_has_its_reply_and_every_reply_its_call(name: str) -> None:
    messages = told(name)
    calls = [(each["xid"], each["frame"]) for each in messages if each["type"] == "call"]
    replies = [(each["xid"], each["call_frame"]) for each in messages if each["type"] == "reply"]
    assert replies == calls
    assert len({xid for xid, _ in calls}) == len(calls)


@pytest.mark.parametrize("name", NAMES)
def test_checksums_are_right(name: str) -> None:
    frames = parse_pcap((CRAFTED / f"{name}.pcap").read_bytes())
    packets = [parse(frame) for frame in frames]
    assert all(
        packet is not None and has_right_checksum(frame, packet) for frame, packet in zip(frames, packets, strict=True)
    )
    assert all(ones_sum(frame.data[14:34]) == 0xFFFF for frame in frames)


@pytest.mark.parametrize("name", NAMES)
def test_the_header_says_nothing_of_this_machine(name: str) -> None:
    """Little-endian, microseconds, version 2.4, zone and accuracy 0, Ethernet."""
    assert (CRAFTED / f"{name}.pcap").read_bytes()[:24] == bytes.fromhex(
        "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
    )


def test_every_status_is_there() -> None:
    replies = [each for each in told("statuses") if each["type"] == "reply"]
    statuses = [each["status"] for each in replies if each["status"]]
    assert statuses == [*NI_STATUS.values(), "NI_4711"]
    assert {each["accept_status"] for each in replies} == {
        None,
        "SUCCESS",
        "PROG_UNAVAIL",
        "PROG_MISMATCH",
        "PROC_UNAVAIL",
        "GARBAGE_ARGS",
        "SYSTEM_ERR",
        "ACCEPT_6",
    }
    assert [each["auth_status"] for each in replies if each["auth_status"]] == [
        "AUTH_OK",
        "AUTH_BADCRED",
        "AUTH_REJECTEDCRED",
        "AUTH_BADVERF",
        "AUTH_REJECTEDVERF",
        "AUTH_TOOWEAK",
        "AUTH_INVALIDRESP",
        "AUTH_FAILED",
        "AUTH_KERB_GENERIC",
        "AUTH_TIMEEXPIRE",
        "AUTH_TKT_FILE",
        "AUTH_DECODE",
        "AUTH_NET_ADDR",
        "RPCSEC_GSS_CREDPROBLEM",
        "RPCSEC_GSS_CTXPROBLEM",
        "AUTH_15",
    ]
    mismatches = [(each["accept_status"] or each["reject_status"], each["mismatch"]) for each in replies]
    assert [each for each in mismatches if each[1]] == [
        ("PROG_MISMATCH", {"low": 2, "high": 2}),
        ("RPC_MISMATCH", {"low": 2, "high": 2}),
    ]
    assert {each["reject_status"] for each in replies} == {None, "RPC_MISMATCH", "AUTH_ERROR", "REJECT_2"}
    assert {each["reply_status"] for each in replies} == {"MSG_ACCEPTED", "MSG_DENIED", "MSG_2"}


def test_records_are_put_together() -> None:
    messages = told("records")
    assert len(messages) == 22
    assert all(each["anomalies"] == [] for each in messages)
    # 48 and 6840 bytes in fragments of 1020 and 3996, 48 and 40 in those of 4 and 1; then empty ones; the rest whole.
    assert [each["fragments"] for each in messages] == [1, 7, 1, 2, 12, 10, 48, 40, 4, *[1] * 13]
    assert [each["length"] for each in messages[:8]] == [48, 6840, 48, 6840, 48, 40, 48, 40]
    assert len({each["frame"] for each in messages[10:15]}) == 1
    assert [each["xid"] for each in messages if each["type"] == "call"] == [
        *range(0x3000, 0x3004),
        0x3010,
        *range(0x3020, 0x3025),
        0x3030,
    ]


def test_credentials() -> None:
    calls = [each["credential"] for each in told("credentials") if each["type"] == "call"]
    assert [each["flavor"] for each in calls] == [
        "AUTH_NONE",
        *["AUTH_SYS"] * 4,
        "AUTH_SHORT",
        "AUTH_DH",
        "AUTH_DH",
        "RPCSEC_GSS",
        "AUTH_KERB",
        "AUTH_57",
    ]
    assert calls[1]["gids"] == [20, 80, 4294967295]
    assert [each["machinename"] for each in calls[1:3]] == ["workstation", ""]
    assert calls[3]["password"] == "secret"
    # "p\u00e4ss" is not ASCII; inverted, not every byte of it tells of a password.
    assert [each["password_present"] for each in calls[1:5]] == [False, False, True, False]


def test_each_oddity_is_found() -> None:
    assert {each["frame"]: each["anomalies"] for each in told("malformed") if each["anomalies"]} == {
        frame: [anomaly] for frame, anomaly in MALFORMED.items()
    }
