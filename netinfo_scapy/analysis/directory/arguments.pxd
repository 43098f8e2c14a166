# C types for arguments.py, where it is compiled.

from netinfo_scapy.protocol cimport words


cdef frozenset _BY_PLACE, _OF_PARENT
cdef Py_ssize_t _INSTANCE_AT, _PLACE_AT


cpdef object instance_of(str procedure, bytes sent)
cpdef object place_of(str procedure, bytes sent)
cpdef dict arguments_of(str procedure, bytes sent)
