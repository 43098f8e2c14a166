"""Rules in the words of an engine. What engines call differently is here; what a rule is, in `rule.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netinfo_scapy.craft.rules.lua import script_name
from netinfo_scapy.craft.rules.rule import (
    ByteJump,
    ByteTest,
    Content,
    Engine,
    Http,
    Lua,
    Match,
    NotHttp,
    Pcre,
    Rule,
    Size,
    View,
)

_HEADS = {
    Engine.SURICATA: """\
# NetInfo on the wire, for Suricata 6 and later. Rules with a script want Suricata 7 or later, and in suricata.yaml
# (on 7 it is off by default):
#   security:
#     lua:
#       allow-rules: true
# Keep the .lua files beside this file, and name its folder as default-rule-path.""",
    Engine.SNORT2: """\
# NetInfo on the wire, for Snort 2.9. It needs in snort.conf, before this file is included:
#   preprocessor stream5_global: track_tcp yes, track_udp yes
#   preprocessor stream5_tcp: ports both all
#   preprocessor rpc_decode: 111 961
#   config event_queue: max_queue 64 log 64 order_events content_length
#   config detection: max_queue_events 64
# rpc_decode puts the fragments of records together; name each port of your servers in it. Without a longer event queue
# alerts go missing where several rules match a packet. The classes are those of the classification.config it ships.""",
    Engine.SNORT3: """\
# NetInfo on the wire, for Snort 3. It needs in snort.lua:
#   stream = { }  stream_tcp = { }  stream_udp = { }
#   rpc_decode = { }
#   binder = { { when = { proto = 'tcp', ports = '111 961' }, use = { type = 'rpc_decode' } } }
#   event_queue = { max_queue = 64, log = 64 }
# rpc_decode puts the fragments of records together; name each port of your servers in the binder. The classes are those
# of the snort_defaults.lua it ships.""",
}
_HTTP = "netinfo.http"
_CALL_SIDE = {True: "to_server", False: "to_client"}


def rules_file(rules: Iterable[Rule], engine: Engine) -> str:
    """A file of rules: what the engine must be told besides, and a rule a line, its summary above it."""
    lines = [_HEADS[engine]]
    for rule in rules:
        if engine in rule.engines:
            lines += ["", f"# {rule.summary}", render(rule, engine)]
    return "\n".join(lines) + "\n"


def render(rule: Rule, engine: Engine) -> str:
    """One rule, a line. Raises ValueError where the engine cannot say it."""
    if engine not in rule.engines:
        raise ValueError(f"sid {rule.sid} cannot be written for {engine}")
    options = [f'msg:"NetInfo: {rule.message}"', *_flow(rule)]
    for each in rule.match:
        options += _match(rule, each, engine)
    if rule.rate:
        options.append(
            f"detection_filter:track {rule.rate.track}, count {rule.rate.times}, seconds {rule.rate.seconds}"
        )
    options.append(f"classtype:{rule.classtype}")
    options += [f"reference:{each}" for each in map(_reference, rule.references) if each]
    options += [f"sid:{rule.sid}", f"rev:{rule.rev}"]
    if rule.finding:
        options.append(f"metadata:netinfo_finding {rule.finding}")
    header = f"alert {_transport(rule, engine)} any {rule.source} -> any {rule.target}"
    return f"{header} ({'; '.join(options)};)"


def _transport(rule: Rule, engine: Engine) -> str:
    if rule.transport in tuple(View):
        return str(rule.transport) if engine is Engine.SURICATA else "tcp"
    return str(rule.transport)


def _flow(rule: Rule) -> Iterator[str]:
    """Who sends it. Over UDP the ports tell, or what is looked for: who began is not always seen."""
    if rule.transport in tuple(View):
        yield f"flow:{_CALL_SIDE[rule.to_server]}{',established' if rule.established else ''}"


def _reference(text: str) -> str | None:
    """`CVE-2001-1412` -> `cve,2001-1412`; what the engines have no system for stands in the documentation alone."""
    for pattern, form in (
        (r"CVE-(\d+-\d+)", "cve,{}"),
        (r"Nessus plugin (\d+)", "nessus,{}"),
        (r"BID (\d+)", "bugtraq,{}"),
    ):
        if found := re.fullmatch(pattern, text):
            return form.format(found[1])
    return None


def _match(rule: Rule, each: Match, engine: Engine) -> Iterator[str]:
    if isinstance(each, Content):
        yield from _content(each, engine)
    elif isinstance(each, ByteTest):
        relative = ",relative" if each.relative else ""
        yield f"byte_test:{each.size},{each.operator},{each.value},{each.offset}{relative}"
    elif isinstance(each, ByteJump):
        yield f"byte_jump:{each.size},{each.offset},relative,align"
    elif isinstance(each, Pcre):
        yield f'pcre:"/{each.pattern}/s{"R" if each.relative else ""}"'
    elif isinstance(each, Size):
        yield f"dsize:{each.text}"
    elif isinstance(each, NotHttp):
        yield f"flowbits:isnotset,{_HTTP}"
    elif isinstance(each, Http):
        yield f"flowbits:set,{_HTTP}"
        yield "flowbits:noalert"
    elif isinstance(each, Lua):
        yield f"lua:{script_name(rule)}"


def _content(each: Content, engine: Engine) -> Iterator[str]:
    value = f'content:{"!" if each.absent else ""}"{pattern(each.data)}"'
    named = (("offset", each.offset), ("depth", each.depth), ("distance", each.distance), ("within", each.within))
    modifiers = [(name, number) for name, number in named if number is not None]
    if engine is Engine.SNORT3:
        # Its modifiers belong to the content, with a blank where the others have a colon.
        yield ",".join([value, *(f"{name} {number}" for name, number in modifiers)])
    else:
        yield value
        yield from (f"{name}:{number}" for name, number in modifiers)


def pattern(data: bytes) -> str:
    """Bytes as rules have them: letters, digits, `_` and `.` as they are, all else in hexadecimal between bars."""
    parts = re.findall(rb"[A-Za-z0-9_./-]{3,}|.(?:(?![A-Za-z0-9_./-]{3}).)*", data, re.DOTALL)
    return "".join(
        part.decode() if re.fullmatch(rb"[A-Za-z0-9_./-]{3,}", part) else f"|{part.hex(' ')}|" for part in parts
    )
