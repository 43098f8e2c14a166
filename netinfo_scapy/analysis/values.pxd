# C types for values.py, where it is compiled.

cimport cython


cdef long long _FIRST_SECOND, _LAST_SECOND, _DAY


@cython.locals(shown="long long", rest="long long", of_day=long, hour=long, minute=long, second=long, decimals=str)
cpdef str rfc3339(object time_ns, int digits)
cpdef str file_name(str name)
cpdef object text_of(bytes data)
cpdef str plain_text(object text)
cpdef str counted(object number, str one, str many=*)
