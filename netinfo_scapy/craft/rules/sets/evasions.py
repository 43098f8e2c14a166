"""Evasions themselves, and messages that no client sends."""

from __future__ import annotations

from netinfo_scapy.craft.rules.forms import TWO_JUMPS, UDP, both, call, call_to, sturdy, words
from netinfo_scapy.craft.rules.rule import (
    SERVER_PORTS,
    ByteTest,
    Cases,
    Content,
    Http,
    Match,
    NotHttp,
    Pcre,
    Rule,
    View,
)
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND

_SMALL = 64
_MOST_NAME = 65535
_GIANT_MARK = 0x80FFFFFF

_FRAGMENT = Rule(
    sid=1961000,
    message="call in small record fragments",
    summary="The first record mark from the client is not the last one and says fewer than 64 bytes: no client cuts "
    "its records so. The rule for the evasion itself; it holds whatever is called.",
    match=(ByteTest(1, "<", 0x80, 0, relative=False), ByteTest(4, "<", _SMALL, 0, relative=False)),
    transport=View.STREAM,
    established=True,
    target=SERVER_PORTS,
    classtype="protocol-command-decode",
    references=("MITRE ATT&CK T1562",),
    finding="record-fragments",
)
_MALFORMED = Rule(
    sid=1961900,
    message="",
    summary="",
    match=(),
    classtype="protocol-command-decode",
    references=("MITRE ATT&CK T1499.004",),
)
_OTHER_RPC: tuple[Match, ...] = (
    ByteTest(4, ">", rpc.RPC_VERSION, 0),
    Content(words(NETINFO.number)[:3], distance=4, within=3),
    ByteTest(1, ">", NETINFO.number % 256 - 1, 0),
    ByteTest(1, "<", NIBIND.number % 256 + 1, 0),
)


def _too_many(sid: int, message: str, summary: str, behind: int, *names: str) -> tuple[Rule, Rule]:
    """Calls in which a number, so far behind where the arguments begin, is more than a name or a list may have."""
    rule = _MALFORMED._replace(sid=sid, message=message, summary=summary)
    test = (*TWO_JUMPS, ByteTest(4, ">", _MOST_NAME, behind))
    return both(rule, tcp=(*call(View.BOTH, *names), *test, NotHttp()), udp=(*call(UDP, *names), *test))


_HTTP = Rule(
    sid=1961999,
    message="HTTP, for the other rules",
    summary="Never alerts. It notes that a connection began as HTTP, in which NetInfo's bytes mean nothing: Suricata's "
    "own word for that (app-layer-protocol) is known too late for rules that look at single packets.",
    match=(Content(b" HTTP/1.", 4), Pcre("^[A-Z]{3,10} [^\\r\\n]* HTTP\\/1\\.[01]\\r?\\n"), Http()),
    classtype="misc-activity",
)

RULES = (
    _HTTP,
    _FRAGMENT,
    sturdy(
        _FRAGMENT._replace(
            sid=1961001,
            message="NetInfo call in small record fragments",
            summary="The same for each record of the stream, and for calls to NetInfo only, on any port.",
            target="any",
        ),
        *(f"NetInfo.{row.name}" for row in NETINFO.procedures),
        small=_SMALL,
    ),
    sturdy(
        _FRAGMENT._replace(
            sid=1961002,
            message="nibind call in small record fragments",
            summary="The same for calls to nibind.",
            target="any",
        ),
        *(f"nibind.{row.name}" for row in NIBIND.procedures),
        small=_SMALL,
    ),
    *both(
        _MALFORMED._replace(
            sid=1961900,
            message="call of another RPC version",
            summary="A call to NetInfo or nibind with an RPC version over 2: servers do not answer it, and rules that "
            "do not look at the version take it for a call.",
        ),
        tcp=(Content(words(rpc.CALL), 8, 4), *_OTHER_RPC),
        udp=(Content(words(rpc.CALL), 4, 4), *_OTHER_RPC),
    ),
    *both(
        _MALFORMED._replace(
            sid=1961910,
            message="call of another version of NetInfo",
            summary="Version 0, or 3 and more: no client asks so, but scanners and probes do (PROG_MISMATCH tells them "
            "the right one).",
            finding="service-probing",
        ),
        tcp=(
            Content(words(rpc.CALL, rpc.RPC_VERSION, NETINFO.number), 8),
            ByteTest(4, ">", NETINFO.version, 0),
            NotHttp(),
        ),
        udp=(Content(words(rpc.CALL, rpc.RPC_VERSION, NETINFO.number), 4, 12), ByteTest(4, ">", NETINFO.version, 0)),
    ),
    *both(
        _MALFORMED._replace(
            sid=1961920,
            message="credential of more than 400 bytes",
            summary="RFC 5531 (8.2) allows 400; servers do not answer such a call.",
        ),
        tcp=(call_to(View.BOTH, NETINFO), ByteTest(4, ">", rpc.MAXIMUM_AUTH_BODY, 8), NotHttp()),
        udp=(call_to(UDP, NETINFO), ByteTest(4, ">", rpc.MAXIMUM_AUTH_BODY, 8)),
    ),
    *_too_many(
        1961930,
        "name or list of more than 65535 in a call",
        "The length of a name, or the number of properties, behind the first id: more than the protocol allows.",
        8,
        "NetInfo.CREATE",
        "NetInfo.WRITE",
        "NetInfo.LOOKUP",
        "NetInfo.LIST",
        "NetInfo.CREATEPROP",
        "NetInfo.LOOKUPREAD",
    ),
    *_too_many(
        1961940,
        "value or list of more than 65535 in a call",
        "The same behind the number of a property.",
        12,
        "NetInfo.WRITEPROP",
        "NetInfo.RENAMEPROP",
        "NetInfo.CREATENAME",
    ),
    _MALFORMED._replace(
        sid=1961950,
        message="record mark of 16 million bytes or more",
        summary="The first record of a connection would be longer than any call; a server waits for all of it.",
        match=(ByteTest(4, ">", _GIANT_MARK, 0, relative=False),),
        transport=View.STREAM,
        established=True,
        target=SERVER_PORTS,
    ),
    _MALFORMED._replace(
        sid=1961960,
        message="another protocol on port 961",
        summary="HTTP, SSH or TLS to the port of NetInfo: another service stands there, or is looked for.",
        match=(Pcre("^(?:(?:GET|POST|HEAD|PUT|OPTIONS|CONNECT) |SSH-|\\x16\\x03[\\x00-\\x04])"),),
        target="961",
        references=("MITRE ATT&CK T1571",),
        finding="foreign-service",
    ),
    _MALFORMED._replace(
        sid=1961970,
        message="the port mapper lists NetInfo itself, as the Previous emulator does",
        summary="A genuine netinfod does not register with the port mapper, only nibindd does.",
        match=(
            Content(words(1, NETINFO.number, NETINFO.version), 24),
            Content(words(0)[:3], distance=0, within=3),
        ),
        transport=UDP,
        to_server=False,
        source="111",
        classtype="misc-activity",
        references=(),
        finding="server-dialect",
    ),
)

CASES = {
    1961000: Cases(
        (
            "evasion-readall-record-1-byte",
            "evasion-record-1-byte",
            "evasion-record-1-byte-shuffled",
            "evasion-record-4-bytes",
            "evasion-record-after-header",
            "evasion-record-empty-between",
            "evasion-record-empty-first",
            "evasion-record-fragments-apart",
            "evasion-record-in-program",
            "evasion-register-record-1-byte",
            "evasion-write-record-1-byte",
            "malformed-mark-0",
        )
    ),
    1961001: Cases(
        (
            "evasion-readall-record-1-byte",
            "evasion-record-1-byte",
            "evasion-record-1-byte-shuffled",
            "evasion-record-4-bytes",
            "evasion-record-after-header",
            "evasion-record-empty-between",
            "evasion-record-empty-first",
            "evasion-record-fragments-apart",
            "evasion-record-in-program",
            "evasion-write-record-1-byte",
            "malformed-mark-0",
        )
    ),
    1961002: Cases(("evasion-register-record-1-byte",)),
    1961900: Cases(("malformed-rpc-version-3",)),
    1961901: Cases(("malformed-rpc-version-3-udp",)),
    1961910: Cases(("malformed-program-version-3",)),
    1961911: Cases(("malformed-program-version-9-udp",)),
    1961920: Cases(
        (
            "malformed-credential-404",
            "malformed-credential-8192",
        )
    ),
    1961921: Cases(("malformed-credential-404-udp",)),
    1961930: Cases(
        (
            "malformed-list-count",
            "malformed-long-name",
        )
    ),
    1961931: Cases(("malformed-list-count-udp",)),
    1961940: Cases(("malformed-list-count-values",)),
    1961941: Cases(("malformed-list-count-values-udp",)),
    1961950: Cases(
        (
            "evasion-chaff-checksum",
            "evasion-chaff-ttl",
            "malformed-mark-ffffffff",
        )
    ),
    1961960: Cases(
        (
            "negative-http-on-961",
            "negative-ssh-on-961",
        )
    ),
    1961970: Cases(("recipe-emulator",)),
}
