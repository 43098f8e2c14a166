"""Messages and the summary as people and programs read them. No Scapy."""
