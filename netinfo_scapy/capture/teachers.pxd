# C types for teachers.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.message cimport Message


@cython.locals(call=Message)
cpdef object lessons_of(Message reply)
