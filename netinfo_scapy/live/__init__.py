"""Real sockets: NetInfo as a client, as a server and as a probe. No Scapy."""
