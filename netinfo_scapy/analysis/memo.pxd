# C types for memo.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.message cimport Message
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Known, Walks


cdef Py_ssize_t _MOST_BODIES, _MOST_BYTES, _HEAD
cdef unsigned int _RECENT


cdef class Body:
    cdef public Walks walks
    cdef public bytes asked, answer
    cdef public tuple clues, alike
    cdef public dict sightings
    cdef public Py_ssize_t number


cdef class BodyMemo:
    cdef public long long forgotten
    cdef long long _reader
    cdef list _numbered
    cdef dict _bodies
    cdef list _recent
    cdef Py_ssize_t _bytes
    @cython.locals(
        asked=bytes, answer=bytes, begin=Py_ssize_t, start=Py_ssize_t, rest=Py_ssize_t, size=Py_ssize_t,
        place="unsigned int", body=Body, whole=tuple, known=Known, latest=Body,
    )
    cpdef Body find(self, Message message, Message call, Walks walks)
    cpdef weigh(self, Py_ssize_t count)
    cdef _note(self, Body body, Known known)
    cpdef forget(self)
