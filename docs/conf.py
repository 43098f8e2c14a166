"""How the pages of docs/ become a site and a man page: `make docs`. The generated parts: site/generated.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "site"))

from netinfo_scapy import __version__

project = "netinfo-scapy"
copyright = "the authors of netinfo-scapy, GPL-2.0-or-later"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "generated"]
exclude_patterns = ["site/**"]
source_suffix = {".md": "markdown"}
smartquotes = False
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
add_module_names = False
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = "netinfo-scapy"
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "friendly"
pygments_dark_style = "github-dark"

man_pages = [("reference/man", "netinfo-scapy", "what is in captures of NetInfo", [], 1)]
