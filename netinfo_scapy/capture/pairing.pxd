# C types for pairing.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.flows cimport Lane, turned
from netinfo_scapy.capture.message cimport Message, Record
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Walks


cdef Py_ssize_t _SLACK, _COST


cdef class _Queue:
    cdef bint _answered
    cdef list _calls
    cdef Py_ssize_t _head
    @cython.locals(each=Message)
    cdef push(self, Message call, Py_ssize_t count)
    cdef leave(self, Message call)
    cdef _drop(self)
    @cython.locals(call=Message)
    cdef Message first(self)


cdef class _Client:
    cdef public Message only
    cdef public dict calls, elsewhere, anywhere
    cdef public _Queue answered
    cdef public Py_ssize_t answered_calls, remembered
    @cython.locals(only=Message)
    cdef Message with_xid(self, unsigned int xid)
    @cython.locals(xid="unsigned int")
    cdef put(self, Message call)
    @cython.locals(xid="unsigned int")
    cdef take(self, Message call)
    cdef list all(self)
    @cython.locals(each=Message)
    cdef answer(self, Message call)


cdef class Pairing:
    cdef public long evicted
    cdef Py_ssize_t _most_calls, _most_bytes, _most_of_client, _most_answered, _size, _answered_size, _bytes
    cdef long long _answered_ns
    cdef dict _clients
    cdef _Queue _waiting, _answered
    @cython.locals(record=Record, lane=Lane, client=_Client, earlier=Message, xid="unsigned int")
    cpdef call(self, Message message)
    @cython.locals(record=Record, client=_Client, call=Message, now_ns="long long")
    cpdef reply(self, Message message)
    @cython.locals(call=Message)
    cdef Message _find(self, _Client client, Lane lane, unsigned int xid)
    @cython.locals(client=_Client, call=Message)
    cpdef bint expects_forwarded(self, Lane lane, bytes payload) except -1
    @cython.locals(client=_Client, call=Message, each=Message, following=Message)
    cpdef close(self, Lane lane)
    @cython.locals(xid="unsigned int")
    cdef _forget(self, _Client client, Message call)
    @cython.locals(call=Message)
    cdef _expire(self, long long now_ns)
    @cython.locals(client=_Client)
    cdef _forget_whole(self, Message call)
    @cython.locals(queue=_Queue)
    cdef _evict(self)


@cython.locals(walks=Walks)
cdef bint _forwards(Message call) except -1
