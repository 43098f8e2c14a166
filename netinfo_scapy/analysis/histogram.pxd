# C types for histogram.py, where it is compiled.

cimport cython


cdef long long _BITS, _LINEAR, _MOST_BINS


@cython.locals(shift=int)
cpdef long long bin_of(long long value) except? -1


cdef class Durations:
    cdef public dict bins
    cdef public long long count
    cdef public long long least, most
    @cython.locals(number="long long")
    cpdef add(self, long long value)


cdef class Tally:
    cdef long long[::1] _bins
    cdef long long _count, _least, _most
    cpdef add(self, long long value)
    @cython.locals(number="long long", all_of_them=Durations)
    cpdef Durations durations(self)
