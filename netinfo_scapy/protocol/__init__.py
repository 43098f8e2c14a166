"""The wire formats as data, and the codec that is generated from them. Standard library only."""
