"""Messages -> exchanges, counts, conversations: the facts and the summary. No Scapy."""
