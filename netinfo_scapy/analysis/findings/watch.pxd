# C types for watch.py, where it is compiled.

from netinfo_scapy.analysis.findings.watched cimport Watched


cdef class Watch:
    cdef public Watched watched
    cdef dict alike, counters
    cdef tuple call_alike, reply_alike
    cdef long long call_likeness, reply_likeness
    cdef bint filled
    cpdef clear(self)


cdef class Clue:
    cdef object detector
    cdef tuple key
    cdef long share
    cdef Clue row
