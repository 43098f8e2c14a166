"""Writes: who may do them, what they change, and whether anybody said who he is."""

from __future__ import annotations

from netinfo_scapy.craft.rules.forms import UDP, both, call, hash_property, pair, sturdy, text, words
from netinfo_scapy.craft.rules.rule import Cases, Content, Engine, KnownMiss, NotHttp, Rule, View
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.table import Kind

_WRITES = tuple(f"NetInfo.{row.name}" for row in NETINFO.procedures if row.kind is Kind.WRITE)
_ANONYMOUS = (Content(words(rpc.AUTH_NONE, 0), distance=0, within=8),)
_UNPRIVILEGED, _RESERVED = "1024:65535", "1:1023"

_ANY = Rule(
    sid=1961200,
    message="write to the directory",
    summary="Any of the ten procedures that write. Many, where the directory is administered over the network.",
    match=(),
    classtype="policy-violation",
    references=("MITRE ATT&CK T1565.001",),
    finding="writes",
)
_NAMELESS = Rule(
    sid=1961210,
    message="write without a credential",
    summary="A write with AUTH_NONE from a port of 1024 or more: done only where _writers has a *.",
    match=(),
    source=_UNPRIVILEGED,
    classtype="policy-violation",
    references=("MITRE ATT&CK T1078",),
    finding="anonymous-writes",
)
_UPDATE = Rule(
    sid=1961220,
    message="write without a credential from a reserved port, as a master's update",
    summary="AUTH_NONE from a port under 1024 is how a master writes to a clone, and how its superuser does from "
    "the host itself. Exempt your masters' addresses.",
    match=(),
    source=_RESERVED,
    classtype="attempted-admin",
    references=("MITRE ATT&CK T1565.001",),
    finding="clone-update",
)


def _naming(sid: int, message: str, summary: str, finding: str, name: Content) -> tuple[Rule, Rule]:
    """Writes in which the name of a property stands."""
    rule = Rule(
        sid=sid,
        message=message,
        summary=summary,
        match=(),
        classtype="attempted-admin",
        references=("MITRE ATT&CK T1484",),
        finding=finding,
    )
    return pair(rule, *_WRITES, behind=(name,))


RULES = (
    *pair(_ANY, *_WRITES),
    sturdy(_ANY._replace(sid=1961202), *_WRITES),
    *pair(_NAMELESS, *_WRITES, behind=_ANONYMOUS),
    *pair(_UPDATE, *_WRITES, behind=_ANONYMOUS),
    *_naming(
        1961230,
        "write that names trusted_networks",
        "Who may connect is changed, or a property of that name is written.",
        "trusted-networks-changed",
        Content(text("trusted_networks"), distance=0),
    ),
    *_naming(
        1961240,
        "write that names _writers",
        "Who may write is changed: _writers, or _writers_NAME for the property NAME.",
        "writers-changed",
        Content(b"_writers", distance=0),
    ),
    *_naming(
        1961250,
        "write that names master",
        "The domain is given another master, from which its clones copy everything.",
        "master-changed",
        Content(text("master"), distance=0),
    ),
    *both(
        Rule(
            sid=1961260,
            message="password hash written",
            summary="A property passwd with a DES crypt of 13 characters in a write.",
            match=(),
            classtype="attempted-admin",
            references=("MITRE ATT&CK T1098",),
            finding="password-hash-written",
        ),
        tcp=(
            *call(View.BOTH, *_WRITES),
            *hash_property(distance=0),
            NotHttp(),
        ),
        udp=(
            *call(UDP, *_WRITES),
            *hash_property(distance=0),
        ),
    ),
)

_CASES_OF_1961200 = (
    "evasion-write-record-1-byte",
    "malformed-list-count",
    "malformed-list-count-small",
    "malformed-list-count-values",
    "negative-update-of-a-clone",
    "procedure-netinfo-create",
    "procedure-netinfo-createname",
    "procedure-netinfo-createprop",
    "procedure-netinfo-destroy",
    "procedure-netinfo-destroyname",
    "procedure-netinfo-destroyprop",
    "procedure-netinfo-renameprop",
    "procedure-netinfo-write",
    "procedure-netinfo-writename",
    "procedure-netinfo-writeprop",
    "recipe-clone-update-spoof",
    "recipe-password-guessing-over-tcp",
    "recipe-password-set",
    "recipe-password-spraying",
    "recipe-rogue-master",
    "recipe-trusted-networks-opened",
    "recipe-uid-0-account",
    "recipe-writers-opened",
)

CASES = {
    1961200: Cases(
        _CASES_OF_1961200,
        known_misses={
            Engine.SURICATA: {"evasion-write-record-1-byte": KnownMiss("record marks cut the pattern in pieces")}
        },
    ),
    1961201: Cases(
        (
            "malformed-list-count-udp",
            "malformed-list-count-values-udp",
            "recipe-password-guessing",
            "recipe-writes-over-udp",
        )
    ),
    1961202: Cases(_CASES_OF_1961200),
    1961210: Cases(
        (
            "evasion-write-record-1-byte",
            "malformed-list-count",
            "malformed-list-count-small",
            "malformed-list-count-values",
            "procedure-netinfo-create",
            "procedure-netinfo-createname",
            "procedure-netinfo-createprop",
            "procedure-netinfo-destroy",
            "procedure-netinfo-destroyname",
            "procedure-netinfo-destroyprop",
            "procedure-netinfo-renameprop",
            "procedure-netinfo-write",
            "procedure-netinfo-writename",
            "procedure-netinfo-writeprop",
        ),
        known_misses={
            Engine.SURICATA: {"evasion-write-record-1-byte": KnownMiss("record marks cut the pattern in pieces")}
        },
    ),
    1961211: Cases(
        (
            "malformed-list-count-udp",
            "malformed-list-count-values-udp",
            "recipe-writes-over-udp",
        )
    ),
    1961220: Cases(
        (
            "negative-update-of-a-clone",
            "recipe-clone-update-spoof",
        )
    ),
    1961221: Cases(("recipe-writes-over-udp",)),
    1961230: Cases(("recipe-trusted-networks-opened",)),
    1961231: Cases(("recipe-writes-over-udp",)),
    1961240: Cases(("recipe-writers-opened",)),
    1961241: Cases(("recipe-writes-over-udp",)),
    1961250: Cases(
        (
            "recipe-rogue-master",
            "recipe-trusted-networks-opened",
        )
    ),
    1961251: Cases(("recipe-writes-over-udp",)),
    1961260: Cases(
        (
            "recipe-clone-update-spoof",
            "recipe-password-set",
            "recipe-uid-0-account",
        )
    ),
    1961261: Cases(("recipe-writes-over-udp",)),
}
