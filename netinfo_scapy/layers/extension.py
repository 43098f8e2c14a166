"""NetInfo, nibind, the port mapper and bootparam over ONC RPC (netinfo-scapy)

Scapy runs this file as its module `scapy.layers.netinfo`. It makes no class of its own: a second
copy of each would show twice in ls() and break pickles. So the classes stay what they are in
`netinfo_scapy.layers`, and the module that explore(), load_layer() and ls() ask for has them, too.
"""

# Every name here that has no underscore becomes one of the shell's: so no other import, not even of annotations.
import sys as _sys

import scapy.layers as _layers

from netinfo_scapy.layers import *  # noqa: F403 - the names of the shell
from netinfo_scapy.layers import SHIM as _SHIM
from netinfo_scapy.layers import __all__  # noqa: F401 - load_layer() takes what it lists

# Scapy's loader leaves out what an import does by itself: the attribute of the package. explore() evaluates that name.
# Imported as netinfo_scapy.layers.extension, it stands in for the module that no loader has made.
_sys.modules.setdefault(_SHIM, _sys.modules[__name__])
vars(_layers)["netinfo"] = _sys.modules[_SHIM]
