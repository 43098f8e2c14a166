"""The directory of a domain, rebuilt from what was read and written, or loaded from a file."""
