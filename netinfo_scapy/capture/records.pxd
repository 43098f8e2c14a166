# C types for records.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Record, make_marked, make_placed, make_record
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport FrameRef
from netinfo_scapy.capture.pieces cimport Chunk, make_chunk
from netinfo_scapy.protocol cimport words


cdef int MARK, BODY, HUNT, DEAD
cdef unsigned int _LENGTH, _LAST, _REPLY
cdef Py_ssize_t _HEAD_BYTES, _SMALLEST, _MARK_COST, _MOST_MARKS, _MOST_PARTS


cdef class RecordReader:
    cdef public Lane lane
    cdef public Py_ssize_t longest, buffered
    cdef public long long position
    cdef int _state
    cdef bint _certain, _last, _whole, _begun, _conflict, _lost_start, _after_gap
    cdef bytes _mark
    cdef Py_ssize_t _left, _size, _kept_bytes, _hunted_bytes, _fed, _reread_bytes
    cdef long _fragments
    cdef bytearray _body
    cdef list _todo, _hunted, _kept, _reread, _marks, _parts
    cdef FrameRef _ref, _seen
    cpdef dispute(self)
    @cython.locals(at=Py_ssize_t, todo=list, chunk=Chunk)
    cpdef feed(self, bytes data, FrameRef ref, bint conflict, list out)
    @cython.locals(at=Py_ssize_t, size=Py_ssize_t, mark="unsigned int", end=Py_ssize_t, record=Record)
    cdef Py_ssize_t _feed_whole(self, bytes data, FrameRef ref, list out) except -1
    @cython.locals(record=Record)
    cdef _out(self, list out, object event)
    cdef _again(self, list chunks)
    cdef _keep(self, Chunk chunk)
    cdef _forget_kept(self)
    cdef _add(self, bytes part)
    @cython.locals(head=bytes, part=bytes)
    cdef bytes _head(self)
    cdef bint _makes_sense(self) except -1
    cdef _lose_sense(self, bytes head, list out)
    @cython.locals(data=bytes, at=Py_ssize_t, size=Py_ssize_t, start=Py_ssize_t, wanted=Py_ssize_t)
    cdef _read(self, Chunk chunk, list out)
    @cython.locals(length=Py_ssize_t)
    cdef _begin_fragment(self, unsigned int mark, bytes data, Py_ssize_t at, list out)
    cdef _end_fragment(self, list out)
    @cython.locals(body=bytes, whole=bint, sound=bint, fragments=long, marks=tuple, record=Record)
    cdef _end_record(self, list out)
    cdef _forget_record(self)
    cpdef gap(self, long long size, list out)
    cpdef close(self, list out)
