"""Which uids are 0, and which directory is that of the users."""

from __future__ import annotations

import ctypes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property
from netinfo_scapy.analysis.findings.users import is_zero, users_of

LIBC = ctypes.CDLL(None)
LIBC.strtol.restype = ctypes.c_long


@given(st.text("0123456789+- \tx", max_size=12).map(str.encode))
def test_the_first_value_is_read_as_c_reads_it(value: bytes) -> None:
    """A uid has 32 bits."""
    assert is_zero([value]) == (LIBC.strtol(value, None, 10) % (1 << 32) == 0)


@pytest.mark.parametrize(
    ("values", "zero"),
    [([], False), ([b"501", b"0"], True), ([b"501", b"00"], False), ([b"9" * 60_000], False), ([b"0" * 60_000], True)],
)
def test_several_values_and_long_ones(values: list[bytes], zero: bool) -> None:
    """The server finds its superuser by any value that is `0`; others read the first."""
    assert is_zero(values) == zero


def named(name: bytes, *children: Directory) -> Directory:
    return Directory(properties=[Property(b"name", [name])], children=list(children))


def test_the_directory_of_users() -> None:
    users, other = named(b"users"), named(b"users")
    assert users_of(None) is None
    assert users_of(Domain(root=Directory(children=[named(b"groups", other), users]))) is users
    assert users_of(Domain(root=Directory(children=[named(b"groups", other)]))) is None
    assert users_of(Domain(loose=[named(b"groups"), users])) is users
