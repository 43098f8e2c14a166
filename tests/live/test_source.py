"""A server as a source of directories: what it tells of itself, and that it fetches what is asked for."""

from __future__ import annotations

import pytest

from netinfo_scapy.analysis.directory.paths import NoSuchDirectoryError, parse_path
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.source import ServerSource
from tests.support.responders import responder
from tests.support.servers import HOST


def test_a_server_is_a_source() -> None:
    with responder() as at_work:
        made: list[NetInfo_Client] = []

        def connect() -> NetInfo_Client:
            made.append(NetInfo_Client().connect(HOST, at_work.tcp()))
            return made[-1]

        source = ServerSource("netinfo://there", connect, b"network")
        assert not made
        (domain,) = source.domains()
        address = bytes((127, 0, 0, 1))
        assert (domain.address, domain.tag) == (address, b"network")
        assert domain.endpoints == [(Transport.TCP, Endpoint(address, at_work.tcp()))]
        root = parse_path(b"/users/root")
        assert source.directory(domain, root, depth=0).first(b"uid") == b"0"
        assert [each.first(b"uid") for each in source.directory(domain, 3, depth=1, key=b"uid").children][:2] == [
            b"0",
            b"501",
        ]
        for path, shown in ((parse_path(b"/no/where"), "/no/where"), (4711, "4711")):
            with pytest.raises(NoSuchDirectoryError, match=shown) as caught:
                source.directory(domain, path)
            assert caught.value.certain
        assert len(made) == 1
        source.close()
        source.close()
