"""Passwords on the wire, and what servers say to wrong ones."""

from __future__ import annotations

from netinfo_scapy.craft.rules.forms import AUTH_ERROR, DENIED, UDP, both, call_to, replied, words
from netinfo_scapy.craft.rules.rule import (
    SERVER_PORTS,
    ByteTest,
    Cases,
    Content,
    Match,
    NotHttp,
    Pcre,
    Rate,
    Rule,
    View,
)
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND

_CHECKSUM = bytes(byte ^ 0xFF for byte in b"checksum")
"""What a call to STATISTICS has in the place of a password."""

_PASSWORD: tuple[Match, ...] = (
    Content(words(rpc.AUTH_SYS), distance=4, within=4),
    # Behind the flavor: length, stamp, then machinename, of which the first byte is no ASCII.
    ByteTest(4, ">", 0, 8),
    ByteTest(1, ">", 0x7F, 12),
    Content(_CHECKSUM, distance=12, within=len(_CHECKSUM), absent=True),
)
_IN_CREDENTIAL = Rule(
    sid=1961300,
    message="password in a credential",
    summary="An AUTH_SYS credential whose machinename is not ASCII: the user's password, each bit inverted.",
    match=(),
    classtype="policy-violation",
    references=("MITRE ATT&CK T1040",),
    finding="password-in-credential",
)
_TO_NIBIND = _IN_CREDENTIAL._replace(
    sid=1961302,
    message="root password in a credential to nibind",
    summary="The same to nibind: there it is the root password of the host.",
)
_REFUSED = Rule(
    sid=1961310,
    message="passwords refused again and again",
    summary="At least 5 answers NI_AUTHERROR or NI_NOUSER to one host in 10 minutes: passwords are guessed.",
    match=(),
    transport=View.PACKET,
    to_server=False,
    classtype="attempted-user",
    references=("MITRE ATT&CK T1110.001",),
    finding="password-guessing",
    rate=Rate("by_dst", 4, 600),
)
_WRONG = Pcre("^\\x00\\x00\\x00[\\x14\\x15]", relative=True)
_DENIED = Rule(
    sid=1961320,
    message="calls denied again and again",
    summary="At least 10 answers AUTH_ERROR from a server's port to one host in a minute: somebody tries what does "
    "not go over UDP, or with flavors that NetInfo does not take, as scanners and probes do.",
    match=(),
    transport=View.PACKET,
    to_server=False,
    source=SERVER_PORTS,
    classtype="attempted-recon",
    references=("MITRE ATT&CK T1046",),
    finding="service-probing",
    rate=Rate("by_dst", 9, 60),
)
_NOT_AUTHORIZED = words(rpc.REPLY, DENIED, AUTH_ERROR)

RULES = (
    *both(
        _IN_CREDENTIAL,
        tcp=(call_to(View.BOTH, NETINFO), *_PASSWORD, NotHttp()),
        udp=(call_to(UDP, NETINFO), *_PASSWORD),
    ),
    *both(
        _TO_NIBIND,
        tcp=(call_to(View.BOTH, NIBIND), *_PASSWORD, NotHttp()),
        udp=(call_to(UDP, NIBIND), *_PASSWORD),
    ),
    *both(
        _REFUSED,
        tcp=(replied(View.PACKET)._replace(depth=20), _WRONG),
        udp=(replied(UDP), _WRONG),
    ),
    *both(
        _DENIED,
        tcp=(Content(_NOT_AUTHORIZED, 8, len(_NOT_AUTHORIZED)),),
        udp=(Content(_NOT_AUTHORIZED, 4, len(_NOT_AUTHORIZED)),),
    ),
)

CASES = {
    1961300: Cases(
        (
            "evasion-credential-password",
            "negative-update-of-a-clone",
            "recipe-password-guessing-over-tcp",
            "recipe-password-set",
            "recipe-password-spraying",
            "recipe-rogue-master",
            "recipe-trusted-networks-opened",
            "recipe-uid-0-account",
            "recipe-writers-opened",
        )
    ),
    1961301: Cases(
        (
            "recipe-password-guessing",
            "recipe-writes-over-udp",
        )
    ),
    1961302: Cases(
        (
            "recipe-nibind-takeover",
            "recipe-register-hijack",
        )
    ),
    1961303: Cases(("recipe-administration-over-udp",)),
    1961310: Cases(("recipe-password-guessing-over-tcp",)),
    1961311: Cases(("recipe-password-guessing",)),
    1961320: Cases(("recipe-denied-over-tcp",)),
    1961321: Cases(
        (
            "recipe-denied-over-udp",
            "recipe-writes-over-udp",
        )
    ),
}
