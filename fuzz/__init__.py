"""Coverage-guided fuzzing of what reads hostile bytes: `python -m fuzz`, docs/reliability.md.

A target is a file in fuzz/targets/. It takes bytes, and raises nothing: the exception that a reader documents is part
of its contract and is caught there, whatever else comes out is a crash. Nor is it only a crash test: each target
checks what must hold for any bytes (two ways over them agree, nothing is invented, what was read can be written).
"""
