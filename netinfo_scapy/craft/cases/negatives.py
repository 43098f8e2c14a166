"""Harmless traffic that resembles NetInfo."""

from __future__ import annotations

from netinfo_scapy.craft.cases.case import CLIENT, SERVER, Case
from netinfo_scapy.craft.scenario import Scenario


def _http(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.send("GET / HTTP/1.0\r\nHost: intranet\r\n\r\n")
    tcp.answer("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nhi\n")


CASES = (
    Case(
        "negative-http-on-961", "negative", "A web server on port 961.", _http, findings=frozenset({"foreign-service"})
    ),
)
