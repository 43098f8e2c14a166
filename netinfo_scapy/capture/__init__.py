"""Bytes of a capture -> RPC messages. No Scapy."""
