"""`python -m netinfo_scapy`."""

from netinfo_scapy.cli.main import main

main()
