"""The forms that a directory is written in, and what is said of it beside them."""
