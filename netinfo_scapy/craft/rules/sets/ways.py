"""How a server is found: the port mapper, broadcasts, DHCP; and what lies in wait there."""

from __future__ import annotations

from netinfo_scapy.craft.rules.forms import TWO_JUMPS, UDP, both, call, pair, replied, words
from netinfo_scapy.craft.rules.rule import (
    ByteTest,
    Cases,
    Content,
    Match,
    NotHttp,
    Pcre,
    Rule,
    Size,
    View,
)
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND

_PORTMAPPER = "111"
_OURS: tuple[Match, ...] = (
    # 200100000 or 200100001: what comes behind the credential and the verifier.
    Content(words(NETINFO.number)[:3], distance=0, within=3),
    ByteTest(1, ">", NETINFO.number % 256 - 1, 0),
    ByteTest(1, "<", NIBIND.number % 256 + 1, 0),
)
_BIND = 8


def _asked(sid: int, message: str, summary: str, name: str, behind: tuple[Match, ...]) -> tuple[Rule, Rule]:
    rule = Rule(
        sid=sid,
        message=message,
        summary=summary,
        match=(),
        target=_PORTMAPPER,
        classtype="rpc-portmap-decode",
        references=("MITRE ATT&CK T1046",),
        finding="service-probing",
    )
    return both(
        rule,
        tcp=(*call(View.BOTH, name), *TWO_JUMPS, *behind),
        udp=(*call(UDP, name), *TWO_JUMPS, *behind),
    )


_SEARCH = Rule(
    sid=1961520,
    message="search for a parent domain (BIND within CALLIT)",
    summary="A host looks for its parent through the port mapper, mostly by broadcast; the first answer is believed. "
    "Usual at the start of a host whose parent is not fixed.",
    match=(
        *call(UDP, "portmap.CALLIT"),
        *TWO_JUMPS,
        Content(words(NIBIND.number, NIBIND.version, _BIND), distance=0, within=12),
    ),
    transport=UDP,
    target=_PORTMAPPER,
    classtype="policy-violation",
    references=("CVE-2003-1009", "MITRE ATT&CK T1557"),
    finding="bind-by-unknown-server",
)
_ANSWER = Rule(
    sid=1961521,
    message="answer to a search through the port mapper, with an empty result",
    summary="What a host says that serves the domain looked for, or says it does. Exempt your servers' addresses.",
    match=(Size("32"), replied(UDP), ByteTest(4, "<", 65536, 0), Content(words(0), distance=4, within=4)),
    transport=UDP,
    to_server=False,
    classtype="policy-violation",
    references=("CVE-2003-1009", "MITRE ATT&CK T1557"),
    finding="bind-by-unknown-server",
)
_DIRECT = Rule(
    sid=1961524,
    message="nibind BIND, a parent domain is asked for at an address",
    summary="The same search, at one server's nibind.",
    match=(),
    classtype="policy-violation",
    finding="bind-by-unknown-server",
)

_DHCP_ANSWER: tuple[Match, ...] = (
    Content(b"\x02", 0, 1),
    Content(bytes.fromhex("63825363"), 236, 4),
)
_SERVERS = "\\x70(?:\\x04.{4}|\\x08.{8}|\\x0c.{12}|\\x10.{16})"
_TAG = "\\x71[\\x01-\\x40][\\x21-\\x7e]"
_DHCP = Rule(
    sid=1961530,
    message="DHCP names NetInfo servers and a tag (options 112 and 113)",
    summary="Mac OS X up to 10.3 binds to the servers of option 112 and believes their accounts, root's among them.",
    match=(*_DHCP_ANSWER, Pcre(f"(?:{_SERVERS}.*{_TAG}|{_TAG}.*{_SERVERS})", relative=True)),
    transport=UDP,
    to_server=False,
    source="67",
    target="67:68",
    classtype="policy-violation",
    references=("CVE-2003-1009", "MITRE ATT&CK T1557.003"),
    finding="dhcp-binding",
)

_NESSUS = ("Nessus plugin 11898", "CVE-2001-1412")
_SCANNER = Rule(
    sid=1961540,
    message="Nessus 11898, nibind looked up under version 4294967295",
    summary="The scanner of 2003 begins with GETPORT for this version, once for TCP and once for UDP.",
    match=(
        *call(UDP, "portmap.GETPORT"),
        *TWO_JUMPS,
        Content(words(NIBIND.number, 0xFFFFFFFF), distance=0, within=8),
    ),
    transport=UDP,
    target=_PORTMAPPER,
    classtype="attempted-recon",
    references=_NESSUS,
    finding="nessus-11898",
)


def _scanner(sid: int, what: str, transport: str, *numbers: int) -> Rule:
    """One of its calls, known by the xid that it always has."""
    data = words(*numbers)
    where = Content(data, 0, len(data)) if transport == UDP else Content(data, 4)
    return _SCANNER._replace(
        sid=sid,
        message=f"Nessus 11898, {what}",
        summary=f"The scanner's {what}, with the xid that it has on each run.",
        match=(where,) if transport == UDP else (where, NotHttp()),
        transport=transport,
        target="any",
    )


_HEAD = (rpc.CALL, rpc.RPC_VERSION)
_NIBIND, _NETINFO = (NIBIND.number, NIBIND.version), (NETINFO.number, NETINFO.version)

RULES = (
    *_asked(
        1961500,
        "the port mapper is asked for NetInfo or nibind",
        "GETPORT for one of the two programs. Every client begins so: of use at a border, not within.",
        "portmap.GETPORT",
        _OURS,
    ),
    *_asked(1961510, "the port mapper is asked for its list", "DUMP, as scanners begin.", "portmap.DUMP", ()),
    _SEARCH,
    _ANSWER,
    *pair(_DIRECT, "nibind.BIND"),
    _DHCP,
    _SCANNER,
    _scanner(1961541, "LISTREG", View.BOTH, 0x11E04095, *_HEAD, *_NIBIND, 4),
    _scanner(1961542, "GETREGISTER", UDP, 0x68C15898, *_HEAD, *_NIBIND, 3),
    _scanner(1961543, "ROOT", View.BOTH, 0x15EB4980, *_HEAD, *_NETINFO, 2),
    _scanner(1961544, "LOOKUP of users", View.BOTH, 0x15EB497E, *_HEAD, *_NETINFO, 10),
    _scanner(1961545, "CHILDREN", View.BOTH, 0x15EB497C, *_HEAD, *_NETINFO, 9),
    _scanner(1961546, "READ of a user", View.BOTH, 0x15EB497B, *_HEAD, *_NETINFO, 7),
)

CASES = {
    1961500: Cases(("recipe-search-over-tcp",)),
    1961501: Cases(
        (
            "procedure-portmap-getport",
            "recipe-nessus-11898",
            "recipe-portmap-probing",
        )
    ),
    1961510: Cases(("recipe-search-over-tcp",)),
    1961511: Cases(
        (
            "procedure-portmap-dump",
            "recipe-emulator",
        )
    ),
    1961520: Cases(
        (
            "negative-bind-unanswered",
            "recipe-rogue-bind",
        )
    ),
    1961521: Cases(("recipe-rogue-bind",)),
    1961524: Cases(("recipe-search-over-tcp",)),
    1961525: Cases(
        (
            "negative-bind-failed",
            "procedure-nibind-bind",
        )
    ),
    1961530: Cases(("recipe-rogue-dhcp",)),
    1961540: Cases(("recipe-nessus-11898",)),
    1961541: Cases(("recipe-nessus-11898",)),
    1961542: Cases(("recipe-nessus-11898",)),
    1961543: Cases(("recipe-nessus-11898",)),
    1961544: Cases(("recipe-nessus-11898",)),
    1961545: Cases(("recipe-nessus-11898",)),
    1961546: Cases(("recipe-nessus-11898",)),
}
