"""The table of detectors: every module in detectors/ has one, called DETECTOR."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from netinfo_scapy.analysis.findings import detectors
from netinfo_scapy.analysis.findings.detector import Detector


def _found() -> dict[str, Detector]:
    modules = (import_module(f"{detectors.__name__}.{each.name}") for each in iter_modules(detectors.__path__))
    return {module.DETECTOR.id: module.DETECTOR for module in modules}


DETECTORS: dict[str, Detector] = dict(sorted(_found().items()))
"""By id."""
