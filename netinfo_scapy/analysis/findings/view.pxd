# C types for view.py, where it is compiled.

cimport cython


@cython.locals(groups=dict, group=list)
cpdef dict grouped(object items, object key)
cdef str _filter(object frames)
