"""NetInfo in Wireshark: a Lua script generated from the protocol's tables, and its installation."""
