"""Words as calls."""

from __future__ import annotations

import re

import pytest

from netinfo_scapy.craft.arguments import describe, find, make_call, names
from netinfo_scapy.layers import (
    NI_CREATE_Call,
    NI_CREATEPROP_Call,
    NI_LOOKUP_Call,
    NI_WRITEPROP_Call,
    NIBIND_BIND_Call,
    PMAP_CALLIT_Call,
    PMAP_GETPORT_Call,
    RPCB_GETADDR_Call,
    RPCB_INDIRECT_Call,
)
from netinfo_scapy.protocol.codec import decode


def test_a_lookup() -> None:
    _, call = make_call("netinfo.lookup", ["--id", "0", "--key=name", "--value", "users"])
    assert call == NI_LOOKUP_Call(id=0, key="name", value="users")


def test_lists_ids_and_properties() -> None:
    properties = [word for value in ("name=a", "name=b", "note", "uid=hex:00ff") for word in ("--props", value)]
    words = ["--parent", "3/4", *properties, "--where", "0x10", "--target", "9"]
    _, call = make_call("NetInfo.CREATE", words)
    made = NI_CREATE_Call(
        parent_=(3, 4), props={"name": ["a", "b"], "note": [], "uid": [b"\0\xff"]}, where=16, target=(9,)
    )
    assert bytes(call) == bytes(made)
    _, call = make_call("NetInfo.WRITEPROP", ["--values", "a", "--values", ""])
    assert bytes(call) == bytes(NI_WRITEPROP_Call(values=["a", ""]))
    _, call = make_call("NetInfo.CREATEPROP", ["--prop", "uid=0"])
    assert bytes(call) == bytes(NI_CREATEPROP_Call(prop={"name_": "uid", "values": ["0"]}))
    _, call = make_call("NetInfo.CREATEPROP", ["--prop", "opts=ro", "--prop", "opts=soft"])
    assert bytes(call) == bytes(NI_CREATEPROP_Call(prop={"name_": "opts", "values": ["ro", "soft"]}))
    _, call = make_call("portmap.GETPORT", ["--program", "nibind", "--version", "1", "--protocol", "udp"])
    assert bytes(call) == bytes(PMAP_GETPORT_Call(program=200100001, version=1, protocol=17))


@pytest.mark.parametrize("name", names())
def test_every_procedure_can_be_said(name: str) -> None:
    program, row = find(name)
    _, call = make_call(name, [])
    assert type(call).row is row
    assert describe(name).startswith(f"{program.name}.{row.name}")


def test_a_call_that_is_forwarded_in_words() -> None:
    inner = "nibind.BIND --client-addr 192.0.2.7 --client-tag local --server-tag 'my network'"
    for name, kind in (("portmap.CALLIT", PMAP_CALLIT_Call), ("rpcbind.INDIRECT", RPCB_INDIRECT_Call)):
        _, call = make_call(name, ["--call", inner])
        within = NIBIND_BIND_Call(client_addr="192.0.2.7", client_tag="local", server_tag="my network")
        assert bytes(call) == bytes(kind(program=200100001, version=1, procedure=8, arguments=bytes(within)))
    # What is given beside it goes before it: a call that says it is another one.
    _, call = make_call("portmap.CALLIT", ["--procedure", "9", f"--call={inner}"])
    assert call.procedure == 9


def test_an_earlier_version_can_be_named() -> None:
    for name, version in (("rpcbind3.GETADDR", 3), ("rpcbind4.GETADDR", 4), ("rpcbind.GETADDR", 4)):
        program, call = make_call(name, ["--program", "nibind"])
        assert program.version == version
        assert type(call) is RPCB_GETADDR_Call


SAMPLES = {
    "CALL": "NetInfo.PING",
    "NUMBER": "7",
    "TEXT": "text",
    "ADDRESS": "192.0.2.7",
    "NAME=VALUE": "a=b",
    "OBJECT[/INSTANCE]": "17/5",
}


@pytest.mark.parametrize("name", names())
def test_every_option_takes_what_the_list_says(name: str) -> None:
    """As `--list` shows them: a missing optional in brackets, a list with "(again for more)"."""
    shown = describe(name).removeprefix(name).replace(" (again for more)", "").split()
    hints = [each[1:-1] if each.startswith("[") else each for each in shown]
    words = [SAMPLES.get(each, each) for each in hints]
    _, call = make_call(name, words)
    _, row = find(name)
    if row.arguments is None:
        assert bytes(call) == b""
        return
    value, end = decode(row.arguments, bytes(call))
    assert end == len(bytes(call))
    assert None not in value.values()


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("NetInfo.LOKUP", [], "did you mean NetInfo.LOOKUP"),
        ("xyzzy", [], "--list"),
        ("NetInfo.LOOKUP", ["--foo", "1"], "its options: --id, --key, --value"),
        ("NetInfo.PING", ["--foo", "1"], "its options: none"),
        ("NetInfo.LOOKUP", ["--key"], "needs a value"),
        ("NetInfo.LOOKUP", ["--id", "x"], "not a number"),
        ("NetInfo.LOOKUP", ["--id", "4294967296"], "32 bits"),
        ("NetInfo.LOOKUP", ["--id", "-1"], "not a number from 0"),
        ("NetInfo.LOOKUP", ["--id", "1/2/3"], "not OBJECT[/INSTANCE]"),
        ("NetInfo.CREATEPROP", ["--prop", "a=1", "--prop", "b=2"], "takes one property"),
        ("READ", [], "did you mean NetInfo.READ"),
        ("NetInfo.LOOKUP", ["--key", "a", "--key", "b"], "takes one value"),
        ("NetInfo.LOOKUP", ["--key", "hex:zz"], "hexadecimal"),
        ("NetInfo.BIND", ["--addr", "nowhere"], "IPv4"),
        ("portmap.CALLIT", ["--call", "nibind.BNID"], "did you mean nibind.BIND"),
        ("portmap.CALLIT", ["--call", "nibind.BIND 'x"], "No closing quotation"),
        ("portmap.CALLIT", ["--call", ""], "no such procedure; see craft call --list"),
        ("portmap.CALLIT", ["--call"], "needs a value there: CALL"),
        ("portmap.GETPORT", ["--call", "x"], "has no such option"),
    ],
)
def test_a_mistake_is_one_clear_line(name: str, words: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        make_call(name, words)

    assert "\n" not in str(caught.value)
