"""hypothesis strategies for values of every XDR type, and bytes that nearly are."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from netinfo_scapy.protocol.xdr import (
    Array,
    Bool,
    Chain,
    Enum,
    FixedArray,
    FixedOpaque,
    Int,
    Octets,
    Opaque,
    Optional,
    String,
    Struct,
    Type,
    UInt,
    Union,
)

WORDS = st.one_of(st.integers(0, 40), st.sampled_from([0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]), st.integers(0, 0xFFFFFFFF))
_SIGNED = st.integers(-(2**31), 2**31 - 1)


def values(xdr: Type) -> st.SearchStrategy[Any]:
    """Values of a type, as the codec makes and takes them."""
    match xdr:
        case UInt() | Octets():
            return WORDS
        case Int():
            return _SIGNED
        case Bool():
            return st.booleans()
        case Enum(_, _, members):
            return st.one_of(st.sampled_from([number for number, _ in members]), WORDS)
        case String(maximum) | Opaque(maximum):
            return st.binary(max_size=min(maximum, 12))
        case FixedOpaque(size):
            return st.binary(min_size=size, max_size=size)
        case Array(element, maximum):
            return st.lists(values(element), max_size=min(maximum, 4))
        case Chain(element):
            return st.lists(values(element), max_size=4)
        case FixedArray(element, count):
            return st.lists(values(element), min_size=count, max_size=count)
        case Optional(element):
            return st.none() | values(element)
        case Struct(_, fields):
            return st.fixed_dictionaries({name: values(each) for name, each in fields})
        case Union(_, discriminant, tag, arms):
            known = dict(arms)
            chosen = [
                st.fixed_dictionaries({discriminant: st.just(number), **{n: values(f) for n, f in arm.fields}})
                for number, arm in arms
            ]
            others = values(tag).filter(lambda number: number not in known)
            return st.one_of(*chosen, st.fixed_dictionaries({discriminant: others}))
