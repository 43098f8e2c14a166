"""The script is read off the tables, and current."""

from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.programs import PROGRAMS
from netinfo_scapy.wireshark import fields, generate
from netinfo_scapy.wireshark.script import SCRIPT, SIGNATURE


def test_the_script_is_current() -> None:
    assert SCRIPT.read_text(encoding="utf-8") == generate.source(), "run `make generate`"


def test_it_knows_every_program_procedure_and_anomaly() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert text.startswith(SIGNATURE + "\n")
    for program in PROGRAMS:
        assert f'programs["{program.number}.{program.version}"]' in text
        for row in program.procedures:
            assert f'[{row.number}] = {{ name = "{row.name}"' in text
    for anomaly in Anomaly:
        assert f'{{ id = "{anomaly.value}"' in text


def test_a_field_has_one_meaning() -> None:
    for protocol in fields.PROTOCOLS:
        listed = fields.fields_of(protocol)
        names = [each.name for each in listed]
        assert len(names) == len(set(names))
    by_name = {each.name: each for each in fields.fields_of(fields.PROTOCOLS[2])}
    # The port mapper's arguments have a program, too, which is not that of the call.
    assert by_name["program"].detail is None
    assert {"mapping.program", "forwarded_call.procedure", "asked.version"} <= by_name.keys()
    assert by_name["protocol"].kind == "uint"
    assert by_name["rpcb_entry.protocol"].kind == "string"


def test_every_name_that_a_document_gives_is_there() -> None:
    names = {each.name for each in fields.fields_of(fields.PROTOCOLS[0])}
    assert {
        "procedure",
        "name",
        "status",
        "id",
        "instance",
        "value",
        "key",
        "tag",
        "call_frame",
        "reply_frame",
    } <= names
    for alias, meant in fields.ALIASES.items():
        prefix, _, name = alias.partition(".")
        known = {each.name for p in fields.PROTOCOLS if p.prefix == prefix for each in fields.fields_of(p)}
        assert {name, meant} <= known
