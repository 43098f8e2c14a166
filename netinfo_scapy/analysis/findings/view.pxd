# C types for view.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.findings.evidence cimport Evidence
from netinfo_scapy.capture.frames cimport FrameRef


@cython.locals(groups=dict, group=list)
cpdef dict grouped(object items, object key)
@cython.locals(row=Evidence, servers=set, clients=set, times=list, count="long long")
cdef tuple _seen(object evidence)
cdef list _first_of(object evidence)
@cython.locals(at=FrameRef)
cdef str _filter(list frames)
