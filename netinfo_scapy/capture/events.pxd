# C types for events.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport FrameRef
from netinfo_scapy.protocol cimport words


@cython.final
cdef class Record:
    cdef public Lane lane
    cdef public FrameRef at
    cdef public long fragments
    cdef public bytes data
    cdef public object anomalies
    cdef public bint settled
    cdef public long long _start
    cdef public object many_marks


@cython.final
cdef class Placed:
    cdef public object event
    cdef public Record record
    cdef public long long start, end, acknowledges


@cython.locals(placed=Placed)
cpdef Placed make_placed(object event, Record record, long long end)
@cython.locals(record=Record)
cpdef Record make_record(Lane lane, FrameRef at, bytes data, bint settled)
@cython.locals(record=Record)
cpdef Record make_marked(Lane lane, FrameRef at, bytes data, long long start)
