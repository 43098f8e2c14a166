# C types for interest.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.message cimport Message
from netinfo_scapy.capture.teachers cimport lessons_of
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Walks


cdef long long _NETINFO, _STATISTICS
cdef unsigned int _CALL, _RPC_VERSION
cdef int _NETINFO_PORT, _CALL_BYTES


cdef class Interest:
    cdef public Py_ssize_t most
    cdef public bint at_once
    cdef public long refused
    cdef public dict learned
    cdef dict _taught, _known
    cdef public bytearray ports
    cdef public set _rejected, _given
    cdef long _state
    cpdef bint wants_lane(self, Lane lane) except -1
    @cython.locals(lane=Lane, walks=Walks)
    cpdef bint selects(self, Message message) except -1
    @cython.locals(offset=Py_ssize_t, program="unsigned int")
    cpdef bint learn_from_payload(self, Lane lane, bytes payload) except -1
    @cython.locals(call=Message)
    cpdef learn_from_answer(self, Message reply)
