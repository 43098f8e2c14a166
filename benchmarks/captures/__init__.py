"""Captures made for measuring: the same bytes for the same parameters, and what a reader must find in them."""
