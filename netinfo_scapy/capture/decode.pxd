# C types for decode.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.connections cimport Connections
from netinfo_scapy.capture.events cimport Record, make_record
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport Frame, FrameRef, Packet
from netinfo_scapy.capture.interest cimport Interest
from netinfo_scapy.capture.ip cimport Reassembler
from netinfo_scapy.capture.message cimport Message, read_message
from netinfo_scapy.capture.pairing cimport Pairing
from netinfo_scapy.protocol cimport words


cdef int _BUCKETS
cdef unsigned int _REPLY, _DHCP_SERVER
cdef Py_ssize_t _SMALLEST, _MOST_HANDED_OUT


cdef class Decoder:
    cdef public Interest interest
    cdef public object limits
    cdef public Reassembler reassembler
    cdef public Connections connections
    cdef public Pairing pairing
    cdef int _first, _beyond
    cdef list _held
    cdef Py_ssize_t _first_held, _held_events, _held_bytes, _most_events, _most_bytes
    cdef long long _settle_ns, _now_ns
    cdef list _out, _streamed
    cdef bint _at_once
    @cython.locals(packet=Packet, record=Record)
    cpdef list feed_all(self, list frames)
    cpdef list feed(self, Frame frame)
    @cython.locals(reassembler=Reassembler, packet=Packet)
    cdef _frame(self, Frame frame)
    cpdef list finish(self)
    @cython.locals(message=Message, record=Record)
    cdef _give(self, object event)
    @cython.locals(message=Message, record=Record, held=list, now_ns="long long")
    cdef _settle(self)
    cdef bint _is_mine(self, Lane lane, bytes payload) except -1
    @cython.locals(lane=Lane, learned=bint, wanted=bint)
    cdef _packet(self, Packet packet)
    @cython.locals(lane=Lane, payload=bytes, learned=bint)
    cdef _plain_datagram(self, Record record)
    @cython.locals(lane=Lane, missed=Py_ssize_t, payload=bytes)
    cdef _datagram(self, Packet packet)
    cdef _others(self, Lane lane, FrameRef at, bytes payload)
    cdef _read_streams(self)
    @cython.locals(message=Message, incomplete=bint)
    cdef bint _message(self, Record record) except -1


cpdef int bucket_of(Lane lane, bytes payload) except -1
