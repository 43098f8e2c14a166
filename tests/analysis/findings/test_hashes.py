"""A look at the bytes of a call misses no hash that a look at its values would find."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.findings.hashes import may_stand, scheme_of
from tests.support import rpc

ALPHABET = "[./0-9A-Za-z]"
HASHES = st.one_of(
    # crypt(5), and password aging of System V: a comma and two to four characters.
    st.from_regex(re.compile(rf"{ALPHABET}{{13}}"), fullmatch=True),
    st.from_regex(re.compile(rf"{ALPHABET}{{13}},{ALPHABET}{{2,4}}"), fullmatch=True),
    st.from_regex(re.compile(rf"_{ALPHABET}{{19}}"), fullmatch=True),
    st.from_regex(re.compile(rf"\\$(1|2a|5|6|sha1|md5)\\${ALPHABET}{{2,8}}\\${ALPHABET}{{22,86}}"), fullmatch=True),
)


@given(HASHES, st.lists(st.binary(max_size=30), max_size=4), st.lists(st.binary(max_size=30), max_size=4))
def test_every_hash_is_found(value: str, before: list[bytes], after: list[bytes]) -> None:
    assert scheme_of(value.encode()) is not None
    data = rpc.words(1, 2) + b"".join(map(rpc.opaque, [*before, value.encode(), *after]))
    assert may_stand(data, 8)
