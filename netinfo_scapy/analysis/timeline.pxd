# C types for timeline.py, where it is compiled.

cimport cython


cdef long long _MOST_BINS


cdef class Timeline:
    cdef public long long level
    cdef public dict bins
    cdef long long _bin, _calls, _refused
    cpdef add_call(self, long long ns)
    cpdef add_refusal(self, long long ns)
    cpdef settle(self)
    cpdef merge(self, Timeline other)
    @cython.locals(found=list)
    cdef _add(self, long long number, long long calls, long long refused)
    cdef _turn(self, long long ns)
    @cython.locals(joined=dict, whole=list, up="long long", number="long long")
    cdef _raise(self, long long level)
