"""Answers and calls that end anywhere, or say of themselves that they do: the detectors make nothing of them."""

from __future__ import annotations

import pytest

from tests.analysis.findings.making import HASH, LIST, LISTALL, LISTPROPS, LOOKUPREAD, OK, READ, READALL, summary
from tests.support import rpc
from tests.support.conversation import Talk

PROPS = rpc.properties([("name", ["toor"]), ("uid", ["0"]), ("passwd", [HASH])])
LOOKED_UP = rpc.ni_id(3) + rpc.opaque("passwd") + rpc.opaque("x")
ID = rpc.ni_id(3, 1)
EXCHANGES = {
    READ: (rpc.ni_id(3), ID + PROPS),
    LOOKUPREAD: (LOOKED_UP, ID + PROPS),
    LISTALL: (rpc.ni_id(3), ID + rpc.array([PROPS])),
    LISTPROPS: (rpc.ni_id(3), rpc.names(["name", "passwd"]) + ID),
    LIST: (rpc.ni_id(3) + rpc.opaque("passwd"), rpc.array([rpc.words(7, 1) + rpc.names([HASH])]) + ID),
    READALL: (rpc.words(1), rpc.words(2, 7) + rpc.words(1) + ID + PROPS + rpc.words(0) + rpc.array([]) + rpc.words(0)),
}
"""Arguments and result of what tells of users, the result without its status."""


@pytest.mark.parametrize("procedure", EXCHANGES)
def test_what_ends_anywhere(procedure: int) -> None:
    """Whichever the cut, the capture is summarized; the whole exchange is the only one with findings of users."""
    asked, told = EXCHANGES[procedure]
    talk = Talk()
    cuts = [(asked[:end], told) for end in range(0, len(asked), 4)]
    cuts += [(asked, told[:end]) for end in range(0, len(told), 4)]
    for xid, (arguments, result) in enumerate(cuts, 1):
        call = rpc.call(xid, rpc.NETINFO, 2, procedure, arguments)
        talk.ask(call, rpc.accepted(xid, rpc.words(OK) + result))
    found = summary(talk.frames)
    assert found.totals.messages == 2 * len(cuts)
    assert HASH not in repr(found)
