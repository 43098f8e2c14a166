# C types for pieces.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.frames cimport FrameRef, Packet
from netinfo_scapy.protocol cimport words


cdef long long _ACK


@cython.final
cdef class Piece:
    cdef public long long start, end, acknowledges
    cdef public bytes data
    cdef public FrameRef ref
    cdef public bint conflict, tentative
    cdef public int ttl
    @cython.locals(piece=Piece)
    cpdef Piece cut(self, long long start, long long end)


@cython.final
cdef class Chunk:
    cdef public bytes data
    cdef public FrameRef ref
    cdef public bint conflict


@cython.locals(piece=Piece)
cpdef Piece make_piece(long long start, Packet packet, bint tentative)
@cython.locals(low=Py_ssize_t, high=Py_ssize_t, at="long long", held=Piece, better=Piece, disputed=Piece, each=Piece)
cpdef Py_ssize_t put_among(list waiting, Piece piece) except? -1
@cython.locals(chunk=Chunk)
cpdef Chunk make_chunk(bytes data, FrameRef ref, bint conflict)
