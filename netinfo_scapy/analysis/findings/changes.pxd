# C types for changes.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.findings.evidence cimport Evidence
from netinfo_scapy.analysis.values cimport text_of
from netinfo_scapy.capture.frames cimport FrameRef


@cython.locals(rows=dict, row=Evidence)
cpdef list evidence_of(object changes)
cdef FrameRef _began(FrameRef call_at, FrameRef at)
cpdef bint is_of_the_host(object change, object view) except -1
cdef tuple _sides(object change)
@cython.locals(found=list)
cdef list _differences(object noted, list before, list after)
cdef list _compared(list before, list after)
cdef set _secrets(list before, list after)
@cython.locals(shown=list)
cdef list _shown(object name, object values, set secrets, bint reveal)
