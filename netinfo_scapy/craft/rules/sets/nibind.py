"""Administration of nibind over the network, and the look at what it serves."""

from __future__ import annotations

from netinfo_scapy.craft.rules.forms import pair, sturdy
from netinfo_scapy.craft.rules.rule import Cases, Engine, KnownMiss, Rule

_REFERENCES = ("MITRE ATT&CK T1484", "MITRE ATT&CK T1210")
_ADMINISTRATION = {
    "REGISTER": "A domain is given other ports: clients go there from now on.",
    "UNREGISTER": "A domain is taken out of what nibind answers.",
    "CREATEMASTER": "A new domain is made on the host.",
    "CREATECLONE": "A copy of a domain, from a master that the caller names, is made on the host.",
    "DESTROYDOMAIN": "A domain is removed from the host.",
}


def _rules(sid: int, name: str, summary: str) -> tuple[Rule, ...]:
    rule = Rule(
        sid=sid,
        message=f"nibind {name} over the network",
        summary=summary,
        match=(),
        classtype="attempted-admin",
        references=_REFERENCES,
        finding="nibind-administration",
    )
    return (*pair(rule, f"nibind.{name}"), sturdy(rule._replace(sid=sid + 2), f"nibind.{name}"))


_LISTREG = Rule(
    sid=1961460,
    message="nibind LISTREG, the domains of a host are listed",
    summary="Clients ask for the tag they know (GETREGISTER); who lists all looks around, or administers.",
    match=(),
    classtype="attempted-recon",
    references=("MITRE ATT&CK T1046",),
    finding="service-probing",
)

RULES = (
    *(
        rule
        for number, (name, summary) in enumerate(_ADMINISTRATION.items())
        for rule in _rules(1961400 + 10 * number, name, summary)
    ),
    *pair(_LISTREG, "nibind.LISTREG"),
)

CASES = {
    1961400: Cases(
        (
            "evasion-register-record-1-byte",
            "procedure-nibind-register",
            "recipe-register-hijack",
        ),
        known_misses={
            Engine.SURICATA: {"evasion-register-record-1-byte": KnownMiss("record marks cut the pattern in pieces")}
        },
    ),
    1961401: Cases(("recipe-administration-over-udp",)),
    1961402: Cases(
        (
            "evasion-register-record-1-byte",
            "procedure-nibind-register",
            "recipe-register-hijack",
        )
    ),
    1961410: Cases(
        (
            "procedure-nibind-unregister",
            "recipe-register-hijack",
        )
    ),
    1961411: Cases(("recipe-administration-over-udp",)),
    1961412: Cases(
        (
            "procedure-nibind-unregister",
            "recipe-register-hijack",
        )
    ),
    1961420: Cases(("procedure-nibind-createmaster",)),
    1961421: Cases(("recipe-administration-over-udp",)),
    1961422: Cases(("procedure-nibind-createmaster",)),
    1961430: Cases(
        (
            "procedure-nibind-createclone",
            "recipe-nibind-takeover",
        )
    ),
    1961431: Cases(("recipe-administration-over-udp",)),
    1961432: Cases(
        (
            "procedure-nibind-createclone",
            "recipe-nibind-takeover",
        )
    ),
    1961440: Cases(
        (
            "procedure-nibind-destroydomain",
            "recipe-nibind-takeover",
        )
    ),
    1961441: Cases(("recipe-administration-over-udp",)),
    1961442: Cases(
        (
            "procedure-nibind-destroydomain",
            "recipe-nibind-takeover",
        )
    ),
    1961460: Cases(
        (
            "recipe-nessus-11898",
            "recipe-search-over-tcp",
        )
    ),
    1961461: Cases(("procedure-nibind-listreg",)),
}
