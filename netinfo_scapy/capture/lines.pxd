# C types for lines.py, where it is compiled.

cimport cython


cdef class Place:
    cdef Place before, after
    cdef public object thing


cdef class Line:
    cdef Place _end
    @cython.locals(end=Place, last=Place)
    cpdef put_last(self, Place place)
    @cython.locals(before=Place, after=Place)
    cpdef remove(self, Place place)
    @cython.locals(place=Place)
    cpdef object first(self)
    @cython.locals(place=Place, following=Place)
    cpdef clear(self)
