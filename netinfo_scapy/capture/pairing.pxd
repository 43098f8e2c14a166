# C types for pairing.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Record
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.message cimport Message
from netinfo_scapy.capture.remembered cimport Bucket, Client, WaitingCalls
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Walks


cdef Py_ssize_t _COST
cdef unsigned int _STEP, _NUMBERS


cdef class Pairing:
    cdef public long evicted
    cdef Py_ssize_t _most_calls, _most_bytes, _bucket_calls, _bucket_bytes
    cdef Py_ssize_t _waiting_calls, _waiting_bytes
    cdef unsigned int _numbers
    cdef long long _answered_ns
    cdef dict _clients
    cdef list _buckets
    cdef WaitingCalls _waiting
    @cython.locals(record=Record, lane=Lane, client=Client, earlier=Message, oldest=Message, xid="unsigned int")
    cpdef call(self, Message message)
    @cython.locals(record=Record, client=Client, call=Message, now_ns="long long")
    cpdef reply(self, Message message)
    @cython.locals(client=Client)
    cdef Client _client_of(self, Lane lane)
    @cython.locals(client=Client)
    cdef Client _answered_client(self, Lane lane)
    @cython.locals(bucket=Bucket, client=Client)
    cdef Client _new_client(self, Lane lane)
    @cython.locals(bucket=Bucket, record=Record, number="long long", whole=bint)
    cdef _keep(self, Client client, Message call)
    @cython.locals(client=Client, lane=Lane, call=Message)
    cdef _make_room(self, Bucket bucket, Py_ssize_t place)
    cdef bint _holds(self, Message call, long long now_ns) except -1
    @cython.locals(call=Message)
    cdef Message _find(self, Client client, Lane lane, unsigned int xid)
    @cython.locals(client=Client, call=Message)
    cpdef bint expects_forwarded(self, Lane lane, bytes payload) except -1
    @cython.locals(client=Client, call=Message)
    cpdef close(self, Lane lane)
    @cython.locals(client=Client, bucket=Bucket)
    cpdef finish(self)
    @cython.locals(bucket=Bucket)
    cdef _forget(self, Client client, Message call)
    cdef _forget_whole(self, Client client, Message call)
    cdef _let_go(self, Client client, bytes key)


@cython.locals(walks=Walks)
cdef bint _forwards(Message call) except -1
