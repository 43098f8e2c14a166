"""The release. A constant, because asking the installed package for it takes longer than most captures."""

VERSION = "0.1.0"
