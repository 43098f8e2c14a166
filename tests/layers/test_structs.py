"""Generated values of every class: build, dissect, build."""

from __future__ import annotations

import pickle
import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from scapy.config import conf
from scapy.fields import RawVal
from scapy.packet import Packet, Raw, fuzz
from scapy.volatile import RandBin

from netinfo_scapy import layers
from netinfo_scapy.layers import RPC, RPCRecord, XDRBytes
from netinfo_scapy.layers.structs import XDRPacket
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.codec import XdrError, decode, encode
from netinfo_scapy.protocol.message import read_arguments, read_result
from netinfo_scapy.protocol.programs import PROGRAMS, find_procedure
from tests.support.xdr_values import values

CLASSES = [
    each for name in layers.__all__ if isinstance(each := getattr(layers, name), type) and issubclass(each, Packet)
]
TYPED = [each for each in CLASSES if issubclass(each, XDRPacket) and each.xdr is not None]
FORWARDING = [each for each in TYPED if getattr(getattr(each, "row", None), "forwards", False)]
AUTHS = [layers.AUTH_SYS, layers.AUTH_DH, layers.RPCSEC_GSS]


@pytest.fixture(autouse=True)
def _strict() -> Any:
    conf.debug_dissector = True
    yield
    conf.debug_dissector = False


def by_name(cls: type) -> str:
    return cls.__name__


@pytest.mark.parametrize("cls", [each for each in TYPED if each not in FORWARDING and each not in AUTHS], ids=by_name)
def test_a_class_is_its_type(cls: type[XDRPacket]) -> None:
    xdr = cls.xdr
    assert xdr is not None

    @settings(max_examples=40, deadline=None)
    @given(values(xdr))
    def check(value: dict[str, Any]) -> None:
        data = encode(xdr, value)
        packet = cls(data)
        assert isinstance(packet, cls)
        assert packet.decoded() == value == decode(xdr, data)[0]
        packet.clear_cache()
        assert bytes(packet) == data
        assert bytes(cls.made_of(value)) == data
        assert bytes(eval(packet.command(), vars(layers))) == data
        assert bytes(pickle.loads(pickle.dumps(packet))) == data
        for cut in {0, 1, len(data) // 2, len(data) - 1}:
            if 0 < cut < len(data):
                short = cls(data[:cut])
                try:
                    decode(xdr, data[:cut])
                except XdrError:
                    assert isinstance(short, Raw)

    check()


@pytest.mark.parametrize("cls", AUTHS, ids=by_name)
def test_a_credential_is_its_type(cls: type[XDRPacket]) -> None:
    xdr = cls.xdr
    assert xdr is not None

    @settings(max_examples=60, deadline=None)
    @given(values(xdr))
    def check(value: dict[str, Any]) -> None:
        made = cls.made_of(value)
        data = bytes(made)
        body = encode(xdr, value)
        assert data[4:8] == len(body).to_bytes(4, "big")
        assert data[8:] == body + bytes(-len(body) & 3)
        again = cls(data)
        assert again.decoded() == value
        again.clear_cache()
        assert bytes(again) == data
        assert bytes(eval(again.command(), vars(layers))) == data

    check()


@pytest.mark.parametrize("key", [(p.number, p.version, row.number) for p in PROGRAMS for row in p.procedures], ids=str)
def test_a_message_has_the_same_values_and_anomalies(key: tuple[int, int, int]) -> None:
    """Through RPC, and of bytes that nearly hold a value, too."""
    row = find_procedure(*key)
    assert row is not None
    names = dict(zip(("program", "version", "procedure"), key, strict=True))

    def compare(layer: RPC, expected: Any, found: set[Anomaly]) -> None:
        assert set(layer.anomalies) == found
        value = layer.payload.decoded() if isinstance(layer.payload, XDRPacket) else None
        assert value == expected

    if row.arguments is not None:

        @settings(max_examples=25, deadline=None)
        @given(values(row.arguments))
        def calls(value: dict[str, Any]) -> None:
            data = encode(row.arguments, value)
            for body in (data, data + b"\1\2\3\4", data[:-4], data[:-1]):
                found: set[Anomaly] = set()
                expected = read_arguments(row, body, 0, found)
                layer = RPC(bytes(RPC(**names)) + body)
                compare(layer, expected, found)
                layer.clear_cache()
                assert bytes(layer)[40:] == body

        calls()
    if row.result is not None and not row.forwards:

        @settings(max_examples=25, deadline=None)
        @given(values(row.result))
        def replies(value: dict[str, Any]) -> None:
            data = encode(row.result, value)
            for body in (data, data + b"\1\2\3\4", data[:-4], data[:-1]):
                found: set[Anomaly] = set()
                status, expected = read_result(row, None, body, 0, found)
                layer = RPC(bytes(RPC(type=1)) + body, call=RPC(**names))
                expected = dict(expected or {})
                if status is not None and isinstance(layer.payload, XDRPacket):
                    expected["status"] = status
                compare(layer, expected or None, found)
                layer.clear_cache()
                assert bytes(layer)[24:] == body

        replies()


def test_every_procedure_has_its_classes() -> None:
    prefixes = {"NetInfo": "NI", "nibind": "NIBIND", "portmap": "PMAP", "rpcbind": "RPCB", "bootparam": "BP"}
    for program in PROGRAMS:
        for row in program.procedures:
            for kind, xdr in (("Call", row.arguments), ("Reply", row.result)):
                cls = getattr(layers, f"{prefixes[program.name]}_{row.name}_{kind}")
                assert cls.xdr == xdr
                assert row.name in cls.__doc__


@pytest.fixture
def _quick_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random bytes at once: Scapy draws each by itself, which takes longer than all the rest."""
    monkeypatch.setattr(RandBin, "_fix", lambda self: random.randbytes(int(self.size)))


@pytest.mark.usefixtures("_quick_bytes")
@pytest.mark.parametrize("cls", CLASSES, ids=by_name)
def test_fuzz_builds_a_thousand_times(cls: type[Packet]) -> None:
    random.seed(cls.__name__)
    fuzzed = fuzz(cls())
    for _ in range(1000):
        cls(bytes(fuzzed))


def test_fuzzed_calls_are_their_own_class_again() -> None:
    for cls in CLASSES:
        if issubclass(cls, layers.ni.Call):
            data = bytes(RPC() / fuzz(cls()))
            assert cls in RPC(data), cls


def test_random_bytes_raise_nothing() -> None:
    generator = random.Random(961)
    heads = [
        b"",
        bytes(RPC()),
        bytes(RPC(type=1)),
        bytes(RPC())[:24],
        b"\0\0\0\1\0\0\0\1",
        b"\x80\0\0\x40" + bytes(RPC()),
    ]
    for number in range(100_000):
        data = generator.choice(heads) + generator.randbytes(generator.choice((4, 8, 12, 20, 40, 100)))
        cls = CLASSES[number % len(CLASSES)] if number % 2 else (RPC, RPCRecord)[number // 2 % 2]
        packet = cls(data)
        bytes(packet)


def test_lengths_and_padding_can_be_wrong() -> None:
    call = layers.NI_LOOKUP_Call(key=XDRBytes(b"name", length=9999), value=XDRBytes(b"a", pad=b"xyz"))
    assert bytes(call).hex() == "00000000000000000000270f6e616d65000000016178797a"
    assert bytes(layers.NI_LOOKUP_Reply(ids=[1], ids_count=7))[4:12].hex() == "0000000700000001"
    assert bytes(layers.NI_CREATE_Call(target_flag=2))[-12:].hex() == "000000020000000000000000"
    assert bytes(layers.NI_READALL_Reply(objects_end=1))[-4:].hex() == "00000001"


@pytest.mark.parametrize(
    "name", ["NI_READ_Call", "NI_WRITE_Call", "NI_LISTALL_Reply", "NIBIND_LISTREG_Reply", "BP_WHOAMI_Call"]
)
def test_fuzz_reaches_structs_and_lists(name: str) -> None:
    cls = getattr(layers, name)
    assert len({bytes(fuzz(cls())) for _ in range(30)}) > 20


def test_what_is_changed_inside_a_default_is_the_packets_own() -> None:
    call = layers.NI_WRITE_Call()
    call.id.object = 7
    call.props.append(layers.NI_Property(name_="a"))
    assert bytes(call).hex() == "000000070000000000000001000000016100000000000000"
    assert bytes(call.copy()) == bytes(eval(call.command(), vars(layers))) == bytes(call)
    assert bytes(layers.NI_WRITE_Call()) == bytes(12)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: layers.NI_CREATE_Call(props={"uid": 501}), "text or bytes are wanted, as '501'"),
        (lambda: layers.NI_LOOKUP_Call(key=5), "key=5"),
        (lambda: layers.NI_LOOKUP_Call(id="x"), "a number is wanted"),
        (lambda: layers.NI_LOOKUP_Call(id=(1, 2, 3)), "has 2 fields, not 3"),
        (lambda: layers.PMAP_GETPORT_Call(program="nope"), "one of NetInfo, bootparam, nibind, portmap"),
        (lambda: layers.NI_BIND_Call(addr="nowhere"), "no IPv4 address"),
        (lambda: layers.bind_rpc_port("x"), "no port number"),
        (lambda: layers.netinfod_am(tags={"local": 9}), "a pair is wanted"),
    ],
)
def test_a_wrong_value_is_refused_where_it_is_given(wrong: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        wrong()


def test_raw_values_stand_anywhere() -> None:
    reply = RPC(type=1) / layers.NI_LOOKUP_Reply(ids=RawVal(b"abcd"), ids_count=1)
    assert b"abcd" in bytes(reply)
    assert "abcd" in repr(reply)


CALL_7 = "000000070000000000000002"
CREDENTIAL_OF_21 = "0000000100000015" + "00" * 20 + "61626364" + "00" * 8
FORWARDED_OF_3 = "0bed48a100000001000000030000000361626308"


@pytest.mark.parametrize(
    "data",
    [
        CALL_7 + "0bed48a00000000200000000" + CREDENTIAL_OF_21,
        CALL_7 + "000186a00000000200000005" + "00" * 16 + FORWARDED_OF_3,
    ],
    ids=["credential", "forwarded"],
)
def test_padding_that_is_not_zero_is_kept(data: str) -> None:
    layer = RPC(bytes.fromhex(data))
    assert "nonzero-padding" in layer.anomalies or "bad-credential" in layer.anomalies
    layer.clear_cache()
    assert bytes(layer).hex() == data
