# C types for remembered.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Record, make_record
from netinfo_scapy.capture.flows cimport Lane, is_same_lane, turned
from netinfo_scapy.capture.frames cimport FrameRef, make_ref
from netinfo_scapy.capture.message cimport Message, read_message


cdef Py_ssize_t _SLACK, _COST
cdef Py_ssize_t _COLUMNS, _XID, _BEFORE, _ANSWERED, _NS, _NUMBER, _CAPTURE, _START


cdef class WaitingCalls:
    cdef list _calls
    cdef Py_ssize_t _head
    @cython.locals(each=Message)
    cdef push(self, Message call, Py_ssize_t count)
    @cython.locals(call=Message)
    cdef Message first(self)


cdef class Client:
    cdef object home
    cdef Bucket bucket
    cdef unsigned int number
    cdef Message only
    cdef dict calls, elsewhere, anywhere
    cdef Py_ssize_t waiting, answered
    @cython.locals(call=Message)
    cdef Message sent(self, Lane lane, unsigned int xid)
    @cython.locals(call=Message)
    cdef Message asked(self, Lane lane, unsigned int xid)
    cdef put(self, Message call)
    cdef take(self, Message call)
    cdef list all(self)


cdef class Bucket:
    cdef Py_ssize_t room, size
    cdef long long count
    cdef unsigned int chains
    cdef list calls, clients, lanes, data
    cdef long long[::1] rows, heads
    @cython.locals(record=Record, at=FrameRef, place=Py_ssize_t, row=Py_ssize_t, chain="unsigned int")
    cdef put(self, Client client, Message call, bint whole)
    @cython.locals(place=Py_ssize_t, row=Py_ssize_t, number="long long", other=Lane)
    cdef Message find(self, Client client, unsigned int xid, Lane lane, bint answers)
    @cython.locals(call=Message, lane=Lane, row=Py_ssize_t, record=Record)
    cdef Message call(self, Py_ssize_t place)
    @cython.locals(client=Client, data=bytes)
    cdef clear(self, Py_ssize_t place)
