# C types for view.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.findings.clues cimport Evidence


@cython.locals(groups=dict, group=list)
cpdef dict grouped(object items, object key)
@cython.locals(row=Evidence, servers=set, clients=set, times=list, count="long long")
cdef tuple _seen(object evidence)
cdef str _filter(object frames)
