# C types for evidence.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.frames cimport FrameRef


cdef Py_ssize_t _MOST_FRAMES
cdef long _BITS


cdef class Evidence:
    cdef public object transport, server
    cdef public bytes client
    cdef public tuple key
    cdef public long long count
    cdef public long _end_capture, _end_number
    cdef public bint _timed
    cdef public long long _shares_seen, _shares_from
    cdef public long long _first, _last
    cdef public tuple _far
    cdef public list frames
    cdef public dict shares
    cpdef add(self, FrameRef at, long share=*)
    cdef _share(self, long share, object time_ns)
    @cython.locals(other=Evidence)
    cpdef merge(self, Evidence other)
    cdef _span(self, long long ns)
    cdef _span_far(self, object time_ns)
    @cython.locals(at=FrameRef, joined=list, place=Py_ssize_t, count=Py_ssize_t)
    cdef _join(self, list others)
    cdef _frame(self, FrameRef at)
    cdef _fill(self)
    @cython.locals(frames=list, last=FrameRef)
    cdef _add_frame(self, FrameRef at)
