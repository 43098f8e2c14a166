"""Servers by URL: what is one, and the ways to the domain."""

from __future__ import annotations

import pytest

from netinfo_scapy.live import client, errors, urls
from netinfo_scapy.live.urls import ServerName, registrations
from tests.support import rpc
from tests.support.responders import responder
from tests.support.servers import HOST, Server, called, free_port


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("netinfo://host/network", ServerName("host", None, b"network")),
        ("netinfo://host:1033/local", ServerName("host", 1033, b"local")),
        ("NETINFO://[::1]:961/a%20b%ff", ServerName("::1", 961, b"a b\xff")),
        ("netinfo://host", ServerName("host", None, None)),
        ("netinfo://10.0.0.1:700/", ServerName("10.0.0.1", 700, None)),
    ],
)
def test_what_a_url_names(url: str, name: ServerName) -> None:
    assert ServerName.parse(url) == name


@pytest.mark.parametrize(
    "url",
    ["", "host", "netinfo:", "netinfo:///network", "http://host/x", "netinfo://host:0/x", "netinfo://host:99999/x",
     "netinfo://host:x/y", "netinfo://host/a/b", "netinfo://host/a?b", "netinfo://host/a#b", "netinfo://root@host/a",
     "netinfo://root:pw@host/a", "netinfo://[::1/a"],
)  # fmt: skip
def test_what_names_no_server(url: str) -> None:
    with pytest.raises(ValueError, match=r"netinfo://HOST/TAG") as caught:
        ServerName.parse(url)
    assert "pw" not in str(caught.value)


def test_the_ways_to_a_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    portmap = free_port()
    monkeypatch.setattr(client.Portmap_Client, "port", portmap)
    monkeypatch.setattr(client, "PORTMAP_PORT", portmap)
    with responder(("network", "local"), portmap=portmap) as at_work:
        # The defaults of functions are set when they are made.
        assert client.find_port(HOST, "network", "tcp", portmap_port=portmap) == at_work.tcp("network")
        for tag in ("network", "local"):
            with ServerName(HOST, at_work.tcp(tag), tag.encode()).connect() as ni:
                assert ni.facts()["tag"][0] == tag
            with ServerName(HOST, at_work.tcp("nibind"), tag.encode()).connect() as ni:
                assert ni.facts()["tag"][0] == tag
        with ServerName(HOST, at_work.tcp("local"), None).connect() as ni:
            assert ni.facts()["tag"][0] == "local"
        with pytest.raises(errors.UsageError, match="serves the tag network, not local"):
            ServerName(HOST, at_work.tcp("network"), b"local").connect()
        with pytest.raises(errors.UsageError, match="name a tag"):
            ServerName(HOST, at_work.tcp("nibind"), None).connect()
        with pytest.raises(errors.NoTagError) as caught:
            ServerName(HOST, at_work.tcp("nibind"), b"other").connect()
        assert caught.value.step is errors.Step.NIBIND
        assert [each["tag"] for each in registrations(HOST, None)] == [b"network", b"local"]
        assert registrations(HOST, at_work.udp("nibind"))[0]["tcp_port"] == at_work.tcp("network")


def test_without_a_port_mapper_the_default_port_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = free_port()
    monkeypatch.setattr(
        urls, "find_port", lambda host, tag, how, timeout: client.find_port(host, tag, how, timeout, nothing)
    )
    monkeypatch.setattr(client.Portmap_Client, "port", nothing)
    with responder(("network",)) as at_work:
        monkeypatch.setattr(urls, "NETINFO_PORT", at_work.tcp())
        with ServerName(HOST, None, b"network").connect() as ni:
            assert ni.facts()["tag"][0] == "network"
        monkeypatch.setattr(urls, "NETINFO_PORT", at_work.udp("nibind"))
        assert [each["tag"] for each in registrations(HOST, None)] == [b"network"]
    monkeypatch.setattr(urls, "NETINFO_PORT", nothing)
    with pytest.raises(
        errors.RefusedError, match=rf"portmap: connection refused.* nor is the domain on port {nothing}/tcp"
    ):
        ServerName(HOST, None, b"network").connect()
    with pytest.raises(errors.RefusedError, match=r"nor is nibind on port"):
        registrations(HOST, None)


def test_a_server_that_does_not_tell_its_tag_is_believed() -> None:
    def answer(message: bytes, _: str) -> list[bytes]:
        return [rpc.accepted(called(message)[0], rpc.properties([("checksum", ["1"])]))]

    with Server(answer) as server, ServerName(HOST, server.port, b"any").connect() as ni:
        assert ni.facts() == {"checksum": ["1"]}
