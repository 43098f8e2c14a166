"""The targets, one a file: each ends in `TARGET = Target(...)`, and nothing else has to be touched."""
