"""The rules by what they see: reads, writes, credentials, nibind, the way to a server, evasions, malformed calls."""
