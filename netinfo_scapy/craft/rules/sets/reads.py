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

_CASES_OF_1961110 = (
    "evasion-calls-only",
    "evasion-chaff-ambiguous",
    "evasion-chaff-checksum",
    "evasion-chaff-ttl",
    "evasion-credential-long",
    "evasion-credential-password",
    "evasion-credential-short",
    "evasion-credential-unix",
    "evasion-no-handshake",
    "evasion-other-port",
    "evasion-overlap",
    "evasion-overlap-conflict",
    "evasion-record-1-byte",
    "evasion-record-1-byte-shuffled",
    "evasion-record-4-bytes",
    "evasion-record-after-header",
    "evasion-record-empty-between",
    "evasion-record-empty-first",
    "evasion-record-fragments-apart",
    "evasion-record-in-program",
    "evasion-reply-fragments",
    "evasion-reply-fragments-7",
    "evasion-reply-segments-7",
    "evasion-segments-1",
    "evasion-segments-18",
    "evasion-segments-2",
    "evasion-segments-4",
    "evasion-segments-again",
    "evasion-segments-reversed",
    "evasion-segments-shuffled",
    "evasion-segments-twice",
    "evasion-snap-length",
    "evasion-two-in-a-segment",
    "malformed-left-over-reply",
    "malformed-list-count-reply",
    "malformed-mark-0",
    "malformed-mark-ffffffff",
    "procedure-netinfo-listall",
    "recipe-emulator",
)

CASES = {
    1961100: Cases(
        (
            "evasion-readall-record-1-byte",
            "negative-readall-of-a-clone",
            "procedure-netinfo-readall",
            "recipe-readall-exfiltration",
        ),
        known_misses={
            Engine.SURICATA: {"evasion-readall-record-1-byte": KnownMiss("record marks cut the pattern in pieces")}
        },
    ),
    1961101: Cases(("recipe-readall-over-udp",)),
    1961102: Cases(
        (
            "evasion-readall-record-1-byte",
            "negative-readall-of-a-clone",
            "procedure-netinfo-readall",
            "recipe-readall-exfiltration",
        )
    ),
    1961110: Cases(
        _CASES_OF_1961110,
        known_misses={
            Engine.SURICATA: {
                "evasion-record-1-byte": KnownMiss("record marks cut the pattern in pieces"),
                "evasion-record-1-byte-shuffled": KnownMiss("record marks cut the pattern in pieces"),
                "evasion-record-4-bytes": KnownMiss("record marks cut the pattern in pieces"),
                "evasion-record-empty-between": KnownMiss("record marks cut the pattern in pieces"),
                "evasion-record-fragments-apart": KnownMiss("record marks cut the pattern in pieces"),
                "evasion-record-in-program": KnownMiss("record marks cut the pattern in pieces"),
                "evasion-snap-length": KnownMiss("the frame is cut short: an engine leaves such packets out"),
            }
        },
    ),
    1961111: Cases(
        (
            "evasion-udp-credential-long",
            "evasion-udp-ip-fragments-24",
            "evasion-udp-ip-fragments-8",
            "evasion-udp-ip-fragments-conflict",
            "evasion-udp-ip-fragments-overlap",
            "evasion-udp-ip-fragments-reversed",
            "evasion-udp-other-port",
            "evasion-udp-plain",
            "evasion-udp-twice",
        )
    ),
    1961112: Cases(
        _CASES_OF_1961110,
        known_misses={
            Engine.SURICATA: {
                "evasion-chaff-ambiguous": KnownMiss("the stream holds the chaff"),
                "evasion-chaff-ttl": KnownMiss("the stream holds the chaff"),
                "evasion-chaff-checksum": KnownMiss("the stream holds the chaff", checksums="none"),
                "evasion-calls-only": KnownMiss("the script waits for a stream that is acknowledged"),
                "evasion-no-handshake": KnownMiss("the script waits for a stream whose handshake was seen"),
                "evasion-snap-length": KnownMiss("the frame is cut short: an engine leaves such packets out"),
            }
        },
    ),
    1961120: Cases(("recipe-list-passwd",)),
    1961121: Cases(("recipe-readall-over-udp",)),
    1961140: Cases(
        (
            "evasion-chaff-ambiguous",
            "evasion-chaff-checksum",
            "evasion-chaff-ttl",
            "evasion-credential-long",
            "evasion-credential-password",
            "evasion-credential-short",
            "evasion-credential-unix",
            "evasion-no-handshake",
            "evasion-other-port",
            "evasion-overlap",
            "evasion-overlap-conflict",
            "evasion-readall-record-1-byte",
            "evasion-record-1-byte",
            "evasion-record-1-byte-shuffled",
            "evasion-record-4-bytes",
            "evasion-record-after-header",
            "evasion-record-empty-between",
            "evasion-record-empty-first",
            "evasion-record-fragments-apart",
            "evasion-record-in-program",
            "evasion-reply-fragments",
            "evasion-reply-fragments-7",
            "evasion-reply-segments-7",
            "evasion-segments-1",
            "evasion-segments-18",
            "evasion-segments-2",
            "evasion-segments-4",
            "evasion-segments-again",
            "evasion-segments-reversed",
            "evasion-segments-shuffled",
            "evasion-segments-twice",
            "evasion-two-in-a-segment",
            "malformed-left-over-reply",
            "malformed-list-count-reply",
            "malformed-mark-0",
            "procedure-netinfo-listall",
            "procedure-netinfo-lookupread",
            "procedure-netinfo-read",
            "procedure-netinfo-readall",
            "recipe-dump-users",
            "recipe-nessus-11898",
            "recipe-password-set",
            "recipe-readall-exfiltration",
            "recipe-unusual-port",
        ),
        known_misses={
            Engine.SURICATA: {"evasion-reply-fragments-7": KnownMiss("record marks cut each hash in pieces")}
        },
    ),
    1961141: Cases(
        (
            "evasion-udp-credential-long",
            "evasion-udp-ip-fragments-24",
            "evasion-udp-ip-fragments-8",
            "evasion-udp-ip-fragments-conflict",
            "evasion-udp-ip-fragments-overlap",
            "evasion-udp-ip-fragments-reversed",
            "evasion-udp-other-port",
            "evasion-udp-plain",
            "evasion-udp-twice",
            "recipe-walk-over-udp",
        )
    ),
}
