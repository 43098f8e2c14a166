"""tshark as an independent witness: what it makes of the RPC messages of a capture, held against ours."""
