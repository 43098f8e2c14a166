"""Messages and findings as other programs read them. One file a format, one row in `table.py`."""
