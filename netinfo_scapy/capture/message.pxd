# C types for message.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Record
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Known, Walks, find_walks


cdef unsigned int _CALL, _REPLY, _RPC_VERSION, _AUTH_NONE, _AUTH_SYS, _MAXIMUM_AUTH_BODY
cdef set _SCRATCH


@cython.final
cdef class Message:
    cdef public Record record
    cdef public unsigned int xid
    cdef public bint is_call, plain, duplicate, counted, answered, remembered
    cdef public long long program, version, procedure, uid
    cdef public long long answered_ns
    cdef public Py_ssize_t begin
    cdef public Message call, first
    cdef public Py_ssize_t cost, place
    cdef public object _header, _found, cell
    cdef public Walks _walks
    cdef public Known known
    cdef public long long _status

    @cython.locals(data=bytes, size=Py_ssize_t, kind="unsigned int", at=Py_ssize_t)
    cdef bint _scan(self) except -1
    @cython.locals(
        flavor="unsigned int", length="unsigned int", end=Py_ssize_t, name="unsigned int", at=Py_ssize_t,
        groups="unsigned int",
    )
    cdef Py_ssize_t _scan_credential(self, bytes data, Py_ssize_t size) except -1
    @cython.locals(record=Record, call=Message)
    cpdef object check(self)
    cdef object _walk(self)
    @cython.locals(
        call=Message, walks=Walks, data=bytes, end=Py_ssize_t, found=set, address=Py_ssize_t, place=Py_ssize_t,
        known=Known,
    )
    cdef bint _walk_plain(self) except -1


@cython.locals(message=Message)
cpdef Message read_message(Record record)
@cython.locals(message=Message)
cdef Message _make_message(Record record)
