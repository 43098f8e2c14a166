# C types for pairing.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.flows cimport Lane, turned
from netinfo_scapy.capture.message cimport Message, Record
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Walks


cdef Py_ssize_t _SLACK, _COST


cdef class _Waiting:
    cdef list _calls
    cdef Py_ssize_t _head
    @cython.locals(each=Message)
    cdef push(self, Message call, Py_ssize_t count)
    @cython.locals(call=Message)
    cdef Message first(self)


cdef class _Bucket:
    cdef list calls
    cdef Py_ssize_t at, size


cdef class _Client:
    cdef _Bucket bucket
    cdef public Message only
    cdef public dict calls, elsewhere, anywhere
    cdef public Py_ssize_t answers, remembered
    @cython.locals(only=Message)
    cdef Message with_xid(self, unsigned int xid)
    @cython.locals(xid="unsigned int")
    cdef put(self, Message call)
    @cython.locals(xid="unsigned int")
    cdef take(self, Message call)
    cdef list all(self)


cdef class Pairing:
    cdef public long evicted
    cdef Py_ssize_t _most_calls, _most_bytes, _most_of_client, _bucket_calls, _bucket_bytes
    cdef Py_ssize_t _waiting_calls, _waiting_bytes
    cdef long long _answered_ns
    cdef dict _clients
    cdef list _buckets
    cdef _Waiting _waiting
    @cython.locals(record=Record, lane=Lane, client=_Client, earlier=Message, xid="unsigned int")
    cpdef call(self, Message message)
    @cython.locals(record=Record, client=_Client, call=Message, now_ns="long long")
    cpdef reply(self, Message message)
    @cython.locals(at=Py_ssize_t, old=Message)
    cdef _keep(self, _Bucket bucket, Message call)
    cdef bint _holds(self, _Client client, Message call, long long now_ns) except -1
    @cython.locals(call=Message)
    cdef Message _find(self, _Client client, Lane lane, unsigned int xid)
    @cython.locals(client=_Client, call=Message)
    cpdef bint expects_forwarded(self, Lane lane, bytes payload) except -1
    @cython.locals(client=_Client, call=Message)
    cpdef close(self, Lane lane)
    @cython.locals(xid="unsigned int", bucket=_Bucket)
    cdef _forget(self, _Client client, Message call)
    @cython.locals(client=_Client)
    cdef _forget_whole(self, Message call)


@cython.locals(walks=Walks)
cdef bint _forwards(Message call) except -1
