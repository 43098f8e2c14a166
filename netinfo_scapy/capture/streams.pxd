# C types for streams.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.disputes cimport Disputes
from netinfo_scapy.capture.events cimport Placed
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport Packet
from netinfo_scapy.capture.pieces cimport Piece, make_piece, put_among
from netinfo_scapy.capture.records cimport RecordReader

cdef long long _WRAP, _REMEMBERED, _CREDIBLE_END, _CREDIBLE_LOSS


cdef long long _FIN, _SYN, _COST, _FARTHEST
cdef int _LATEST, _FIRST_WEIGHS


cdef class Stream:
    cdef public Lane lane
    cdef public object limits
    cdef public long long initial, next
    cdef public bint judge_checksums, finished
    cdef public long unnoticed
    cdef Disputes _disputes
    cdef bint _read_out, _anchored
    cdef long long _base, _fin, _acknowledged, _extent, _hole_at, _hole_bytes, _record_start
    cdef RecordReader _made
    cdef long long _hole_since
    cdef list _waiting
    cdef Py_ssize_t _waiting_bytes
    cdef int _ttl, _ttl_weight
    cdef dict _ttls
    cdef RecordReader _reader(self)
    @cython.locals(size=Py_ssize_t)
    cpdef Py_ssize_t buffered(self) except -1
    cpdef bint is_over(self) except -1
    cpdef long long sent(self) except -1
    cpdef open(self, unsigned int sequence, bint judge_checksums)
    cdef _begin(self, long long sequence, bint anchored)
    @cython.locals(behind="long long")
    cdef _begin_without_syn(self, long long sequence)
    @cython.locals(position="long long", delta="long long")
    cpdef long long unwrap(self, long long sequence) except? -1
    cpdef bint is_usual(self, int ttl) except -1
    cdef _count_ttl(self, int ttl)
    @cython.locals(position="long long")
    cpdef bint may_end_at(self, unsigned int sequence) except -1
    @cython.locals(
        usual=bint, flags=int, length=Py_ssize_t, sequence="long long", start="long long", piece=Piece
    )
    cpdef segment(self, Packet packet, list out)
    @cython.locals(position="long long")
    cpdef acknowledge(self, unsigned int number, long long time_ns, bint usual, list out)
    cpdef passed(self, Py_ssize_t size)
    @cython.locals(piece=Piece, placed=Placed, known="long long")
    cpdef finish(self, list out)
    @cython.locals(piece=Piece, position="long long", ready=Py_ssize_t)
    cdef _advance(self, list out)
    cdef long long _hole_end(self) except? -2
    @cython.locals(end="long long")
    cdef _mind_hole(self, long long time_ns, list out)
    @cython.locals(reader=RecordReader)
    cdef _gap(self, long long position, list out)
    @cython.locals(reader=RecordReader, count=Py_ssize_t, placed=Placed)
    cdef _hand_on(self, Piece piece, list out)
    @cython.locals(position="long long", disputed="long long", late=long)
    cdef _add(self, Piece piece)
