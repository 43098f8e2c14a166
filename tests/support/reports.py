"""Summaries and directories made up for reports: ordinary, large, and hostile ones."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.directory.tree import Change, Directory, Domain, Property
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.analysis.summary import ConversationSummary, Finding, FrameSummary, ServerSummary, Summary
from netinfo_scapy.analysis.values import text_of
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from tests.support.captures import ETHERNET, Frame

HOSTILE = (
    "<script>document.title='owned'</script>",
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    '"><svg onload=document.title=1>',
    "<!--",
    "]]>",
    "&lt;b&gt; &amp;",
    "it's \"quoted\" `${document.title='owned'}` {{7*7}} {% raw %} #{7*7}",
    "line\u2028break\u2029s",
    "javascript:alert(1)",
)
"""What a name may be that would like to be more than a name; printable but for the line separators."""

CONTROLS = "\x1b[31mred\x07\x00\r\n\t\x7f\x9b2J"
BIDI = "user\u202egpj.exe\u2066\u200f\ufeff"
TEXTS = (*HOSTILE, CONTROLS, BIDI)
NOT_UTF8 = b"caf\xe9\xff\xfe"
NO_FRAME = Frame(0, ETHERNET, b"")
NOW = 1_051_790_400 * 10**9  # 2003-05-01 12:00 UTC
SERVER, CLIENT = bytes((192, 0, 2, 1)), bytes((198, 51, 100, 7))


@cache
def summary_of(path: Path) -> Summary:
    """The summary of a capture."""
    reading = Reading([path])
    return conclude(reading.facts(), reading.captures, reading.interest, "1.2.3")


Values = Iterable[str | bytes] | None


def props(**values: Values) -> list[Property]:
    return [
        Property(
            name.encode(), None if each is None else [one.encode() if isinstance(one, str) else one for one in each]
        )
        for name, each in values.items()
    ]


def directory(
    name: str | bytes, *children: Directory, whole: bool = True, **values: Iterable[str | bytes] | None
) -> Directory:
    return Directory(properties=props(name=[name], **values), children=list(children), whole=whole)


def user(name: str, uid: int, password: str) -> Directory:
    return directory(
        name,
        uid=[str(uid)],
        gid=["20"],
        passwd=[password],
        realname=[name.title()],
        home=[f"/Users/{name}"],
        shell=["/bin/csh"],
    )


def domain(*children: Directory, tag: bytes = b"network", changes: Iterable[Change] = ()) -> Domain:
    """A domain of one server; its directories numbered in order."""
    root = Directory(properties=props(master=["server/network"]), children=list(children))
    made = Domain(SERVER, tag, [(Transport.TCP, Endpoint(SERVER, 907))], root, changes=list(changes))
    for number, each in enumerate(made.directories()):
        each.object, each.instance, each.learned = number, 1, FrameRef(0, 100 + number, NOW)
    return made


def ordinary() -> Domain:
    """A small domain, of which some is not known."""
    users = directory(
        "users",
        user("root", 0, "aBcDeFgHiJkLm"),
        user("steve", 501, "$1$salt$0123456789abcdefghij"),
        user("guest", 502, ""),
    )
    machines = directory(
        "machines",
        directory("server", ip_address=["192.0.2.1"], serves=["./network", "server/local"]),
        directory("client", whole=False, ip_address=["198.51.100.7"], en_address=None),
    )
    machines.all_children = False
    made = domain(users, machines, directory("mounts"), changes=[change()])
    made.loose.append(Directory(object=77, properties=props(name=["stray"]), whole=False, all_children=False))
    return made


def change() -> Change:
    """The password of steve is set by root."""
    at = FrameRef(0, 321, NOW + 10**9)
    return Change(
        at=at,
        call_at=FrameRef(0, 320, NOW),
        client=Endpoint(CLIENT, 1023),
        server=Endpoint(SERVER, 907),
        transport=Transport.TCP,
        uid=0,
        procedure="WRITEPROP",
        object=3,
        path=b"/users/steve",
        before=props(name=["steve"], passwd=["oldHashValue1"]),
        after=props(name=["steve"], passwd=["newHashValue2"], shell=["/bin/sh"]),
    )


def finding(severity: str = "high", **others: Any) -> Finding:
    """A finding with everything in it."""
    values: dict[str, Any] = {
        "id": "password-in-credential",
        "severity": severity,
        "title": "Passwords of 2 users can be read off the wire",
        "servers": ["192.0.2.1"],
        "clients": ["198.51.100.7", "198.51.100.8"],
        "tags": ["network"],
        "users": ["root", "steve"],
        "count": 12,
        "first_time": "2003-05-01T12:00:00.000000Z",
        "last_time": "2003-05-01T12:00:30.000000Z",
        "frames": [FrameSummary("a.pcap", 61), FrameSummary("a.pcap", 1234)],
        "filter": "frame.number in {61, 1234}",
        "details": [
            {"user": "root", "accepted": True, "frame": 61},
            {"user": "steve", "accepted": False, "frame": 1234},
        ],
        "meaning": "The password rides in the credential with its bits inverted; whoever sees the frame has it.",
        "advice": "Change these passwords, and keep NetInfo's ports to the networks that need them.",
        "references": ["https://www.cve.org/CVERecord?id=CVE-2001-1412", "MITRE ATT&CK T1040"],
    }
    return Finding(**{**values, **others})


def talked(
    client: str, server: str, calls: int, program: int = 200100000, name: str = "NetInfo"
) -> ConversationSummary:
    return ConversationSummary(
        client_ip=client,
        server_ip=server,
        server_port=907,
        transport="tcp",
        program=program,
        program_name=name,
        tags=["network"],
        first_time="2003-05-01T12:00:00.000000Z",
        last_time="2003-05-01T12:30:00.000000Z",
        calls=calls,
        replies=calls,
        statuses={"NI_OK": calls},
        users=[0],
    )


def many_hosts(base: Summary, clients: int, servers: int = 1, talks: int | None = None) -> Summary:
    """As many clients and servers; talks: conversations, each client with one server if not said."""
    chance = random.Random(clients)
    programs = ((200100000, "NetInfo"), (200100001, "nibind"), (100000, "portmap"))
    conversations = [
        talked(
            f"10.{number % clients >> 16}.{number % clients >> 8 & 255}.{number % clients & 255}",
            f"192.0.2.{number % servers + 1}",
            int(chance.paretovariate(0.7)),
            *programs[number // clients % 3],
        )
        for number in range(clients if talks is None else talks)
    ]
    return replace(base, conversations=conversations)


def large_domain(directories: int) -> Domain:
    """As many directories, all but a few of them users."""
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    users = [
        user(f"{''.join(chance.choices(letters, k=7))}{number}", number, "".join(chance.choices(letters, k=13)))
        for number in range(directories - 2)
    ]
    return domain(directory("users", *users))


def as_shown(text: str) -> str:
    """A text as a report shows it: what acts on its reader, as its number."""
    acting = {ord(each) for each in CONTROLS + BIDI + "\u2028\u2029"} - set(range(0x20, 0x7F))
    named = {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}
    table = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in acting}
    return text.translate(table | named)


def with_findings(base: Summary) -> Summary:
    """The summary with a finding of each severity, spread over its time."""
    bins = base.timeline.bins
    kinds = (
        ("high", "Passwords of 2 users can be read off the wire"),
        ("medium", "The directory /users was read by a host that is no clone"),
        ("low", "NetInfo on an unusual port"),
        ("info", "The server is netinfod of Mac OS X 10.2"),
    )
    found = [
        finding(
            severity,
            title=title,
            first_time=bins[len(bins) * at // 5].time,
            last_time=bins[min(len(bins) * at // 5 + 3, len(bins) - 1)].time,
        )
        for at, (severity, title) in enumerate(kinds)
    ]
    return replace(base, findings=found)


def hostile(base: Summary, texts: Sequence[str] = TEXTS) -> tuple[Summary, list[Domain]]:
    """A summary and domains in which every text that could come from the network or the user is hostile."""
    texts = list(texts)
    names = [*texts, text_of(NOT_UTF8)]
    rows = [{"text": each, "list": [each, {"hex": "ff00"}], each: {each: each}} for each in texts]
    findings = [
        finding(
            title=each,
            servers=texts,
            clients=texts,
            tags=names,
            users=names,
            details=rows,
            meaning=each,
            advice=each,
            filter=each,
            references=texts,
            frames=[FrameSummary(each, 1)],
        )
        for each in texts
    ]
    captures = [replace(base.captures[0], capture=each, error=each, warning=None) for each in texts]
    conversations = [
        replace(talked("192.0.2.9", "192.0.2.1", 5), tags=names, program_name=each, statuses={each: 3})
        for each in texts
    ]
    servers = [
        ServerSummary(
            server_ip="192.0.2.1",
            server_port=907,
            transport="tcp",
            programs=[7],
            program_names=[each],
            tags=names,
            clients=1,
            first_time=None,
            last_time=None,
            calls=1,
            replies=1,
            connections=base.connections,
        )
        for each in texts
    ]
    procedures = {each: next(iter(base.procedures.values())) for each in texts}
    made = replace(
        base,
        captures=captures,
        conversations=conversations,
        servers=servers,
        findings=findings,
        procedures=procedures,
        domains=[replace(base.domains[0], tag=each) for each in names],
        not_understood=dict.fromkeys(texts, 1),
    )
    raw = [*(each.encode() for each in texts), NOT_UTF8]
    children = [
        Directory(properties=[Property(b"name", [each]), Property(each, raw), Property(b"passwd", [each * 3])])
        for each in raw
    ]
    every = replace_change(children[0].properties, raw[0])
    return made, [domain(*children, tag=each, changes=[every]) for each in raw]


def replace_change(properties: list[Property], path: bytes) -> Change:
    made = change()
    made.path, made.before, made.after = path, [], properties
    return made
