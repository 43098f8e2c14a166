"""Making NetInfo traffic: conversations as packets, calls from words."""
