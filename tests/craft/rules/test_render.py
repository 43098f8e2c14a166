"""Rules in each engine's words, held against what their manuals say of the words."""

from __future__ import annotations

import re

import pytest

from netinfo_scapy.craft.rules.render import pattern, render, rules_file
from netinfo_scapy.craft.rules.rule import ByteJump, ByteTest, Content, Engine, Lua, Pcre, Rate, Rule, Size, View
from netinfo_scapy.craft.rules.table import RULES

RULE = Rule(
    sid=1961990,
    message="a rule",
    summary="Of a test.",
    match=(
        Content(b"\0\x01abc", offset=4, depth=5),
        Content(b"\xff", distance=0, within=1, absent=True),
        ByteTest(4, ">", 64, 0),
        ByteJump(4, 4),
        Pcre("^[a-z]{3}", relative=True),
        Size(">20"),
    ),
    transport=View.PACKET,
    established=True,
    references=("CVE-2001-1412", "MITRE ATT&CK T1046", "Nessus plugin 11898"),
    finding="readall",
    rate=Rate("by_src", 4, 60),
)


WITH_COLONS = ('content:"|00 01|abc"; offset:4; depth:5;', 'content:!"|ff|"; distance:0; within:1;')


@pytest.mark.parametrize(
    ("engine", "transport", "first", "second"),
    [
        (
            Engine.SURICATA,
            "tcp-pkt",
            'content:"|00 01|abc"; offset:4; depth:5;',
            'content:!"|ff|"; distance:0; within:1;',
        ),
        (Engine.SNORT2, "tcp", 'content:"|00 01|abc"; offset:4; depth:5;', 'content:!"|ff|"; distance:0; within:1;'),
        (Engine.SNORT3, "tcp", 'content:"|00 01|abc",offset 4,depth 5;', 'content:!"|ff|",distance 0,within 1;'),
    ],
)
def test_the_words_of_each_engine(engine: Engine, transport: str, first: str, second: str) -> None:
    assert render(RULE, engine) == (
        f'alert {transport} any any -> any any (msg:"NetInfo: a rule"; flow:to_server,established; {first} {second} '
        'byte_test:4,>,64,0,relative; byte_jump:4,4,relative,align; pcre:"/^[a-z]{3}/sR"; dsize:>20; '
        "detection_filter:track by_src, count 4, seconds 60; classtype:policy-violation; reference:cve,2001-1412; "
        "reference:nessus,11898; sid:1961990; rev:1; metadata:netinfo_finding readall;)"
    )


def test_a_pattern_says_the_bytes_that_it_was_made_of() -> None:
    for data in (b"passwd", b"\0\0\0\x06passwd\0\0", b'a"b;c|d\\e:', bytes(range(256)), b"ab\0cd"):
        parts = re.split(r"\|([0-9a-f ]*)\|", pattern(data))
        found = b"".join(bytes.fromhex(each) if at % 2 else each.encode() for at, each in enumerate(parts))
        assert found == data
        assert not set('";\\:') & set("".join(parts[::2]))


def test_what_only_suricata_has() -> None:
    rule = RULE._replace(match=(Lua(1, 1),), engines=frozenset({Engine.SURICATA}))
    assert "lua:netinfo-1961990.lua;" in render(rule, Engine.SURICATA)
    with pytest.raises(ValueError, match="1961990"):
        render(rule, Engine.SNORT2)
    for engine in (Engine.SNORT2, Engine.SNORT3):
        text = rules_file(RULES.values(), engine)
        rules = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert len(rules) == sum(engine in rule.engines for rule in RULES.values())
        assert not any("lua:" in each or "tcp-" in each for each in rules)
        assert "rpc_decode" in text
        assert "event_queue" in text
