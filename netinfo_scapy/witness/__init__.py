"""tshark as an independent witness: what it sees, and where it differs from what we see."""
