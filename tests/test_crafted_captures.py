"""pcaps/crafted: made again they are the same, and they hold what they are to hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import netinfo_scapy

ROOT = Path(__file__).resolve().parents[1]
CRAFTED = ROOT / "pcaps" / "crafted"

NETINFO = """
    PING STATISTICS ROOT SELF PARENT CREATE DESTROY READ WRITE CHILDREN LOOKUP LIST CREATEPROP DESTROYPROP READPROP
    WRITEPROP RENAMEPROP LISTPROPS CREATENAME DESTROYNAME READNAME WRITENAME RPARENT LISTALL BIND READALL CRASHED
    RESYNC LOOKUPREAD
""".split()  # noqa: SIM905 - a list of 29 short words
NIBIND = "PING REGISTER UNREGISTER GETREGISTER LISTREG CREATEMASTER CREATECLONE DESTROYDOMAIN BIND".split()  # noqa: SIM905

MALFORMED: dict[int, str | None] = {
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
    23: "duplicate-reply",
    24: "reply-without-call",
    26: "unknown-rpc-status",
    27: "truncated-header",
}


def told(name: str) -> list[dict[str, Any]]:
    return list(netinfo_scapy.messages(str(CRAFTED / f"{name}.pcap"), reveal=True))


def test_made_again_they_are_the_same(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "pcaps" / "make_crafted.py"), str(tmp_path)], check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.pcap")}
    assert made == {path.name: path.read_bytes() for path in CRAFTED.glob("*.pcap")}
    assert len(made) == 8


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(("program", "names"), [("NetInfo", NETINFO), ("nibind", NIBIND)])
def test_every_procedure_is_there_with_its_answer(program: str, names: list[str], transport: str) -> None:
    messages = told(f"{program.lower()}-{transport}")
    assert [each["name"] for each in messages] == [f"{program}.{name}" for name in names for _ in range(2)]
    assert [each["type"] for each in messages] == ["call", "reply"] * len(names)
    for each in messages:
        assert each["transport"] == transport
        assert each["src_port" if each["type"] == "reply" else "dst_port"] == 961
        assert each["anomalies"] == []
        assert each["status"] in (None, "NI_OK")
        assert each["type"] == "call" or (each["accept_status"], each["call_frame"] is not None) == ("SUCCESS", True)
    values = {each["name"]: each for each in messages if each["type"] == "call"}
    if program == "NetInfo":
        assert values["NetInfo.LOOKUP"]["arguments"] == {
            "id": {"object": 17, "instance": 5},
            "key": "name",
            "value": "users",
        }
        assert values["NetInfo.BIND"]["arguments"] == {"tag": "local", "addr": 0xC0000201}
        replies = {each["name"]: each["result"] for each in messages if each["type"] == "reply"}
        assert [entry["names"] for entry in replies["NetInfo.LIST"]["entries"]] == [["a", "b"], None]
        assert [each["id"]["object"] for each in replies["NetInfo.READALL"]["objects"]] == [0, 17]


def test_every_status_is_there() -> None:
    replies = [each for each in told("statuses") if each["type"] == "reply"]
    statuses = [each["status"] for each in replies if each["status"]]
    assert len(set(statuses)) == 27
    assert {"NI_OK", "NI_PERM", "NI_FAILED", "NI_4711"} <= set(statuses)
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
    assert len({each["auth_status"] for each in replies} - {None}) == 16
    assert {each["reject_status"] for each in replies} == {None, "RPC_MISMATCH", "AUTH_ERROR", "REJECT_2"}
    assert {each["reply_status"] for each in replies} == {"MSG_ACCEPTED", "MSG_DENIED", "MSG_2"}


def test_records_are_put_together() -> None:
    messages = told("records")
    assert len(messages) == 22
    assert all(each["anomalies"] == [] for each in messages)
    assert max(each["fragments"] for each in messages) > 40
    assert [each["xid"] for each in messages if each["type"] == "call"] == [
        *range(0x3000, 0x3004),
        0x3010,
        *range(0x3020, 0x3025),
        0x3030,
    ]


def test_credentials() -> None:
    calls = [each["credential"] for each in told("credentials") if each["type"] == "call"]
    assert [each["flavor"] for each in calls] == [
        *["AUTH_SYS"] * 4,
        "AUTH_SHORT",
        "AUTH_DH",
        "AUTH_DH",
        "RPCSEC_GSS",
        "AUTH_KERB",
        "AUTH_57",
    ]
    assert calls[0]["gids"] == [20, 80, 4294967295]
    assert calls[2]["password"] == "secret"
    assert [each.get("password_present") for each in calls[:4]] == [False, False, True, False]


def test_each_oddity_is_found() -> None:
    assert {each["frame"]: each["anomalies"] for each in told("malformed") if each["anomalies"]} == {
        frame: [anomaly] for frame, anomaly in MALFORMED.items()
    }
