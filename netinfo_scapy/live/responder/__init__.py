"""NetInfo as a server, without I/O: bytes of a call in, bytes of its answer out."""
