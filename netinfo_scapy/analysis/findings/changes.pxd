# C types for changes.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.findings.clues cimport Evidence


@cython.locals(rows=dict, row=Evidence)
cpdef list evidence_of(object changes)
cpdef bint is_of_the_host(object change, object view) except -1
cdef list _differences(object change, list names)
cdef dict _numbered(object properties)
cdef set _secrets(object change)
@cython.locals(shown=list)
cdef list _shown(object name, object values, set secrets, bint reveal)
