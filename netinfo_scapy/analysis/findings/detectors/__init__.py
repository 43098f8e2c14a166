"""One detector a file. A file put here is in the table (table.py); nothing else has to be touched."""
