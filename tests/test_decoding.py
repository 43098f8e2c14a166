"""Messages that servers accept and that are not quite as they should be, and every status there is."""

import json

import pytest

from tests.support import rpc
from tests.support.compare import Message, run_frames
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

READ_3 = {"id": {"object": 3, "instance": 0}}


def call_of(message: bytes) -> Message:
    talk = Talk()
    talk.udp(CLIENT, SERVER, message)
    (found,) = run_frames(talk.frames)
    return found


def reply_of(call: bytes, reply: bytes) -> Message:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(call))
    raw = rpc.record(reply)
    connection.reply(raw, *range(1460, len(raw), 1460))
    _, found = run_frames(talk.frames)
    return found


def test_bytes_left_over() -> None:
    call = call_of(rpc.read(1, 3) + b"\0\0\0\7")
    assert (call["arguments"], call["anomalies"]) == (READ_3, ["bytes-left-over"])
    reply = reply_of(rpc.root(1), rpc.root_reply(1) + b"tail")
    assert (reply["result"], reply["anomalies"]) == ({"id": {"object": 0, "instance": 9}}, ["bytes-left-over"])
    void = reply_of(rpc.ping(1), rpc.accepted(1, b"\0\0\0\0"))
    assert (void["result"], void["anomalies"]) == (None, ["bytes-left-over"])


def test_bytes_left_over_in_callit() -> None:
    """The client library announces an argument four bytes too long."""
    arguments = rpc.words(rpc.NETINFO, 2, 7) + rpc.opaque(rpc.ni_id(3) + b"\0\0\0\0")
    call = call_of(rpc.call(1, rpc.PORTMAP, 2, 5, arguments))
    assert (call["arguments"]["arguments"], call["anomalies"]) == (READ_3, ["bytes-left-over"])


LOOKUP = {"id": {"object": 0, "instance": 0}, "key": "k", "value": "value"}


def _lookup(key: bytes, value: bytes) -> bytes:
    return rpc.call(1, rpc.NETINFO, 2, 10, rpc.ni_id() + key + value)


def test_nonzero_padding() -> None:
    call = call_of(_lookup(rpc.opaque("k", fill=b"\xff"), rpc.opaque("value")))
    assert (call["arguments"], call["anomalies"]) == (LOOKUP, ["nonzero-padding"])


def test_inner_nul() -> None:
    call = call_of(_lookup(rpc.opaque("k"), rpc.opaque(b"val\0ue")))
    assert (call["arguments"], call["anomalies"]) == (LOOKUP | {"value": "val\0ue"}, ["inner-nul"])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(b"na\xc3\xafve", "naïve"), (b"na\xefve", {"hex": "6e61ef7665"}), (b"", ""), (b"\xff", {"hex": "ff"})],
)
def test_strings_are_text_or_hex(raw: bytes, shown: object) -> None:
    assert call_of(_lookup(rpc.opaque("k"), rpc.opaque(raw)))["arguments"]["value"] == shown


@pytest.mark.parametrize("flag", [1, 2, 0xFFFFFFFF])
def test_optional_flag(flag: int) -> None:
    create = rpc.ni_id(1) + rpc.properties([("name", ("n",))]) + rpc.words(0xFFFFFFFF, flag) + rpc.ni_id(5, 6)
    call = call_of(rpc.call(1, rpc.NETINFO, 2, 5, create))
    assert call["arguments"] == {
        "parent": {"object": 1, "instance": 0},
        "props": [{"name": "name", "values": ["n"]}],
        "where": 4294967295,
        "target": {"object": 5, "instance": 6},
    }
    assert call["anomalies"] == ([] if flag == 1 else ["optional-flag"])


def test_optional_missing_in_a_list() -> None:
    entries = rpc.array([rpc.words(3, 1) + rpc.names(["a", "b"]), rpc.words(4, 0), rpc.words(5, 7) + rpc.names([])])
    list_call = rpc.call(1, rpc.NETINFO, 2, 11, rpc.ni_id() + rpc.opaque("name"))
    reply = reply_of(list_call, rpc.accepted(1, rpc.words(0) + entries + rpc.ni_id(0, 2)))
    names = [{"id": 3, "names": ["a", "b"]}, {"id": 4, "names": None}, {"id": 5, "names": []}]
    assert reply["result"] == {"entries": names, "self_id": {"object": 0, "instance": 2}}
    assert reply["anomalies"] == ["optional-flag"]


TRUNCATED = {
    "cut": rpc.ni_id() + rpc.opaque("key"),
    "length-past-the-end": rpc.ni_id() + rpc.opaque("key") + rpc.words(0xFFFFFFF0) + b"abcd",
    "nothing": b"",
}


@pytest.mark.parametrize("case", TRUNCATED)
def test_truncated_arguments(case: str) -> None:
    call = call_of(rpc.call(1, rpc.NETINFO, 2, 10, TRUNCATED[case]))
    assert call.get("arguments") is None
    assert "truncated-arguments" in call["anomalies"]


def test_truncated_result() -> None:
    """A LISTREG of too many registrations over TCP: status and count, then nothing; then a second answer."""
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.listreg(1)))
    connection.reply(rpc.record(rpc.accepted(1, rpc.words(0, 33))))
    connection.reply(rpc.record(rpc.accepted(1, status=5)))
    _, first, second = run_frames(talk.frames)
    assert "truncated-result" in first["anomalies"]
    assert first.get("result") is None
    assert (second["accept_status"], second["anomalies"]) == ("SYSTEM_ERR", ["duplicate-reply"])


GSS_NONE = rpc.words(1, 0, 1, 1) + rpc.opaque(b"handle")
CREDENTIALS = {
    "AUTH_NONE": rpc.auth(0),
    "AUTH_NONE-with-body": rpc.auth(0, b"abcd"),
    "AUTH_SYS": rpc.auth_sys("host", 501, 20, (20, 80)),
    "AUTH_SHORT": rpc.auth(2, b"\1\2\3\4\5\6\7\x08"),
    "AUTH_SHORT-odd": rpc.auth(2, b"\1\2\3\4\5"),
    "AUTH_DH": rpc.auth(3, rpc.words(0) + rpc.opaque("unix.1@net") + b"k" * 16),
    "RPCSEC_GSS": rpc.auth(6, GSS_NONE),
    "AUTH_57": rpc.auth(57, b"x" * 21),
}


@pytest.mark.parametrize("verifier", [0, 5, 12])
@pytest.mark.parametrize("case", CREDENTIALS)
def test_credentials_do_not_misalign_what_follows(case: str, verifier: int) -> None:
    arguments = rpc.ni_id(3)
    call = call_of(
        rpc.call(1, rpc.NETINFO, 2, 7, arguments, credential=CREDENTIALS[case], verifier=rpc.auth(2, b"v" * verifier))
    )
    assert call["arguments"] == READ_3
    assert call["credential"]["flavor"] == case.partition("-")[0]
    assert call["verifier"] == {"flavor": "AUTH_SHORT", "length": verifier}
    if case == "AUTH_SYS":
        wanted = {"stamp": 1, "machinename": "host", "uid": 501, "gid": 20, "gids": [20, 80], "password_present": False}
        assert call["credential"] == {"flavor": "AUTH_SYS"} | wanted


BAD_CREDENTIALS = {
    "short": rpc.auth(1, rpc.words(1)),
    "machine-past-the-end": rpc.auth(1, rpc.words(1, 400) + b"host"),
    "gids-past-the-end": rpc.auth(1, rpc.words(1) + rpc.opaque("host") + rpc.words(0, 0, 9, 1)),
    "over-400": rpc.auth_sys("h" * 255, gids=tuple(range(16)))[:4] + rpc.opaque(b"x" * 404),
}


@pytest.mark.parametrize("case", BAD_CREDENTIALS)
def test_bad_credentials(case: str) -> None:
    call = call_of(rpc.call(1, rpc.NETINFO, 2, 7, rpc.ni_id(3), credential=BAD_CREDENTIALS[case]))
    assert "bad-credential" in call["anomalies"]
    assert call["credential"]["flavor"] == "AUTH_SYS"
    assert call["arguments"] == READ_3


# (machinename on the wire, the call, whether it is a password)
MACHINES = [
    (b"", rpc.NETINFO, 7, False),
    (b"host.example", rpc.NETINFO, 7, False),
    (rpc.inverted("rootpw"), rpc.NETINFO, 7, True),
    (rpc.inverted("x"), rpc.NETINFO, 8, True),
    (b"h" + rpc.inverted("rootpw"), rpc.NETINFO, 7, False),
    (rpc.inverted("checksum"), rpc.NETINFO, 1, False),
    (rpc.inverted("checksum"), rpc.NETINFO, 7, True),
]


@pytest.mark.parametrize(("machine", "program", "procedure", "secret"), MACHINES)
def test_passwords_stay_hidden(machine: bytes, program: int, procedure: int, secret: bool) -> None:
    body = b"" if procedure == 1 else rpc.ni_id(3) + (rpc.properties([]) if procedure == 8 else b"")
    call = call_of(rpc.call(1, program, 2, procedure, body, credential=rpc.auth_sys(machine)))
    assert call["credential"]["password_present"] is secret
    if secret:
        assert call["credential"]["machinename"] is None
        shown = json.dumps(call)
        assert machine.hex() not in shown
        assert len(machine) < 3 or bytes(b ^ 0xFF for b in machine).decode() not in shown
    else:
        wanted = machine.decode() if machine.isascii() else {"hex": machine.hex()}
        assert call["credential"]["machinename"] == wanted


ACCEPTED = ["SUCCESS", "PROG_UNAVAIL", "PROG_MISMATCH", "PROC_UNAVAIL", "GARBAGE_ARGS", "SYSTEM_ERR"]
AUTH = {
    1: "AUTH_BADCRED",
    2: "AUTH_REJECTEDCRED",
    3: "AUTH_BADVERF",
    4: "AUTH_REJECTEDVERF",
    5: "AUTH_TOOWEAK",
    6: "AUTH_INVALIDRESP",
    7: "AUTH_FAILED",
    8: "AUTH_KERB_GENERIC",
    9: "AUTH_TIMEEXPIRE",
    10: "AUTH_TKT_FILE",
    11: "AUTH_DECODE",
    12: "AUTH_NET_ADDR",
    13: "RPCSEC_GSS_CREDPROBLEM",
    14: "RPCSEC_GSS_CTXPROBLEM",
}
ARMS = {
    name: (rpc.accepted(1, rpc.words(1, 3) if name == "PROG_MISMATCH" else b"", number), {"accept_status": name})
    for number, name in enumerate(ACCEPTED)
    if name != "SUCCESS"
}
ARMS["PROG_MISMATCH"][1]["mismatch"] = {"low": 1, "high": 3}
ARMS["RPC_MISMATCH"] = (rpc.denied(1, 0, 2, 2), {"reject_status": "RPC_MISMATCH", "mismatch": {"low": 2, "high": 2}})
ARMS |= {
    name: (rpc.denied(1, 1, number), {"reject_status": "AUTH_ERROR", "auth_status": name})
    for number, name in AUTH.items()
}


@pytest.mark.parametrize("arm", ARMS)
def test_reply_arms(arm: str) -> None:
    raw, wanted = ARMS[arm]
    reply = reply_of(rpc.root(1), raw)
    keys = ("accept_status", "reject_status", "auth_status", "mismatch", "status", "result")
    assert {key: reply[key] for key in keys if reply.get(key) is not None} == wanted
    assert reply["reply_status"] == ("MSG_ACCEPTED" if "accept_status" in wanted else "MSG_DENIED")
    assert (reply["name"], reply["anomalies"]) == ("NetInfo.ROOT", [])


STATUSES = {
    0: "NI_OK",
    1: "NI_BADID",
    5: "NI_NODIR",
    13: "NI_RDONLY",
    20: "NI_AUTHERROR",
    24: "NI_BADOP",
    9999: "NI_FAILED",
}


@pytest.mark.parametrize("number", STATUSES)
def test_statuses(number: int) -> None:
    resync = reply_of(rpc.call(1, rpc.NETINFO, 2, 27), rpc.accepted(1, rpc.words(number)))
    assert (resync["status"], resync.get("result"), resync["anomalies"]) == (STATUSES[number], None, [])
    if number:
        root = reply_of(rpc.root(1), rpc.accepted(1, rpc.words(number)))
        assert (root["status"], root.get("result"), root["anomalies"]) == (STATUSES[number], None, [])


def test_unknown_status_is_named_by_number() -> None:
    reply = reply_of(rpc.root(1), rpc.accepted(1, rpc.words(57)))
    assert "57" in str(reply["status"])
    assert reply.get("result") is None


NAMES = [
    (rpc.NETINFO, 2, 29, "NetInfo.PROC_29"),
    (rpc.NETINFO, 2, 1000, "NetInfo.PROC_1000"),
    (rpc.NIBIND, 1, 9, "nibind.PROC_9"),
    (rpc.PORTMAP, 2, 77, "portmap.PROC_77"),
    (rpc.PORTMAP, 4, 77, "rpcbind.PROC_77"),
    (rpc.PORTMAP, 2, 0, "portmap.NULL"),
    (rpc.NETINFO, 2, 0, "NetInfo.PING"),
    (rpc.NIBIND, 1, 0, "nibind.PING"),
    (200100002, 2, 7, "200100002.2.7"),
    (100003, 3, 1, "100003.3.1"),
]


@pytest.mark.parametrize(("program", "version", "procedure", "name"), NAMES, ids=[name[-1] for name in NAMES])
def test_names(program: int, version: int, procedure: int, name: str) -> None:
    call = call_of(rpc.call(1, program, version, procedure))
    assert (call["program"], call["version"], call["procedure"], call["name"]) == (program, version, procedure, name)
    assert call.get("arguments") is None


def test_listreg_of_the_previous_dialect() -> None:
    links = b"".join(
        rpc.words(1) + rpc.opaque(tag) + rpc.words(*ports) for tag, ports in (("local", (7, 8)), ("network", (9, 10)))
    )
    reply = reply_of(rpc.listreg(1), rpc.accepted(1, rpc.words(0) + links + rpc.words(0)))
    assert reply["result"] == {
        "registrations": [
            {"tag": "local", "udp_port": 7, "tcp_port": 8},
            {"tag": "network", "udp_port": 9, "tcp_port": 10},
        ]
    }
    assert reply["anomalies"] == ["dialect-previous"]
    assert reply["status"] == "NI_OK"


@pytest.mark.parametrize("tags", [[], ["network"], ["local", "network"]])
def test_listreg_as_it_should_be(tags: list[str]) -> None:
    entries = rpc.array(rpc.opaque(tag) + rpc.words(7, 8) for tag in tags)
    reply = reply_of(rpc.listreg(1), rpc.accepted(1, rpc.words(0) + entries))
    assert reply["result"] == {"registrations": [{"tag": tag, "udp_port": 7, "tcp_port": 8} for tag in tags]}
    assert reply["anomalies"] == []


@pytest.mark.parametrize(("number", "status"), [(0, "NI_OK"), (19, "NI_NOTAG")])
def test_bind_of_the_previous_dialect(number: int, status: str) -> None:
    arguments = rpc.words(0x7F000001) + rpc.opaque("local") + rpc.opaque("network")
    reply = reply_of(rpc.call(1, rpc.NIBIND, 1, 8, arguments), rpc.accepted(1, rpc.words(number)))
    assert (reply["status"], reply["anomalies"]) == (status, ["dialect-previous"])


def test_readall_is_a_chain() -> None:
    count = 2_000
    links = b"".join(
        rpc.words(1) + rpc.ni_id(at, 1) + rpc.properties([("name", (str(at),))]) + rpc.words(0, 1, at + 1)
        for at in range(count)
    )
    reply = reply_of(
        rpc.call(1, rpc.NETINFO, 2, 25, rpc.words(7)),
        rpc.accepted(1, rpc.words(0, 99, count - 1) + links + rpc.words(0)),
    )
    assert (reply["result"]["checksum"], reply["result"]["highest_id"]) == (99, count - 1)
    assert reply["result"]["objects"] == [
        {
            "id": {"object": at, "instance": 1},
            "props": [{"name": "name", "values": [str(at)]}],
            "parent": 0,
            "children": [at + 1],
        }
        for at in range(count)
    ]
    assert reply["anomalies"] == []


def test_portmap_results() -> None:
    talk = Talk()
    server = Address(SERVER.ip, 111)
    mapping = rpc.words(rpc.NIBIND, 1, 17, 755)
    talk.ask(rpc.call(1, rpc.PORTMAP, 2, 1, mapping), rpc.accepted(1, rpc.words(1)), server=server)
    call, reply = run_frames(talk.frames)
    assert (call["name"], call["arguments"]) == (
        "portmap.SET",
        {"program": rpc.NIBIND, "version": 1, "protocol": 17, "port": 755},
    )
    assert reply["result"] in ({"done": True}, {"done": 1})
