"""Reads that give out users, and answers with password hashes in them."""

from __future__ import annotations

from netinfo_scapy.craft.rules.forms import TWO_JUMPS, UDP, both, hash_property, pair, replied, sturdy, text
from netinfo_scapy.craft.rules.rule import Cases, Content, Engine, KnownMiss, NotHttp, Rule

_HASHES = ("CVE-2001-1412", "MITRE ATT&CK T1003.008")

_READALL = Rule(
    sid=1961100,
    message="READALL, the whole directory is asked for",
    summary="READALL gives all of a domain in one answer; only a clone has a use for it: exempt your clones.",
    match=(),
    classtype="attempted-recon",
    references=("CVE-2001-1412",),
    finding="readall",
)
_LISTALL = Rule(
    sid=1961110,
    message="LISTALL, all properties of all children are asked for",
    summary="LISTALL gives every property of every child: of /users, the accounts with their hashes.",
    match=(),
    classtype="attempted-recon",
    references=("CVE-2001-1412",),
    finding="bulk-read",
)
_LIST = Rule(
    sid=1961120,
    message="LIST of passwd",
    summary="LIST with the key passwd gives the hashes of all accounts, without the rest.",
    match=(),
    classtype="attempted-recon",
    references=("CVE-2001-1412",),
    finding="bulk-read",
)
_PASSWD = (*TWO_JUMPS, Content(text("passwd"), distance=8, within=12))

_GIVEN = Rule(
    sid=1961140,
    message="a password hash in an answer",
    summary="A property passwd with a DES crypt of 13 characters: the sturdy backstop, as evasions sit on calls.",
    match=(),
    to_server=False,
    classtype="successful-recon-largescale",
    references=_HASHES,
    finding="password-hashes",
)

RULES = (
    *pair(_READALL, "NetInfo.READALL"),
    sturdy(_READALL._replace(sid=1961102), "NetInfo.READALL"),
    *pair(_LISTALL, "NetInfo.LISTALL"),
    sturdy(_LISTALL._replace(sid=1961112), "NetInfo.LISTALL"),
    *pair(_LIST, "NetInfo.LIST", behind=_PASSWD),
    *both(
        _GIVEN,
        tcp=(*hash_property(), NotHttp()),
        udp=(replied(UDP), *hash_property()),
    ),
)

CASES = {
    1961110: Cases(
        hits=("procedure-netinfo-listall", "evasion-chaff-ambiguous", "evasion-record-1-byte"),
        known_misses={Engine.SURICATA: {"evasion-record-1-byte": KnownMiss("record marks cut the pattern in pieces")}},
    ),
    1961112: Cases(
        hits=("procedure-netinfo-listall", "evasion-chaff-ambiguous", "evasion-record-1-byte"),
        known_misses={Engine.SURICATA: {"evasion-chaff-ambiguous": KnownMiss("the stream holds the chaff")}},
    ),
    1961140: Cases(hits=("procedure-netinfo-listall", "evasion-chaff-ambiguous", "evasion-record-1-byte")),
}
