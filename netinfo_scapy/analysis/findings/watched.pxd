# C types for watched.py, where it is compiled.

cimport cython


cdef class Watched:
    cdef public str name
    cdef public tuple calls, replies, alike_calls, alike_replies, bodies, readers, words
    cdef public dict xids
    cdef public bint sees_calls, sees_replies, sees_bodies
