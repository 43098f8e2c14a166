"""The pure form of the package, where the compiled one is installed: for comparing the two, and for debugging."""

from __future__ import annotations

import os
import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader


def use_sources(package: str) -> None:
    """Let Python find only the sources in a package's directories, and not the compiled modules beside them."""
    for directory, _, _ in os.walk(package):
        sys.path_importer_cache[directory] = FileFinder(directory, (SourceFileLoader, SOURCE_SUFFIXES))
