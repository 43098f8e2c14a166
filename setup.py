"""The compiled form: the modules of the fast way, from the same sources, where Cython and a C compiler are at hand.

Everything else about the package stands in pyproject.toml. Without a compiler, or with
NETINFO_SCAPY_PURE set, the package installs as plain Python and does the same, slower.
"""

from __future__ import annotations

import os
from pathlib import Path

from setuptools import Extension, setup

COMPILED = tuple(
    ".".join(path.with_suffix("").parts)
    for path in sorted(Path("netinfo_scapy").rglob("*.py"))
    if path.with_suffix(".pxd").exists() and path.name != "words.py"
)
"""Modules that have a .pxd with their C types beside them; words.pxd is all there is to words.py in C."""

# Less code, and fewer places of it: what a message passes through is more than a processor's first cache holds.
_FLAGS = ["-O2", "-g0", "-fno-plt", "-fno-align-loops", "-fno-align-jumps"]


def extensions() -> list[Extension]:
    """What to compile; nothing where that is not wanted or Cython is missing."""
    if os.environ.get("NETINFO_SCAPY_PURE"):
        return []
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    modules = [Extension(name, [name.replace(".", "/") + ".py"], extra_compile_args=_FLAGS) for name in COMPILED]
    built: list[Extension] = cythonize(
        modules,
        build_dir="build/cython",
        nthreads=os.cpu_count() or 1,
        compiler_directives={"language_level": 3, "annotation_typing": False, "binding": False},
    )
    # A compiler that is missing or fails leaves the module out, not the package. Cython makes the extensions anew, and
    # forgets this when it is said to those that it is given.
    for each in built:
        each.optional = True
    return built


# `make dist` makes the manual page first; a package that is built without it has none.
MANUAL = [("share/man/man1", [str(path) for path in Path("docs/man").glob("*.1")])]

setup(
    ext_modules=extensions(),
    data_files=[each for each in MANUAL if each[1]],
    options={
        "build_ext": {"parallel": os.cpu_count() or 1},
        # A line in a .pth file instead of a finder, which is loaded at each start of Python.
        "editable_wheel": {"mode": "compat"},
    },
)
