"""How fast and how small `netinfo-scapy analyze` is, beside other readers of captures: `python -m benchmarks`."""
