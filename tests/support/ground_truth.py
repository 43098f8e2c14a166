"""The recordings' ground truth, turned into the objects that `messages` promises.

The truth was decoded by a codec that rpcgen made, and it uses the names of the XDR definition. Here those names become
the contract's; nothing is decoded again. What the truth leaves undecoded (rpcbind's GETADDR) is written down by hand.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import communityid

from tests.support.captures import recording, truth_path

NI_STATUS = {
    0: "NI_OK",
    1: "NI_BADID",
    2: "NI_STALE",
    3: "NI_NOSPACE",
    4: "NI_PERM",
    5: "NI_NODIR",
    6: "NI_NOPROP",
    7: "NI_NONAME",
    8: "NI_NOTEMPTY",
    9: "NI_UNRELATED",
    10: "NI_SERIAL",
    11: "NI_NETROOT",
    12: "NI_NORESPONSE",
    13: "NI_RDONLY",
    14: "NI_SYSTEMERR",
    15: "NI_ALIVE",
    16: "NI_NOTMASTER",
    17: "NI_CANTFINDADDRESS",
    18: "NI_DUPTAG",
    19: "NI_NOTAG",
    20: "NI_AUTHERROR",
    21: "NI_NOUSER",
    22: "NI_MASTERBUSY",
    23: "NI_INVALIDDOMAIN",
    24: "NI_BADOP",
    9999: "NI_FAILED",
}
ACCEPT = ("SUCCESS", "PROG_UNAVAIL", "PROG_MISMATCH", "PROC_UNAVAIL", "GARBAGE_ARGS", "SYSTEM_ERR")
REJECT = ("RPC_MISMATCH", "AUTH_ERROR")
AUTH = ("AUTH_OK", "AUTH_BADCRED", "AUTH_REJECTEDCRED", "AUTH_BADVERF", "AUTH_REJECTEDVERF", "AUTH_TOOWEAK")
PREFIX = {100000: "portmap", 200100000: "NetInfo", 200100001: "nibind"}
PREFIX_OF_TRUTH = {"PMAP": "portmap", "NI": "NetInfo", "NIBIND": "nibind"}
RENAMED = {
    "nii_object": "object",
    "nii_instance": "instance",
    "nip_name": "name",
    "nip_val": "values",
    "nio_id": "id",
    "nio_props": "props",
    "nio_parent": "parent",
    "nio_children": "children",
    "highestid": "highest_id",
    "list": "objects",
    "idlist": "ids",
    "object_id": "parent",
    "regs": "registrations",
    "target_id": "target",
}
# Where one name of the definition means different things: procedure -> {name in the truth: name in the contract}.
RENAMED_ARGUMENTS = {"NI.CREATE": {"id": "parent"}, "NI.LIST": {"name": "key"}}
MAPPING = ("program", "version", "protocol", "port")
GETADDR = (100000, 4, 3)
GETADDR_ARGUMENTS = {"program": 100000, "version": 2, "netid": "tcp", "address": "127.0.0.1.0.111", "owner": "libtirpc"}
GETADDR_RESULT = "127.0.0.1.0.111"


def text(value: str) -> object:
    """The truth's latin-1 view of bytes -> text if they are UTF-8, else their hex."""
    raw = value.encode("latin-1")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": raw.hex()}


def shape(value: object, renamed: dict[str, str] = RENAMED) -> object:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [shape(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, item in value.items():
        if key == "addrs":
            out |= item
        else:
            out[renamed.get(key, key)] = shape(item)
    return out


def arguments_of(name: str, value: object) -> object:
    if isinstance(value, list):
        return dict(zip(MAPPING, value, strict=True)) if value else None
    if isinstance(value, str):
        return {"tag": text(value)}
    if isinstance(value, int):
        return {"checksum": value}
    if value is None:
        return None
    if "nii_object" in value:
        return {"id": shape(value)}
    return shape(value, RENAMED | RENAMED_ARGUMENTS.get(name, {}))


def mappings(words: list[int]) -> dict[str, object]:
    found = []
    while words[0]:
        found.append(dict(zip(MAPPING, words[1:5], strict=True)))
        words = words[5:]
    if words != [0]:
        raise ValueError("a DUMP ends with its list")
    return {"mappings": found}


WORDS = {
    "PMAP.NULL": lambda words: None,
    "PMAP.GETPORT": lambda words: {"port": words[0]},
    "PMAP.DUMP": mappings,
}


def result_of(value: object) -> tuple[object, int | None]:
    """(the contract's result, its status or None) of a truth's result."""
    if value is None:
        return None, None
    if isinstance(value, int):
        return None, value
    if isinstance(value, list):
        return {"properties": shape(value)}, None
    rest = dict(value)
    status = rest.pop("status")
    if not rest:
        return None, status
    ((key, item),) = rest.items()
    if key in ("id", "regs"):
        return shape({key: item}), status
    return shape(item), status


def credential_of(line: dict) -> dict[str, object]:
    if line["cred_flavor"] == 0:
        return {"flavor": "AUTH_NONE"}
    auth = line["auth_unix"]
    machine = bytes.fromhex(auth["machine_hex"])
    inverted = bytes(byte ^ 0xFF for byte in machine)
    asks_checksum = (line["prog"], line["proc"]) == (200100000, 1) and inverted == b"checksum"
    password = bool(machine) and inverted.isascii() and not asks_checksum
    return {
        "flavor": "AUTH_SYS",
        "stamp": auth["stamp"],
        "machinename": None if password else text(machine.decode("latin-1")),
        "uid": auth["uid"],
        "gid": auth["gid"],
        "gids": auth["gids"],
        "password_present": password,
    }


def name_of(program: int, version: int, procedure: int, name: str) -> str:
    if (program, version, procedure) == GETADDR:
        return "rpcbind.GETADDR"
    prefix, _, rest = name.partition(".")
    if prefix in PREFIX_OF_TRUTH:
        return f"{PREFIX_OF_TRUTH[prefix]}.{rest}"
    return f"{PREFIX[program]}.PROC_{procedure}"


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings_in(item)


def anomalies_of(line: dict) -> set[str]:
    found = set()
    if "args_error" in line:
        found.add("truncated-arguments")
    # The truth counts the four stray bytes of the library's CALLIT in the call that was forwarded, not in the CALLIT.
    if line.get("args_left") or line.get("result_left") or "inner" in line:
        found.add("bytes-left-over")
    decoded = (line.get("args"), line.get("result"), line.get("inner"))
    if any("\0" in item for part in decoded for item in strings_in(part)):
        found.add("inner-nul")
    return found


def _call(line: dict) -> dict[str, object]:
    program, version, procedure = line["prog"], line["vers"], line["proc"]
    arguments = arguments_of(line["name"], line.get("args"))
    if (program, version, procedure) == GETADDR:
        arguments = GETADDR_ARGUMENTS
    if "inner" in line:
        inner = line["inner"]
        arguments = {
            "program": inner["prog"],
            "version": inner["vers"],
            "procedure": inner["proc"],
            "arguments": arguments_of(inner["name"], inner["args"]),
        }
    return {
        "program": program,
        "version": version,
        "procedure": procedure,
        "name": name_of(program, version, procedure, line["name"]),
        "credential": credential_of(line),
        "arguments": arguments,
    }


def _reply(line: dict, call: dict[str, object]) -> dict[str, object]:
    out = {key: call[key] for key in ("program", "version", "procedure", "name")} | {"call_frame": call["first_frame"]}
    arms = dict.fromkeys(("accept_status", "reject_status", "auth_status", "mismatch"))
    if line["reply_stat"] == "accepted":
        arms["accept_status"] = ACCEPT[line["accept_stat"]]
    else:
        reject, why = line["reject"]
        arms |= {"reject_status": REJECT[reject], "auth_status": AUTH[why]}
    if "result_words" in line:
        result, status = WORDS[line["name"]](line["result_words"]), None
    else:
        result, status = result_of(line.get("result"))
    if call["name"] == "rpcbind.GETADDR":
        result = {"address": GETADDR_RESULT}
    reply_status = {"accepted": "MSG_ACCEPTED", "denied": "MSG_DENIED"}[line["reply_stat"]]
    return (
        out
        | arms
        | {"reply_status": reply_status, "result": result, "status": None if status is None else NI_STATUS[status]}
    )


def _frame_time(name: str, frame: int) -> str:
    seconds, rest = divmod(recording(name)[frame - 1].time, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1000:06d}Z"


def _envelope(name: str, line: dict) -> dict[str, object]:
    (src_ip, src_port), (dst_ip, dst_port) = line["src"].rsplit(":", 1), line["dst"].rsplit(":", 1)
    make = communityid.FlowTuple.make_tcp if line["transport"] == "tcp" else communityid.FlowTuple.make_udp
    return {
        "frame": line["frame"],
        "time": _frame_time(name, line["frame"]),
        "transport": line["transport"],
        "src_ip": src_ip,
        "src_port": int(src_port),
        "dst_ip": dst_ip,
        "dst_port": int(dst_port),
        "community_id": communityid.CommunityID().calc(make(src_ip, dst_ip, int(src_port), int(dst_port))),
        "length": line["len"],
        "fragments": line["fragments"],
        "xid": line["xid"],
        "type": line["type"],
        "anomalies": sorted(anomalies_of(line)),
    }


@cache
def expected_messages(name: str) -> tuple[dict[str, object], ...]:
    """What `messages` must yield for a recording, in capture order, each with the keys that the truth decides."""
    calls: dict[tuple, dict[str, object]] = {}
    expected = []
    for line in map(json.loads, truth_path(name).read_text().splitlines()):
        out = _envelope(name, line)
        if line["type"] == "call":
            call = _call(line)
            key = (line["transport"], line["src"], line["xid"])
            same = {other: value for other, value in line.items() if other != "frame"}
            earlier = calls.get(key)
            again = earlier is not None and earlier["line"] == same and line["transport"] == "udp"
            first = earlier["first_frame"] if again else line["frame"]
            calls[key] = call | {"first_frame": first, "line": same}
            expected.append(out | call)
        else:
            expected.append(out | _reply(line, calls[line["transport"], line["dst"], line["xid"]]))
    return tuple(expected)


@cache
def server_ports(name: str) -> tuple[str, ...]:
    """Every port that is sent calls in a recording, as `netinfo_ports` takes them."""
    calls = (line for line in map(json.loads, truth_path(name).read_text().splitlines()) if line["type"] == "call")
    return tuple(sorted({f"{line['transport']}:{line['dst'].rsplit(':', 1)[1]}" for line in calls}))
