-- netinfo-scapy's dissector of NetInfo for Wireshark
-- SPDX-License-Identifier: GPL-2.0-or-later
-- NetInfo and nibind in Wireshark and tshark, by netinfo-scapy: see its docs/wireshark.md.
-- Generated from the protocol's tables and the parts in netinfo_scapy/wireshark/lua/; changes belong there.

local tables = (function()
local T = {}
T.opaque_auth = { kind = "struct", name = "opaque_auth", first = true, [1] = { "flavor", { kind = "enum", name = "auth_flavor" } }, [2] = { "body", { kind = "opaque", most = 4294967295 } } }
T.rpc_call = { kind = "struct", name = "rpc_call", [1] = { "xid", { kind = "uint" } }, [2] = { "type", { kind = "uint" } }, [3] = { "rpc_version", { kind = "uint" } }, [4] = { "program", { kind = "uint" } }, [5] = { "version", { kind = "uint" } }, [6] = { "procedure", { kind = "uint" } }, [7] = { "credential", T.opaque_auth }, [8] = { "verifier", T.opaque_auth } }
T.mismatch = { kind = "struct", name = "mismatch", [1] = { "low", { kind = "uint" } }, [2] = { "high", { kind = "uint" } } }
T.mismatch_info = { kind = "struct", name = "mismatch_info", [1] = { "mismatch", T.mismatch } }
T.accepted = { kind = "union", name = "accepted", inline = true, discriminant = "accept_status", tag = { kind = "enum", name = "accept_stat" }, arms = { [2] = T.mismatch_info } }
T.accepted_reply = { kind = "struct", name = "accepted_reply", [1] = { "verifier", T.opaque_auth }, [2] = { "accepted", T.accepted } }
T.auth_error = { kind = "struct", name = "auth_error", [1] = { "auth_status", { kind = "enum", name = "auth_stat" } } }
T.denied = { kind = "union", name = "denied", inline = true, discriminant = "reject_status", tag = { kind = "enum", name = "reject_stat" }, arms = { [0] = T.mismatch_info, [1] = T.auth_error } }
T.denied_reply = { kind = "struct", name = "denied_reply", [1] = { "denied", T.denied } }
T.reply = { kind = "union", name = "reply", inline = true, discriminant = "reply_status", tag = { kind = "enum", name = "reply_stat" }, arms = { [0] = T.accepted_reply, [1] = T.denied_reply } }
T.rpc_reply = { kind = "struct", name = "rpc_reply", [1] = { "xid", { kind = "uint" } }, [2] = { "type", { kind = "uint" } }, [3] = { "reply", T.reply } }
T.uint_array_16 = { kind = "array", of = { kind = "uint" }, most = 16, least = 4 }
T.auth_sys = { kind = "struct", name = "auth_sys", [1] = { "stamp", { kind = "uint" } }, [2] = { "machinename", { kind = "string", most = 255 } }, [3] = { "uid", { kind = "uint" } }, [4] = { "gid", { kind = "uint" } }, [5] = { "gids", T.uint_array_16 } }
T.dh_fullname = { kind = "struct", name = "dh_fullname", [1] = { "name", { kind = "string", most = 255 } }, [2] = { "key", { kind = "fixed", size = 8 } }, [3] = { "window", { kind = "fixed", size = 4 } } }
T.dh_nickname = { kind = "struct", name = "dh_nickname", [1] = { "nickname", { kind = "uint" } } }
T.auth_dh = { kind = "union", name = "auth_dh", discriminant = "namekind", tag = { kind = "enum", name = "authdh_namekind" }, arms = { [0] = T.dh_fullname, [1] = T.dh_nickname } }
T.gss_credential = { kind = "struct", name = "gss_credential", [1] = { "gss_procedure", { kind = "uint" } }, [2] = { "sequence", { kind = "uint" } }, [3] = { "service", { kind = "uint" } }, [4] = { "handle", { kind = "opaque", most = 4294967295 } } }
T.rpcsec_gss = { kind = "union", name = "rpcsec_gss", discriminant = "gss_version", tag = { kind = "uint" }, arms = { [1] = T.gss_credential } }
T.string_65535_array_65535 = { kind = "array", of = { kind = "string", most = 65535 }, most = 65535, least = 4 }
T.ni_property = { kind = "struct", name = "ni_property", [1] = { "name", { kind = "string", most = 65535 } }, [2] = { "values", T.string_65535_array_65535 } }
T.ni_property_array_65535 = { kind = "array", of = T.ni_property, most = 65535, least = 8 }
T.properties = { kind = "struct", name = "properties", [1] = { "properties", T.ni_property_array_65535 } }
T.ni_id = { kind = "struct", name = "ni_id", first = true, [1] = { "object", { kind = "uint" } }, [2] = { "instance", { kind = "uint" } } }
T.id = { kind = "struct", name = "id", [1] = { "id", T.ni_id } }
T.status_or_id = { kind = "union", name = "status_or_id", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.id } }
T.parent = { kind = "struct", name = "parent", [1] = { "parent", { kind = "uint" } }, [2] = { "self_id", T.ni_id } }
T.status_or_parent = { kind = "union", name = "status_or_parent", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.parent } }
T.optional_ni_id = { kind = "optional", of = T.ni_id }
T.create_arguments = { kind = "struct", name = "create_arguments", [1] = { "parent", T.ni_id }, [2] = { "props", T.ni_property_array_65535 }, [3] = { "where", { kind = "uint" } }, [4] = { "target", T.optional_ni_id } }
T.created = { kind = "struct", name = "created", [1] = { "id", T.ni_id }, [2] = { "self_id", T.ni_id } }
T.status_or_created = { kind = "union", name = "status_or_created", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.created } }
T.destroy_arguments = { kind = "struct", name = "destroy_arguments", [1] = { "parent_id", T.ni_id }, [2] = { "self_id", T.ni_id } }
T.directory = { kind = "struct", name = "directory", [1] = { "id", T.ni_id }, [2] = { "props", T.ni_property_array_65535 } }
T.status_or_directory = { kind = "union", name = "status_or_directory", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.directory } }
T.write_arguments = { kind = "struct", name = "write_arguments", [1] = { "id", T.ni_id }, [2] = { "props", T.ni_property_array_65535 } }
T.uint_array_1048576 = { kind = "array", of = { kind = "uint" }, most = 1048576, least = 4 }
T.children = { kind = "struct", name = "children", [1] = { "children", T.uint_array_1048576 }, [2] = { "self_id", T.ni_id } }
T.status_or_children = { kind = "union", name = "status_or_children", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.children } }
T.lookup_arguments = { kind = "struct", name = "lookup_arguments", [1] = { "id", T.ni_id }, [2] = { "key", { kind = "string", most = 65535 } }, [3] = { "value", { kind = "string", most = 65535 } } }
T.found = { kind = "struct", name = "found", [1] = { "ids", T.uint_array_1048576 }, [2] = { "self_id", T.ni_id } }
T.status_or_found = { kind = "union", name = "status_or_found", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.found } }
T.list_arguments = { kind = "struct", name = "list_arguments", [1] = { "id", T.ni_id }, [2] = { "key", { kind = "string", most = 65535 } } }
T.optional_string_65535_array_65535 = { kind = "optional", of = T.string_65535_array_65535 }
T.ni_entry = { kind = "struct", name = "ni_entry", [1] = { "id", { kind = "uint" } }, [2] = { "names", T.optional_string_65535_array_65535 } }
T.ni_entry_array_1048576 = { kind = "array", of = T.ni_entry, most = 1048576, least = 8 }
T.listed = { kind = "struct", name = "listed", [1] = { "entries", T.ni_entry_array_1048576 }, [2] = { "self_id", T.ni_id } }
T.status_or_listed = { kind = "union", name = "status_or_listed", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.listed } }
T.createprop_arguments = { kind = "struct", name = "createprop_arguments", [1] = { "id", T.ni_id }, [2] = { "prop", T.ni_property }, [3] = { "where", { kind = "uint" } } }
T.destroyprop_arguments = { kind = "struct", name = "destroyprop_arguments", [1] = { "id", T.ni_id }, [2] = { "prop_index", { kind = "uint" } } }
T.readprop_arguments = { kind = "struct", name = "readprop_arguments", [1] = { "id", T.ni_id }, [2] = { "prop_index", { kind = "uint" } } }
T.names = { kind = "struct", name = "names", [1] = { "values", T.string_65535_array_65535 }, [2] = { "self_id", T.ni_id } }
T.status_or_names = { kind = "union", name = "status_or_names", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.names } }
T.writeprop_arguments = { kind = "struct", name = "writeprop_arguments", [1] = { "id", T.ni_id }, [2] = { "prop_index", { kind = "uint" } }, [3] = { "values", T.string_65535_array_65535 } }
T.renameprop_arguments = { kind = "struct", name = "renameprop_arguments", [1] = { "id", T.ni_id }, [2] = { "prop_index", { kind = "uint" } }, [3] = { "name", { kind = "string", most = 65535 } } }
T.createname_arguments = { kind = "struct", name = "createname_arguments", [1] = { "id", T.ni_id }, [2] = { "prop_index", { kind = "uint" } }, [3] = { "name", { kind = "string", most = 65535 } }, [4] = { "where", { kind = "uint" } } }
T.destroyname_arguments = { kind = "struct", name = "destroyname_arguments", [1] = { "id", T.ni_id }, [2] = { "prop_index", { kind = "uint" } }, [3] = { "name_index", { kind = "uint" } } }
T.readname_arguments = { kind = "struct", name = "readname_arguments", [1] = { "id", T.ni_id }, [2] = { "prop_index", { kind = "uint" } }, [3] = { "name_index", { kind = "uint" } } }
T.name = { kind = "struct", name = "name", [1] = { "id", T.ni_id }, [2] = { "name", { kind = "string", most = 65535 } } }
T.status_or_name = { kind = "union", name = "status_or_name", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.name } }
T.writename_arguments = { kind = "struct", name = "writename_arguments", [1] = { "id", T.ni_id }, [2] = { "prop_index", { kind = "uint" } }, [3] = { "name_index", { kind = "uint" } }, [4] = { "name", { kind = "string", most = 65535 } } }
T.ni_binding = { kind = "struct", name = "ni_binding", [1] = { "tag", { kind = "string", most = 65535 } }, [2] = { "addr", { kind = "address" } } }
T.status_or_ni_binding = { kind = "union", name = "status_or_ni_binding", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.ni_binding } }
T.ni_property_array_65535_array_1048576 = { kind = "array", of = T.ni_property_array_65535, most = 1048576, least = 4 }
T.all_listed = { kind = "struct", name = "all_listed", [1] = { "self_id", T.ni_id }, [2] = { "entries", T.ni_property_array_65535_array_1048576 } }
T.status_or_all_listed = { kind = "union", name = "status_or_all_listed", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.all_listed } }
T.checksum = { kind = "struct", name = "checksum", [1] = { "checksum", { kind = "uint" } } }
T.ni_object = { kind = "struct", name = "ni_object", [1] = { "id", T.ni_id }, [2] = { "props", T.ni_property_array_65535 }, [3] = { "parent", { kind = "uint" } }, [4] = { "children", T.uint_array_1048576 } }
T.ni_object_chain = { kind = "chain", of = T.ni_object }
T.database = { kind = "struct", name = "database", [1] = { "checksum", { kind = "uint" } }, [2] = { "highest_id", { kind = "uint" } }, [3] = { "objects", T.ni_object_chain } }
T.status_or_database = { kind = "union", name = "status_or_database", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.database } }
T.status_only = { kind = "struct", name = "status_only", [1] = { "status", { kind = "enum", name = "ni_status" } } }
T.registration = { kind = "struct", name = "registration", [1] = { "tag", { kind = "string", most = 65535 } }, [2] = { "udp_port", { kind = "uint" } }, [3] = { "tcp_port", { kind = "uint" } } }
T.tag = { kind = "struct", name = "tag", [1] = { "tag", { kind = "string", most = 65535 } } }
T.ports = { kind = "struct", name = "ports", [1] = { "udp_port", { kind = "uint" } }, [2] = { "tcp_port", { kind = "uint" } } }
T.status_or_ports = { kind = "union", name = "status_or_ports", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.ports } }
T.registration_array_32 = { kind = "array", of = T.registration, most = 32, least = 12 }
T.registrations = { kind = "struct", name = "registrations", [1] = { "registrations", T.registration_array_32 } }
T.status_or_registrations = { kind = "union", name = "status_or_registrations", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.registrations } }
T.registration_chain = { kind = "chain", of = T.registration }
T.linked_registrations = { kind = "struct", name = "linked_registrations", [1] = { "registrations", T.registration_chain } }
T.status_or_linked_registrations = { kind = "union", name = "status_or_linked_registrations", discriminant = "status", tag = { kind = "enum", name = "ni_status" }, arms = { [0] = T.linked_registrations } }
T.createclone_arguments = { kind = "struct", name = "createclone_arguments", [1] = { "tag", { kind = "string", most = 65535 } }, [2] = { "master_name", { kind = "string", most = 65535 } }, [3] = { "master_addr", { kind = "address" } }, [4] = { "master_tag", { kind = "string", most = 65535 } } }
T.bind_arguments = { kind = "struct", name = "bind_arguments", [1] = { "client_addr", { kind = "address" } }, [2] = { "client_tag", { kind = "string", most = 65535 } }, [3] = { "server_tag", { kind = "string", most = 65535 } } }
T.mapping = { kind = "struct", name = "mapping", [1] = { "program", { kind = "uint" } }, [2] = { "version", { kind = "uint" } }, [3] = { "protocol", { kind = "uint" } }, [4] = { "port", { kind = "uint" } } }
T.done = { kind = "struct", name = "done", [1] = { "done", { kind = "bool" } } }
T.port = { kind = "struct", name = "port", [1] = { "port", { kind = "uint" } } }
T.mapping_chain = { kind = "chain", of = T.mapping }
T.mappings = { kind = "struct", name = "mappings", [1] = { "mappings", T.mapping_chain } }
T.forwarded_call = { kind = "struct", name = "forwarded_call", [1] = { "program", { kind = "uint" } }, [2] = { "version", { kind = "uint" } }, [3] = { "procedure", { kind = "uint" } }, [4] = { "arguments", { kind = "opaque", most = 4294967295 } } }
T.forwarded_result = { kind = "struct", name = "forwarded_result", [1] = { "port", { kind = "uint" } }, [2] = { "result", { kind = "opaque", most = 4294967295 } } }
T.rpcb = { kind = "struct", name = "rpcb", [1] = { "program", { kind = "uint" } }, [2] = { "version", { kind = "uint" } }, [3] = { "netid", { kind = "string", most = 4294967295 } }, [4] = { "address", { kind = "string", most = 4294967295 } }, [5] = { "owner", { kind = "string", most = 4294967295 } } }
T.universal_address = { kind = "struct", name = "universal_address", [1] = { "address", { kind = "string", most = 4294967295 } } }
T.rpcb_chain = { kind = "chain", of = T.rpcb }
T.rpcb_mappings = { kind = "struct", name = "rpcb_mappings", [1] = { "mappings", T.rpcb_chain } }
T.time = { kind = "struct", name = "time", [1] = { "time", { kind = "uint" } } }
T.netbuf = { kind = "struct", name = "netbuf", [1] = { "maxlen", { kind = "uint" } }, [2] = { "buf", { kind = "opaque", most = 4294967295 } } }
T.rpcbind_forwarded_result = { kind = "struct", name = "rpcbind_forwarded_result", [1] = { "address", { kind = "string", most = 4294967295 } }, [2] = { "result", { kind = "opaque", most = 4294967295 } } }
T.rpcb_entry = { kind = "struct", name = "rpcb_entry", [1] = { "address", { kind = "string", most = 4294967295 } }, [2] = { "netid", { kind = "string", most = 4294967295 } }, [3] = { "semantics", { kind = "uint" } }, [4] = { "protocol_family", { kind = "string", most = 4294967295 } }, [5] = { "protocol", { kind = "string", most = 4294967295 } } }
T.rpcb_entry_chain = { kind = "chain", of = T.rpcb_entry }
T.entries = { kind = "struct", name = "entries", [1] = { "entries", T.rpcb_entry_chain } }
T.int_times_13 = { kind = "times", of = { kind = "int" }, count = 13 }
T.asked = { kind = "struct", name = "asked", [1] = { "program", { kind = "uint" } }, [2] = { "version", { kind = "uint" } }, [3] = { "success", { kind = "int" } }, [4] = { "failure", { kind = "int" } }, [5] = { "netid", { kind = "string", most = 4294967295 } } }
T.asked_chain = { kind = "chain", of = T.asked }
T.forwards = { kind = "struct", name = "forwards", [1] = { "program", { kind = "uint" } }, [2] = { "version", { kind = "uint" } }, [3] = { "procedure", { kind = "uint" } }, [4] = { "success", { kind = "int" } }, [5] = { "failure", { kind = "int" } }, [6] = { "indirect", { kind = "int" } }, [7] = { "netid", { kind = "string", most = 4294967295 } } }
T.forwards_chain = { kind = "chain", of = T.forwards }
T.rpcb_stat = { kind = "struct", name = "rpcb_stat", [1] = { "procedures", T.int_times_13 }, [2] = { "set", { kind = "int" } }, [3] = { "unset", { kind = "int" } }, [4] = { "addresses", T.asked_chain }, [5] = { "forwarded", T.forwards_chain } }
T.rpcb_stat_times_3 = { kind = "times", of = T.rpcb_stat, count = 3 }
T.statistics = { kind = "struct", name = "statistics", [1] = { "statistics", T.rpcb_stat_times_3 } }
T.ip_address = { kind = "struct", name = "ip_address", [1] = { "address", { kind = "octets" } } }
T.bp_address = { kind = "union", name = "bp_address", discriminant = "type", tag = { kind = "uint" }, arms = { [1] = T.ip_address } }
T.whoami_arguments = { kind = "struct", name = "whoami_arguments", [1] = { "address", T.bp_address } }
T.whoami_result = { kind = "struct", name = "whoami_result", [1] = { "client_name", { kind = "string", most = 255 } }, [2] = { "domain_name", { kind = "string", most = 255 } }, [3] = { "router", T.bp_address } }
T.getfile_arguments = { kind = "struct", name = "getfile_arguments", [1] = { "client_name", { kind = "string", most = 255 } }, [2] = { "file_id", { kind = "string", most = 32 } } }
T.getfile_result = { kind = "struct", name = "getfile_result", [1] = { "server_name", { kind = "string", most = 255 } }, [2] = { "address", T.bp_address }, [3] = { "path", { kind = "string", most = 1024 } } }
local programs = {}
programs["200100000.2"] = { name = "NetInfo", procedures = {
    [0] = { name = "PING" },
    [1] = { name = "STATISTICS", result = T.properties },
    [2] = { name = "ROOT", result = T.status_or_id },
    [3] = { name = "SELF", arguments = T.id, result = T.status_or_id },
    [4] = { name = "PARENT", arguments = T.id, result = T.status_or_parent },
    [5] = { name = "CREATE", arguments = T.create_arguments, result = T.status_or_created },
    [6] = { name = "DESTROY", arguments = T.destroy_arguments, result = T.status_or_id },
    [7] = { name = "READ", arguments = T.id, result = T.status_or_directory },
    [8] = { name = "WRITE", arguments = T.write_arguments, result = T.status_or_id },
    [9] = { name = "CHILDREN", arguments = T.id, result = T.status_or_children },
    [10] = { name = "LOOKUP", arguments = T.lookup_arguments, result = T.status_or_found },
    [11] = { name = "LIST", arguments = T.list_arguments, result = T.status_or_listed },
    [12] = { name = "CREATEPROP", arguments = T.createprop_arguments, result = T.status_or_id },
    [13] = { name = "DESTROYPROP", arguments = T.destroyprop_arguments, result = T.status_or_id },
    [14] = { name = "READPROP", arguments = T.readprop_arguments, result = T.status_or_names },
    [15] = { name = "WRITEPROP", arguments = T.writeprop_arguments, result = T.status_or_id },
    [16] = { name = "RENAMEPROP", arguments = T.renameprop_arguments, result = T.status_or_id },
    [17] = { name = "LISTPROPS", arguments = T.id, result = T.status_or_names },
    [18] = { name = "CREATENAME", arguments = T.createname_arguments, result = T.status_or_id },
    [19] = { name = "DESTROYNAME", arguments = T.destroyname_arguments, result = T.status_or_id },
    [20] = { name = "READNAME", arguments = T.readname_arguments, result = T.status_or_name },
    [21] = { name = "WRITENAME", arguments = T.writename_arguments, result = T.status_or_id },
    [22] = { name = "RPARENT", result = T.status_or_ni_binding },
    [23] = { name = "LISTALL", arguments = T.id, result = T.status_or_all_listed },
    [24] = { name = "BIND", arguments = T.ni_binding },
    [25] = { name = "READALL", arguments = T.checksum, result = T.status_or_database },
    [26] = { name = "CRASHED", arguments = T.checksum },
    [27] = { name = "RESYNC", result = T.status_only },
    [28] = { name = "LOOKUPREAD", arguments = T.lookup_arguments, result = T.status_or_directory },
  } }
programs["200100001.1"] = { name = "nibind", procedures = {
    [0] = { name = "PING" },
    [1] = { name = "REGISTER", arguments = T.registration, result = T.status_only },
    [2] = { name = "UNREGISTER", arguments = T.tag, result = T.status_only },
    [3] = { name = "GETREGISTER", arguments = T.tag, result = T.status_or_ports },
    [4] = { name = "LISTREG", result = T.status_or_registrations, dialect = T.status_or_linked_registrations },
    [5] = { name = "CREATEMASTER", arguments = T.tag, result = T.status_only },
    [6] = { name = "CREATECLONE", arguments = T.createclone_arguments, result = T.status_only },
    [7] = { name = "DESTROYDOMAIN", arguments = T.tag, result = T.status_only },
    [8] = { name = "BIND", arguments = T.bind_arguments, dialect = T.status_only },
  } }
programs["100000.2"] = { name = "portmap", procedures = {
    [0] = { name = "NULL" },
    [1] = { name = "SET", arguments = T.mapping, result = T.done },
    [2] = { name = "UNSET", arguments = T.mapping, result = T.done },
    [3] = { name = "GETPORT", arguments = T.mapping, result = T.port },
    [4] = { name = "DUMP", result = T.mappings },
    [5] = { name = "CALLIT", arguments = T.forwarded_call, result = T.forwarded_result, forwards = true },
  } }
programs["100000.3"] = { name = "rpcbind", procedures = {
    [0] = { name = "NULL" },
    [1] = { name = "SET", arguments = T.rpcb, result = T.done },
    [2] = { name = "UNSET", arguments = T.rpcb, result = T.done },
    [3] = { name = "GETADDR", arguments = T.rpcb, result = T.universal_address },
    [4] = { name = "DUMP", result = T.rpcb_mappings },
    [6] = { name = "GETTIME", result = T.time },
    [7] = { name = "UADDR2TADDR", arguments = T.universal_address, result = T.netbuf },
    [8] = { name = "TADDR2UADDR", arguments = T.netbuf, result = T.universal_address },
    [5] = { name = "CALLIT", arguments = T.forwarded_call, result = T.rpcbind_forwarded_result, forwards = true },
  } }
programs["100000.4"] = { name = "rpcbind", procedures = {
    [0] = { name = "NULL" },
    [1] = { name = "SET", arguments = T.rpcb, result = T.done },
    [2] = { name = "UNSET", arguments = T.rpcb, result = T.done },
    [3] = { name = "GETADDR", arguments = T.rpcb, result = T.universal_address },
    [4] = { name = "DUMP", result = T.rpcb_mappings },
    [6] = { name = "GETTIME", result = T.time },
    [7] = { name = "UADDR2TADDR", arguments = T.universal_address, result = T.netbuf },
    [8] = { name = "TADDR2UADDR", arguments = T.netbuf, result = T.universal_address },
    [5] = { name = "BCAST", arguments = T.forwarded_call, result = T.rpcbind_forwarded_result, forwards = true },
    [9] = { name = "GETVERSADDR", arguments = T.rpcb, result = T.universal_address },
    [10] = { name = "INDIRECT", arguments = T.forwarded_call, result = T.rpcbind_forwarded_result, forwards = true },
    [11] = { name = "GETADDRLIST", arguments = T.rpcb, result = T.entries },
    [12] = { name = "GETSTAT", result = T.statistics },
  } }
programs["100026.1"] = { name = "bootparam", procedures = {
    [0] = { name = "NULL" },
    [1] = { name = "WHOAMI", arguments = T.whoami_arguments, result = T.whoami_result },
    [2] = { name = "GETFILE", arguments = T.getfile_arguments, result = T.getfile_result },
  } }
local protocols = {}
protocols[#protocols + 1] = { prefix = "netinfo", name = "NetInfo",
  description = "NetInfo", fields = {
    { "length", "uint", "Length" },
    { "fragments", "uint", "Record fragments" },
    { "segment", "frame", "Part in frame" },
    { "message_frame", "frame", "Message in frame" },
    { "call_frame", "frame", "Call in frame", "REQUEST" },
    { "reply_frame", "frame", "Reply in frame", "RESPONSE" },
    { "retransmission_of", "frame", "Retransmission of the call in frame", "RETRANS_PREV" },
    { "time", "interval", "Time from the call" },
    { "anomaly", "string", "Anomaly" },
    { "credential_length", "uint", "Length of the credential" },
    { "verifier_length", "uint", "Length of the verifier" },
    { "password_present", "bool", "Password in the credential" },
    { "password", "string", "Password" },
    { "xid", "uint", "XID" },
    { "type", "uint", "Type", "msg_type" },
    { "rpc_version", "uint", "RPC version" },
    { "program", "uint", "Program" },
    { "version", "uint", "Version" },
    { "procedure", "uint", "Procedure", "procedure" },
    { "credential", "uint", "Credential", "auth_flavor" },
    { "verifier", "uint", "Verifier", "auth_flavor" },
    { "reply_status", "uint", "Reply status", "reply_stat" },
    { "accept_status", "uint", "Accept status", "accept_stat" },
    { "low", "uint", "Low" },
    { "high", "uint", "High" },
    { "reject_status", "uint", "Reject status", "reject_stat" },
    { "auth_status", "uint", "Auth status", "auth_stat" },
    { "properties", "uint", "Properties" },
    { "name", "string", "Name" },
    { "values", "uint", "Values" },
    { "value", "string", "Value" },
    { "status", "uint", "Status", "ni_status" },
    { "id", "uint", "ID" },
    { "instance", "uint", "Instance" },
    { "parent", "uint", "Parent" },
    { "self_id", "uint", "Self ID" },
    { "props", "uint", "Properties" },
    { "where", "uint", "Where" },
    { "target", "uint", "Target" },
    { "parent_id", "uint", "Parent ID" },
    { "children", "uint", "Children" },
    { "child", "uint", "Child" },
    { "key", "string", "Key" },
    { "ids", "uint", "IDs" },
    { "entries", "uint", "Entries" },
    { "names", "uint", "Names" },
    { "prop_index", "uint", "Property index" },
    { "name_index", "uint", "Name index" },
    { "tag", "string", "Tag" },
    { "addr", "address", "Address" },
    { "checksum", "uint", "Checksum" },
    { "highest_id", "uint", "Highest ID" },
    { "objects", "uint", "Objects" },
    { "stamp", "uint", "Stamp" },
    { "machinename", "string", "Machine name" },
    { "uid", "uint", "UID" },
    { "gid", "uint", "GID" },
    { "gids", "uint", "GIDs" },
    { "namekind", "uint", "Namekind", "authdh_namekind" },
    { "dh_fullname.name", "string", "Name" },
    { "dh_fullname.key", "bytes", "Key" },
    { "window", "bytes", "Window" },
    { "nickname", "uint", "Nickname" },
    { "gss_version", "uint", "Gss version" },
    { "gss_procedure", "uint", "Gss procedure" },
    { "sequence", "uint", "Sequence" },
    { "service", "uint", "Service" },
    { "handle", "bytes", "Handle" },
  } }
protocols[#protocols + 1] = { prefix = "nibind", name = "nibind",
  description = "nibind, NetInfo's binder", fields = {
    { "length", "uint", "Length" },
    { "fragments", "uint", "Record fragments" },
    { "segment", "frame", "Part in frame" },
    { "message_frame", "frame", "Message in frame" },
    { "call_frame", "frame", "Call in frame", "REQUEST" },
    { "reply_frame", "frame", "Reply in frame", "RESPONSE" },
    { "retransmission_of", "frame", "Retransmission of the call in frame", "RETRANS_PREV" },
    { "time", "interval", "Time from the call" },
    { "anomaly", "string", "Anomaly" },
    { "credential_length", "uint", "Length of the credential" },
    { "verifier_length", "uint", "Length of the verifier" },
    { "password_present", "bool", "Password in the credential" },
    { "password", "string", "Password" },
    { "xid", "uint", "XID" },
    { "type", "uint", "Type", "msg_type" },
    { "rpc_version", "uint", "RPC version" },
    { "program", "uint", "Program" },
    { "version", "uint", "Version" },
    { "procedure", "uint", "Procedure", "procedure" },
    { "credential", "uint", "Credential", "auth_flavor" },
    { "verifier", "uint", "Verifier", "auth_flavor" },
    { "reply_status", "uint", "Reply status", "reply_stat" },
    { "accept_status", "uint", "Accept status", "accept_stat" },
    { "low", "uint", "Low" },
    { "high", "uint", "High" },
    { "reject_status", "uint", "Reject status", "reject_stat" },
    { "auth_status", "uint", "Auth status", "auth_stat" },
    { "tag", "string", "Tag" },
    { "udp_port", "uint", "UDP port" },
    { "tcp_port", "uint", "TCP port" },
    { "status", "uint", "Status", "ni_status" },
    { "registrations", "uint", "Registrations" },
    { "master_name", "string", "Master name" },
    { "master_addr", "address", "Master address" },
    { "master_tag", "string", "Master tag" },
    { "client_addr", "address", "Client address" },
    { "client_tag", "string", "Client tag" },
    { "server_tag", "string", "Server tag" },
    { "stamp", "uint", "Stamp" },
    { "machinename", "string", "Machine name" },
    { "uid", "uint", "UID" },
    { "gid", "uint", "GID" },
    { "gids", "uint", "GIDs" },
    { "namekind", "uint", "Namekind", "authdh_namekind" },
    { "name", "string", "Name" },
    { "key", "bytes", "Key" },
    { "window", "bytes", "Window" },
    { "nickname", "uint", "Nickname" },
    { "gss_version", "uint", "Gss version" },
    { "gss_procedure", "uint", "Gss procedure" },
    { "sequence", "uint", "Sequence" },
    { "service", "uint", "Service" },
    { "handle", "bytes", "Handle" },
  } }
protocols[#protocols + 1] = { prefix = "ni_portmap", name = "portmap",
  description = "Port mapper, as netinfo-scapy reads it", fields = {
    { "length", "uint", "Length" },
    { "fragments", "uint", "Record fragments" },
    { "segment", "frame", "Part in frame" },
    { "message_frame", "frame", "Message in frame" },
    { "call_frame", "frame", "Call in frame", "REQUEST" },
    { "reply_frame", "frame", "Reply in frame", "RESPONSE" },
    { "retransmission_of", "frame", "Retransmission of the call in frame", "RETRANS_PREV" },
    { "time", "interval", "Time from the call" },
    { "anomaly", "string", "Anomaly" },
    { "credential_length", "uint", "Length of the credential" },
    { "verifier_length", "uint", "Length of the verifier" },
    { "password_present", "bool", "Password in the credential" },
    { "password", "string", "Password" },
    { "xid", "uint", "XID" },
    { "type", "uint", "Type", "msg_type" },
    { "rpc_version", "uint", "RPC version" },
    { "program", "uint", "Program" },
    { "version", "uint", "Version" },
    { "procedure", "uint", "Procedure", "procedure" },
    { "credential", "uint", "Credential", "auth_flavor" },
    { "verifier", "uint", "Verifier", "auth_flavor" },
    { "reply_status", "uint", "Reply status", "reply_stat" },
    { "accept_status", "uint", "Accept status", "accept_stat" },
    { "low", "uint", "Low" },
    { "high", "uint", "High" },
    { "reject_status", "uint", "Reject status", "reject_stat" },
    { "auth_status", "uint", "Auth status", "auth_stat" },
    { "mapping.program", "uint", "Program" },
    { "mapping.version", "uint", "Version" },
    { "protocol", "uint", "Protocol" },
    { "port", "uint", "Port" },
    { "done", "bool", "Done" },
    { "mappings", "uint", "Mappings" },
    { "forwarded_call.program", "uint", "Program" },
    { "forwarded_call.version", "uint", "Version" },
    { "forwarded_call.procedure", "uint", "Procedure" },
    { "arguments", "bytes", "Arguments" },
    { "result", "bytes", "Result" },
    { "rpcb.program", "uint", "Program" },
    { "rpcb.version", "uint", "Version" },
    { "netid", "string", "Netid" },
    { "address", "string", "Address" },
    { "owner", "string", "Owner" },
    { "time.time", "uint", "Time" },
    { "maxlen", "uint", "Maxlen" },
    { "buf", "bytes", "Buf" },
    { "entries", "uint", "Entries" },
    { "semantics", "uint", "Semantics" },
    { "protocol_family", "string", "Protocol family" },
    { "rpcb_entry.protocol", "string", "Protocol" },
    { "statistics", "uint", "Statistics" },
    { "procedures", "uint", "Procedures" },
    { "calls", "int", "Calls" },
    { "set", "int", "Set" },
    { "unset", "int", "Unset" },
    { "addresses", "uint", "Addresses" },
    { "asked.program", "uint", "Program" },
    { "asked.version", "uint", "Version" },
    { "success", "int", "Success" },
    { "failure", "int", "Failure" },
    { "forwarded", "uint", "Forwarded" },
    { "forwards.program", "uint", "Program" },
    { "forwards.version", "uint", "Version" },
    { "forwards.procedure", "uint", "Procedure" },
    { "indirect", "int", "Indirect" },
    { "stamp", "uint", "Stamp" },
    { "machinename", "string", "Machine name" },
    { "uid", "uint", "UID" },
    { "gid", "uint", "GID" },
    { "gids", "uint", "GIDs" },
    { "namekind", "uint", "Namekind", "authdh_namekind" },
    { "name", "string", "Name" },
    { "key", "bytes", "Key" },
    { "window", "bytes", "Window" },
    { "nickname", "uint", "Nickname" },
    { "gss_version", "uint", "Gss version" },
    { "gss_procedure", "uint", "Gss procedure" },
    { "sequence", "uint", "Sequence" },
    { "service", "uint", "Service" },
    { "handle", "bytes", "Handle" },
  } }
protocols[#protocols + 1] = { prefix = "ni_bootparam", name = "bootparam",
  description = "bootparam, as netinfo-scapy reads it", fields = {
    { "length", "uint", "Length" },
    { "fragments", "uint", "Record fragments" },
    { "segment", "frame", "Part in frame" },
    { "message_frame", "frame", "Message in frame" },
    { "call_frame", "frame", "Call in frame", "REQUEST" },
    { "reply_frame", "frame", "Reply in frame", "RESPONSE" },
    { "retransmission_of", "frame", "Retransmission of the call in frame", "RETRANS_PREV" },
    { "time", "interval", "Time from the call" },
    { "anomaly", "string", "Anomaly" },
    { "credential_length", "uint", "Length of the credential" },
    { "verifier_length", "uint", "Length of the verifier" },
    { "password_present", "bool", "Password in the credential" },
    { "password", "string", "Password" },
    { "xid", "uint", "XID" },
    { "type", "uint", "Type", "msg_type" },
    { "rpc_version", "uint", "RPC version" },
    { "program", "uint", "Program" },
    { "version", "uint", "Version" },
    { "procedure", "uint", "Procedure", "procedure" },
    { "credential", "uint", "Credential", "auth_flavor" },
    { "verifier", "uint", "Verifier", "auth_flavor" },
    { "reply_status", "uint", "Reply status", "reply_stat" },
    { "accept_status", "uint", "Accept status", "accept_stat" },
    { "low", "uint", "Low" },
    { "high", "uint", "High" },
    { "reject_status", "uint", "Reject status", "reject_stat" },
    { "auth_status", "uint", "Auth status", "auth_stat" },
    { "bp_address.type", "uint", "Type" },
    { "address", "address", "Address" },
    { "client_name", "string", "Client name" },
    { "domain_name", "string", "Domain name" },
    { "file_id", "string", "File ID" },
    { "server_name", "string", "Server name" },
    { "path", "string", "Path" },
    { "stamp", "uint", "Stamp" },
    { "machinename", "string", "Machine name" },
    { "uid", "uint", "UID" },
    { "gid", "uint", "GID" },
    { "gids", "uint", "GIDs" },
    { "namekind", "uint", "Namekind", "authdh_namekind" },
    { "name", "string", "Name" },
    { "key", "bytes", "Key" },
    { "window", "bytes", "Window" },
    { "nickname", "uint", "Nickname" },
    { "gss_version", "uint", "Gss version" },
    { "gss_procedure", "uint", "Gss procedure" },
    { "sequence", "uint", "Sequence" },
    { "service", "uint", "Service" },
    { "handle", "bytes", "Handle" },
  } }
local enums = {
  auth_flavor = { [0] = "AUTH_NONE", [1] = "AUTH_SYS", [2] = "AUTH_SHORT", [3] = "AUTH_DH", [4] = "AUTH_KERB", [5] = "AUTH_RSA", [6] = "RPCSEC_GSS" },
  accept_stat = { [0] = "SUCCESS", [1] = "PROG_UNAVAIL", [2] = "PROG_MISMATCH", [3] = "PROC_UNAVAIL", [4] = "GARBAGE_ARGS", [5] = "SYSTEM_ERR" },
  auth_stat = { [0] = "AUTH_OK", [1] = "AUTH_BADCRED", [2] = "AUTH_REJECTEDCRED", [3] = "AUTH_BADVERF", [4] = "AUTH_REJECTEDVERF", [5] = "AUTH_TOOWEAK", [6] = "AUTH_INVALIDRESP", [7] = "AUTH_FAILED", [8] = "AUTH_KERB_GENERIC", [9] = "AUTH_TIMEEXPIRE", [10] = "AUTH_TKT_FILE", [11] = "AUTH_DECODE", [12] = "AUTH_NET_ADDR", [13] = "RPCSEC_GSS_CREDPROBLEM", [14] = "RPCSEC_GSS_CTXPROBLEM" },
  reject_stat = { [0] = "RPC_MISMATCH", [1] = "AUTH_ERROR" },
  reply_stat = { [0] = "MSG_ACCEPTED", [1] = "MSG_DENIED" },
  authdh_namekind = { [0] = "ADN_FULLNAME", [1] = "ADN_NICKNAME" },
  ni_status = { [0] = "NI_OK", [1] = "NI_BADID", [2] = "NI_STALE", [3] = "NI_NOSPACE", [4] = "NI_PERM", [5] = "NI_NODIR", [6] = "NI_NOPROP", [7] = "NI_NONAME", [8] = "NI_NOTEMPTY", [9] = "NI_UNRELATED", [10] = "NI_SERIAL", [11] = "NI_NETROOT", [12] = "NI_NORESPONSE", [13] = "NI_RDONLY", [14] = "NI_SYSTEMERR", [15] = "NI_ALIVE", [16] = "NI_NOTMASTER", [17] = "NI_CANTFINDADDRESS", [18] = "NI_DUPTAG", [19] = "NI_NOTAG", [20] = "NI_AUTHERROR", [21] = "NI_NOUSER", [22] = "NI_MASTERBUSY", [23] = "NI_INVALIDDOMAIN", [24] = "NI_BADOP", [9999] = "NI_FAILED" },
  msg_type = { [0] = "call", [1] = "reply" },
}
local unknown = {
  auth_flavor = "AUTH_",
  accept_stat = "ACCEPT_",
  auth_stat = "AUTH_",
  reject_stat = "REJECT_",
  reply_stat = "MSG_",
  authdh_namekind = "ADN_",
  ni_status = "NI_",
  msg_type = "TYPE_",
}
local procedures = {
  netinfo = { [0] = "PING", [1] = "STATISTICS", [2] = "ROOT", [3] = "SELF", [4] = "PARENT", [5] = "CREATE", [6] = "DESTROY", [7] = "READ", [8] = "WRITE", [9] = "CHILDREN", [10] = "LOOKUP", [11] = "LIST", [12] = "CREATEPROP", [13] = "DESTROYPROP", [14] = "READPROP", [15] = "WRITEPROP", [16] = "RENAMEPROP", [17] = "LISTPROPS", [18] = "CREATENAME", [19] = "DESTROYNAME", [20] = "READNAME", [21] = "WRITENAME", [22] = "RPARENT", [23] = "LISTALL", [24] = "BIND", [25] = "READALL", [26] = "CRASHED", [27] = "RESYNC", [28] = "LOOKUPREAD" },
  nibind = { [0] = "PING", [1] = "REGISTER", [2] = "UNREGISTER", [3] = "GETREGISTER", [4] = "LISTREG", [5] = "CREATEMASTER", [6] = "CREATECLONE", [7] = "DESTROYDOMAIN", [8] = "BIND" },
  ni_portmap = { [0] = "NULL", [1] = "SET", [2] = "UNSET", [3] = "GETPORT/GETADDR", [4] = "DUMP", [5] = "CALLIT/BCAST", [6] = "GETTIME", [7] = "UADDR2TADDR", [8] = "TADDR2UADDR", [9] = "GETVERSADDR", [10] = "INDIRECT", [11] = "GETADDRLIST", [12] = "GETSTAT" },
  ni_bootparam = { [0] = "NULL", [1] = "WHOAMI", [2] = "GETFILE" },
}
local prefixes = {
  [200100000] = "netinfo",
  [200100001] = "nibind",
  [100000] = "ni_portmap",
  [100026] = "ni_bootparam",
}
local credentials = {
  [1] = T.auth_sys,
  [3] = T.auth_dh,
  [6] = T.rpcsec_gss,
}
local elements = {
  values = "value",
  names = "value",
  children = "child",
  ids = "id",
  entries = "props",
  gids = "gid",
  procedures = "calls",
}
local aliases = {
  ["netinfo.key"] = "name",
  ["netinfo.tag"] = "name",
  ["netinfo.self_id"] = "id",
  ["netinfo.parent_id"] = "id",
  ["netinfo.parent"] = "id",
  ["netinfo.target"] = "id",
  ["netinfo.child"] = "id",
  ["nibind.client_tag"] = "tag",
  ["nibind.server_tag"] = "tag",
  ["nibind.master_tag"] = "tag",
}
local labels = {
  accept_status = "Accept status",
  accepted = "Accepted",
  accepted_reply = "Accepted reply",
  addr = "Address",
  address = "Address",
  addresses = "Addresses",
  all_listed = "All listed",
  anomaly = "Anomaly",
  arguments = "Arguments",
  asked = "Asked",
  auth_dh = "Auth dh",
  auth_error = "Auth error",
  auth_status = "Auth status",
  auth_sys = "Auth sys",
  bind_arguments = "Bind arguments",
  body = "Body",
  bp_address = "Bp address",
  buf = "Buf",
  call_frame = "Call frame",
  calls = "Calls",
  checksum = "Checksum",
  child = "Child",
  children = "Children",
  client_addr = "Client address",
  client_name = "Client name",
  client_tag = "Client tag",
  create_arguments = "Create arguments",
  createclone_arguments = "Createclone arguments",
  created = "Created",
  createname_arguments = "Createname arguments",
  createprop_arguments = "Createprop arguments",
  credential = "Credential",
  credential_length = "Credential length",
  database = "Database",
  denied = "Denied",
  denied_reply = "Denied reply",
  destroy_arguments = "Destroy arguments",
  destroyname_arguments = "Destroyname arguments",
  destroyprop_arguments = "Destroyprop arguments",
  dh_fullname = "Dh fullname",
  dh_nickname = "Dh nickname",
  directory = "Directory",
  domain_name = "Domain name",
  done = "Done",
  entries = "Entries",
  failure = "Failure",
  file_id = "File ID",
  flavor = "Flavor",
  forwarded = "Forwarded",
  forwarded_call = "Forwarded call",
  forwarded_result = "Forwarded result",
  forwards = "Forwards",
  found = "Found",
  fragments = "Fragments",
  getfile_arguments = "Getfile arguments",
  getfile_result = "Getfile result",
  gid = "GID",
  gids = "GIDs",
  gss_credential = "Gss credential",
  gss_procedure = "Gss procedure",
  gss_version = "Gss version",
  handle = "Handle",
  high = "High",
  highest_id = "Highest ID",
  id = "ID",
  ids = "IDs",
  indirect = "Indirect",
  instance = "Instance",
  ip_address = "IP address",
  key = "Key",
  length = "Length",
  linked_registrations = "Linked registrations",
  list_arguments = "List arguments",
  listed = "Listed",
  lookup_arguments = "Lookup arguments",
  low = "Low",
  machinename = "Machine name",
  mapping = "Mapping",
  mappings = "Mappings",
  master_addr = "Master address",
  master_name = "Master name",
  master_tag = "Master tag",
  maxlen = "Maxlen",
  message_frame = "Message frame",
  mismatch = "Mismatch",
  mismatch_info = "Mismatch info",
  name = "Name",
  name_index = "Name index",
  namekind = "Namekind",
  names = "Names",
  netbuf = "Netbuf",
  netid = "Netid",
  ni_binding = "NetInfo binding",
  ni_entry = "NetInfo entry",
  ni_id = "NetInfo ID",
  ni_object = "NetInfo object",
  ni_property = "NetInfo property",
  nickname = "Nickname",
  object = "Object",
  objects = "Objects",
  opaque_auth = "Opaque auth",
  owner = "Owner",
  parent = "Parent",
  parent_id = "Parent ID",
  password = "Password",
  password_present = "Password present",
  path = "Path",
  port = "Port",
  ports = "Ports",
  procedure = "Procedure",
  procedures = "Procedures",
  program = "Program",
  prop = "Property",
  prop_index = "Property index",
  properties = "Properties",
  props = "Properties",
  protocol = "Protocol",
  protocol_family = "Protocol family",
  readname_arguments = "Readname arguments",
  readprop_arguments = "Readprop arguments",
  registration = "Registration",
  registrations = "Registrations",
  reject_status = "Reject status",
  renameprop_arguments = "Renameprop arguments",
  reply = "Reply",
  reply_frame = "Reply frame",
  reply_status = "Reply status",
  result = "Result",
  retransmission_of = "Retransmission of",
  router = "Router",
  rpc_call = "RPC call",
  rpc_reply = "RPC reply",
  rpc_version = "RPC version",
  rpcb = "Rpcb",
  rpcb_entry = "Rpcb entry",
  rpcb_mappings = "Rpcb mappings",
  rpcb_stat = "Rpcb stat",
  rpcbind_forwarded_result = "Rpcbind forwarded result",
  rpcsec_gss = "Rpcsec gss",
  segment = "Segment",
  self_id = "Self ID",
  semantics = "Semantics",
  sequence = "Sequence",
  server_name = "Server name",
  server_tag = "Server tag",
  service = "Service",
  set = "Set",
  stamp = "Stamp",
  statistics = "Statistics",
  status = "Status",
  status_only = "Status only",
  status_or_all_listed = "Status or all listed",
  status_or_children = "Status or children",
  status_or_created = "Status or created",
  status_or_database = "Status or database",
  status_or_directory = "Status or directory",
  status_or_found = "Status or found",
  status_or_id = "Status or ID",
  status_or_linked_registrations = "Status or linked registrations",
  status_or_listed = "Status or listed",
  status_or_name = "Status or name",
  status_or_names = "Status or names",
  status_or_ni_binding = "Status or NetInfo binding",
  status_or_parent = "Status or parent",
  status_or_ports = "Status or ports",
  status_or_registrations = "Status or registrations",
  success = "Success",
  tag = "Tag",
  target = "Target",
  tcp_port = "TCP port",
  time = "Time",
  type = "Type",
  udp_port = "UDP port",
  uid = "UID",
  universal_address = "Universal address",
  unset = "Unset",
  value = "Value",
  values = "Values",
  verifier = "Verifier",
  verifier_length = "Verifier length",
  version = "Version",
  where = "Where",
  whoami_arguments = "Whoami arguments",
  whoami_result = "Whoami result",
  window = "Window",
  write_arguments = "Write arguments",
  writename_arguments = "Writename arguments",
  writeprop_arguments = "Writeprop arguments",
  xid = "XID",
}
local statistics = {
  program = 200100000,
  version = 2,
  procedure = 1,
}
local anomalies = {
  { id = "truncated-header", meaning = "The message ends inside its RPC header; the fields that are there are shown.", group = "MALFORMED", severity = "ERROR" },
  { id = "truncated-arguments", meaning = "The arguments end before their type does, or a length points past the end.", group = "MALFORMED", severity = "ERROR" },
  { id = "truncated-result", meaning = "The result ends before its type does, or a length points past the end.", group = "MALFORMED", severity = "ERROR" },
  { id = "over-limit", meaning = "A string or list is longer than the protocol allows; a server refuses it.", group = "MALFORMED", severity = "ERROR" },
  { id = "bytes-left-over", meaning = "Bytes follow the arguments or the result; servers ignore them.", group = "PROTOCOL", severity = "WARN" },
  { id = "nonzero-padding", meaning = "XDR padding holds other bytes than zero; servers accept it.", group = "PROTOCOL", severity = "NOTE" },
  { id = "optional-flag", meaning = "The flag of an optional or of a list link is neither 0 nor 1; servers take it as 1.", group = "PROTOCOL", severity = "WARN" },
  { id = "odd-boolean", meaning = "A boolean is neither 0 nor 1; it counts as true.", group = "PROTOCOL", severity = "WARN" },
  { id = "odd-octet", meaning = "An address octet of bootparam is outside -128 to 255; its low 8 bits are used.", group = "PROTOCOL", severity = "WARN" },
  { id = "inner-nul", meaning = "A string holds a NUL; a server reads it only up to there.", group = "PROTOCOL", severity = "WARN" },
  { id = "bad-credential", meaning = "The credential is longer than 400 bytes or does not match its flavor.", group = "MALFORMED", severity = "WARN" },
  { id = "protected-body", meaning = "RPCSEC_GSS protects or replaces the arguments and the result: not decoded.", group = "UNDECODED", severity = "NOTE" },
  { id = "nested-forward", meaning = "A forwarded call forwards yet another call; that one is not read.", group = "PROTOCOL", severity = "WARN" },
  { id = "rpc-version", meaning = "The call is not RPC version 2; a server does not answer it.", group = "PROTOCOL", severity = "WARN" },
  { id = "unknown-rpc-status", meaning = "The reply has a status that RFC 5531 does not know; nothing after it is read.", group = "PROTOCOL", severity = "WARN" },
  { id = "dialect-previous", meaning = "The result has the form that the NeXT emulator Previous gives it.", group = "PROTOCOL", severity = "NOTE" },
  { id = "incomplete-record", meaning = "Bytes of the message are missing from the capture.", group = "REASSEMBLE", severity = "WARN" },
  { id = "overlap-conflict", meaning = "Segments or IP fragments of the message overlapped with different bytes.", group = "SECURITY", severity = "WARN" },
  { id = "reply-without-call", meaning = "The call of this reply was not seen, or not whole.", group = "SEQUENCE", severity = "NOTE" },
  { id = "duplicate-reply", meaning = "The call had been answered before.", group = "SEQUENCE", severity = "NOTE" },
}
return { types = T, rpcsec_gss = 6,
  programs = programs,
  protocols = protocols,
  enums = enums,
  unknown = unknown,
  procedures = procedures,
  prefixes = prefixes,
  credentials = credentials,
  elements = elements,
  aliases = aliases,
  labels = labels,
  statistics = statistics,
  anomalies = anomalies,
}
end)()

local words = (function()
-- Bytes: numbers, texts, passwords. Plain Lua of every release from 5.2 to 5.4; offsets count from 0.
local byte, sub, find, format, gsub = string.byte, string.sub, string.find, string.format, string.gsub

-- The unsigned integer at an offset; the caller has made sure that its 4 bytes are there.
local function u32(data, at)
  local a, b, c, d = byte(data, at + 1, at + 4)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function u16(data, at)
  local high, low = byte(data, at + 1, at + 2)
  return high * 256 + low
end

-- The length of the UTF-8 character that begins at a position (from 1), or nil where none does (RFC 3629, 4).
local function character(data, at)
  local first, second, third, fourth = byte(data, at, at + 3)
  local function trails(each, low, high)
    return each ~= nil and each >= (low or 0x80) and each <= (high or 0xBF)
  end
  if first < 0x80 then
    return 1
  elseif first < 0xC2 or first > 0xF4 then
    return nil
  elseif first < 0xE0 then
    return trails(second) and 2 or nil
  elseif first < 0xF0 then
    local fine = trails(second, first == 0xE0 and 0xA0 or nil, first == 0xED and 0x9F or nil)
    return fine and trails(third) and 3 or nil
  end
  local fine = trails(second, first == 0xF0 and 0x90 or nil, first == 0xF4 and 0x8F or nil)
  return fine and trails(third) and trails(fourth) and 4 or nil
end

local function escape(each)
  return format("\\x%02x", byte(each))
end

-- Bytes as text that can be shown: UTF-8 stays, control characters and what is no UTF-8 become \xNN.
local function text(data)
  if not find(data, "[%c\127-\255]") then
    return data
  end
  local parts, at = {}, 1
  while at <= #data do
    local size = character(data, at)
    local piece = sub(data, at, at + (size or 1) - 1)
    -- U+0080 to U+009F are controls as well.
    local odd = size == nil or find(piece, "^%c") or find(piece, "^\194[\128-\159]")
    parts[#parts + 1] = odd and gsub(piece, ".", escape) or piece
    at = at + #piece
  end
  return table.concat(parts)
end

-- A text cut to a number of bytes, not inside a character.
local function cut(shown, most)
  if #shown <= most then
    return shown
  end
  while most > 0 and find(sub(shown, most + 1, most + 1), "[\128-\191]") do
    most = most - 1
  end
  return sub(shown, 1, most) .. "..."
end

local function invert(each)
  return string.char(255 - byte(each))
end

-- The password in a machinename, or nil: not empty, every byte 0x80 or more, and inverted. The word
-- "checksum" on NetInfo's STATISTICS is none.
local function password(machinename, on_statistics)
  if machinename == "" or find(machinename, "[\0-\127]") then
    return nil
  end
  local found = gsub(machinename, ".", invert)
  if on_statistics and found == "checksum" then
    return nil
  end
  return found
end

return { u32 = u32, u16 = u16, text = text, cut = cut, password = password }
end)()

local xdr = (function()
-- XDR (RFC 4506): a type and bytes -> nodes. A node is what is shown of a value:
--   name, owner   the field, and the struct that it stands in
--   type          a type of the tables
--   at, size      where it stands in the message
--   value         number, bytes or boolean; of a list its count; nil of a struct
--   from, till    of strings and opaques: where the bytes stand
--   [1], [2], ... what it holds
-- A length is compared with what is left before anything is looped over; nothing recurses but the types themselves,
-- which are a few levels deep. What is odd goes to `found`; what cannot be read ends the reading: `failure` says why,
-- and the nodes before it stay.
local find, sub, u32 = string.find, string.sub, words.u32

-- A message can hold a million values; Wireshark refuses a tree with as many. Those beyond are checked, not shown.
local MOST_NODES = 250000

local function reader(data, at, stop, found, room)
  return { data = data, at = at, stop = stop, found = found, failure = nil, room = room or { left = MOST_NODES } }
end

local function fail(r, reason)
  r.failure = reason
  return false
end

local function word(r)
  if r.stop - r.at < 4 then
    fail(r, "truncated")
    return nil
  end
  local value = u32(r.data, r.at)
  r.at = r.at + 4
  return value
end

local function flag(r)
  local value = word(r)
  if value and value > 1 then
    r.found["optional-flag"] = true
  end
  return value
end

local decode

local function fixed(r, node, size)
  if r.stop - r.at < size then
    return fail(r, "truncated")
  end
  node.from, node.till = r.at, r.at + size
  node.value = sub(r.data, r.at + 1, r.at + size)
  r.at = r.at + size
  return true
end

local function counted(r, kind, node)
  local length = word(r)
  if not length then
    return false
  end
  if length > r.stop - r.at then
    return fail(r, "truncated")
  elseif length > kind.most then
    return fail(r, "over-limit")
  end
  local padding = -length % 4
  if padding > r.stop - r.at - length then
    return fail(r, "truncated")
  end
  fixed(r, node, length)
  if find(sub(r.data, r.at + 1, r.at + padding), "[^\0]") then
    r.found["nonzero-padding"] = true
  end
  r.at = r.at + padding
  return true
end

-- What an element of a list is called; a struct goes by its type.
local function element_name(kind, node)
  return kind.of.kind ~= "struct" and tables.elements[node.name] or nil
end

local function elements(r, kind, node, count)
  for left = count, 1, -1 do
    if r.room.left <= 0 and kind.of.kind == "uint" then
      if left * 4 > r.stop - r.at then
        return fail(r, "truncated")
      end
      r.at = r.at + left * 4
      r.room.cut = true
      return true
    end
    if not decode(r, kind.of, node, element_name(kind, node), node.owner) then
      return false
    end
  end
  return true
end

local decoders = {}

function decoders.uint(r, _, node)
  node.value = word(r)
  return node.value ~= nil
end

decoders.enum = decoders.uint
decoders.address = decoders.uint

function decoders.int(r, _, node)
  local value = word(r)
  node.value = value and value >= 2147483648 and value - 4294967296 or value
  return value ~= nil
end

function decoders.bool(r, _, node)
  local value = word(r)
  if not value then
    return false
  end
  if value > 1 then
    r.found["odd-boolean"] = true
  end
  node.value = value ~= 0
  return true
end

-- Four words, one octet each, sign-extended or not (bootparam).
function decoders.octets(r, _, node)
  if r.stop - r.at < 16 then
    return fail(r, "truncated")
  end
  local number = 0
  for _ = 1, 4 do
    local value = word(r)
    if value > 0xFF and value < 0xFFFFFF80 then
      r.found["odd-octet"] = true
    end
    number = number * 256 + value % 256
  end
  node.value = number
  return true
end

decoders.opaque = counted

function decoders.string(r, kind, node)
  if not counted(r, kind, node) then
    return false
  end
  if find(node.value, "\0", 1, true) then
    r.found["inner-nul"] = true
  end
  return true
end

function decoders.fixed(r, kind, node)
  return fixed(r, node, kind.size)
end

function decoders.array(r, kind, node)
  local count = word(r)
  if not count then
    return false
  end
  if count * kind.least > r.stop - r.at then
    return fail(r, "truncated")
  elseif count > kind.most then
    return fail(r, "over-limit")
  end
  node.value = count
  return elements(r, kind, node, count)
end

function decoders.times(r, kind, node)
  node.value = kind.count
  return elements(r, kind, node, kind.count)
end

function decoders.chain(r, kind, node)
  node.value = 0
  while true do
    local more = flag(r)
    if not more then
      return false
    elseif more == 0 then
      return true
    elseif not decode(r, kind.of, node, element_name(kind, node), node.owner) then
      return false
    end
    node.value = node.value + 1
  end
end

function decoders.optional(r, kind, node)
  local present = flag(r)
  if not present then
    return false
  elseif present == 0 then
    node.absent = true
    return true
  end
  -- The value takes the optional's place.
  node.type = kind.of
  return decoders[kind.of.kind](r, kind.of, node)
end

function decoders.struct(r, kind, node)
  for _, field in ipairs(kind) do
    if not decode(r, field[2], node, field[1], kind.name) then
      return false
    end
  end
  return true
end

function decoders.union(r, kind, node)
  if not decode(r, kind.tag, node, kind.discriminant, kind.name) then
    return false
  end
  local arm = kind.arms[u32(r.data, r.at - 4)]
  return arm == nil or decoders.struct(r, arm, node)
end

-- Read a value and put its node into another; false where that failed.
function decode(r, kind, into, name, owner)
  local node = { name = name, owner = owner, type = kind, at = r.at }
  local has_room = r.room.left > 0
  r.room.left = r.room.left - 1
  local fine = decoders[kind.kind](r, kind, node)
  node.size = r.at - node.at
  if not has_room then
    r.room.cut = true
  elseif fine or node.value ~= nil or #node > 0 then
    into[#into + 1] = node
  end
  return fine
end

-- Read a struct or union from the reader's place on: its node, and whether it could be read to its end.
local function read(r, kind)
  local node = { type = kind, at = r.at }
  local fine = decoders[kind.kind](r, kind, node)
  node.size = r.at - node.at
  return node, fine
end

-- The node with a name among what a node holds, or nil.
local function child(node, name)
  for _, each in ipairs(node or {}) do
    if each.name == name then
      return each
    end
  end
  return nil
end

local function value(node, name)
  local found = child(node, name)
  return found and found.value
end

return { reader = reader, read = read, child = child, value = value }
end)()

local message = (function()
-- An RPC message (RFC 5531, 9): header, credential, arguments or result. Reading never fails: what is odd goes to
-- `found`, the rest is kept.
local u32 = words.u32
local read, reader, child, value = xdr.read, xdr.reader, xdr.child, xdr.value

local SMALLEST = 8
local CALL, REPLY = 0, 1
local MOST_AUTH_BYTES = 400

-- Whether bytes begin like an RPC message: an xid, then the type of a call or a reply.
local function is_message(data, at)
  at = at or 0
  return #data - at >= SMALLEST and u32(data, at + 4) <= REPLY
end

-- Whether bytes begin with a call of RPC version 2 to a program of the tables.
local function is_known_call(data, at)
  return #data - at >= 40
    and u32(data, at + 4) == CALL
    and u32(data, at + 8) == 2
    and tables.prefixes[u32(data, at + 12)] ~= nil
end

local function find_procedure(program, version, procedure)
  local known = tables.programs[(program or "") .. "." .. (version or "")]
  return known, known and known.procedures[procedure]
end

-- Whether a credential's or verifier's body is what its flavor says; what it holds becomes part of its node.
local function read_body_of(auth, data, found, room)
  local flavor, body = value(auth, "flavor"), child(auth, "body")
  if not body then
    return false
  end
  local size = body.till - body.from
  if size > MOST_AUTH_BYTES or (flavor == 0 and size > 0) then
    found["bad-credential"] = true
  end
  local kind = tables.credentials[flavor]
  if not kind then
    return false
  end
  local r = reader(data, body.from, body.till, found, room)
  local node, fine = read(r, kind)
  if not fine or r.at ~= body.till then
    found["bad-credential"] = true
  end
  if fine then
    auth.fields = node
  end
  return fine
end

-- Whether RPCSEC_GSS replaces or protects the arguments and the result (RFC 2203, 5).
local function is_protected(auth)
  if value(auth, "flavor") ~= tables.rpcsec_gss then
    return false
  end
  local fields = auth.fields
  return not fields or value(fields, "gss_procedure") ~= 0 or value(fields, "service") ~= 1
end

-- A node of the header by name, wherever in it.
local function of_header(node, name)
  for _, each in ipairs(node) do
    if each.name == name then
      return each
    elseif each.type.kind == "union" or each.type.inline then
      local found = of_header(each, name)
      if found then
        return found
      end
    end
  end
  return nil
end

local function status_is_unknown(node, name)
  local found = of_header(node, name)
  return found ~= nil and tables.enums[found.type.name][found.value] == nil
end

-- What is known of a message by its header. data: its bytes, as far as they are there. complete: all are.
local function read_header(data, complete)
  local found = {}
  local is_call = u32(data, 4) == CALL
  local r = reader(data, 0, #data, found)
  local header, whole = read(r, is_call and tables.types.rpc_call or tables.types.rpc_reply)
  local m = {
    data = data,
    complete = complete,
    xid = u32(data, 0),
    is_call = is_call,
    header = header,
    whole = whole,
    stop = r.at,
    room = r.room,
    found = found,
  }
  if not whole and complete then
    found["truncated-header"] = true
  end
  if not is_call then
    m.accept_status = of_header(header, "accept_status")
    m.unknown = status_is_unknown(header, "reply_status")
      or status_is_unknown(header, "accept_status")
      or status_is_unknown(header, "reject_status")
    if m.unknown then
      found["unknown-rpc-status"] = true
    end
    return m
  end
  local version = value(header, "rpc_version")
  if version and version ~= 2 then
    found["rpc-version"] = true
  end
  local credential = child(header, "credential")
  if credential then
    read_body_of(credential, data, found, r.room)
  end
  m.credential = credential
  m.program, m.version, m.procedure = value(header, "program"), value(header, "version"), value(header, "procedure")
  m.known, m.row = find_procedure(m.program, m.version, m.procedure)
  m.protected = credential ~= nil and is_protected(credential)
  return m
end

local function failure(r, truncated)
  return r.failure == "truncated" and truncated or r.failure
end

-- The call that the arguments of a CALLIT hold: its numbers, program and procedure.
local function forwarded(node)
  local program, version, procedure = value(node, "program"), value(node, "version"), value(node, "procedure")
  local known, row = find_procedure(program, version, procedure)
  return { program = program, version = version, procedure = procedure, known = known, row = row }
end

local function read_arguments(m, row, at, stop, forwarding)
  if not row.arguments then
    if at < stop then
      m.found["bytes-left-over"] = true
    end
    return nil
  end
  local r = reader(m.data, at, stop, m.found, m.room)
  local node, fine = read(r, row.arguments)
  if not fine then
    m.found[failure(r, "truncated-arguments")] = true
    return node, false
  end
  if r.at < stop then
    m.found["bytes-left-over"] = true
    node.left_over = r.at
  end
  if row.forwards and forwarding then
    local inner, raw = forwarded(node), child(node, "arguments")
    m.inner = inner
    if inner.row and inner.row.forwards then
      -- Not read, or one packet could hold thousands.
      m.found["nested-forward"] = true
    elseif inner.row and raw then
      inner.node, inner.fine = read_arguments(m, inner.row, raw.from, raw.till, false)
      inner.at, inner.size = raw.at, raw.size
    end
  elseif row.forwards then
    m.found["nested-forward"] = true
  end
  return node, true
end

local function read_result(m, row, inner, at, stop)
  local mine = {}
  local node, fine
  if row.result then
    local r = reader(m.data, at, stop, mine, m.room)
    node, fine = read(r, row.result)
    if not fine then
      mine[failure(r, "truncated-result")] = true
    elseif r.at < stop then
      mine["bytes-left-over"] = true
    end
  else
    fine = true
    if at < stop then
      mine["bytes-left-over"] = true
    end
  end
  if row.dialect and (not fine or mine["bytes-left-over"]) then
    -- As the Previous emulator writes it, if that fits to the last byte.
    local spoken = { ["dialect-previous"] = true }
    local r = reader(m.data, at, stop, spoken, m.room)
    local other, readable = read(r, row.dialect)
    if readable and r.at == stop then
      node, fine, mine = other, true, spoken
    end
  end
  for each in pairs(mine) do
    m.found[each] = true
  end
  local status = value(node, "status")
  if row.forwards and fine and node then
    local raw = child(node, "result")
    if inner and inner.row and raw then
      local within
      within, inner.fine, status = read_result(m, inner.row, nil, raw.from, raw.till)
      inner.node, inner.at, inner.size = within, raw.at, raw.size
      m.inner = inner
    end
  end
  return node, fine, status
end

-- Read what follows the header. called: of a reply, what is remembered of its call, or nil.
local function read_body(m, called)
  if not m.whole or not m.complete then
    return
  end
  if m.is_call then
    if m.protected then
      m.found["protected-body"] = true
    elseif m.row then
      m.body, m.fine = read_arguments(m, m.row, m.stop, #m.data, true)
    end
    return
  end
  if not m.accept_status or m.accept_status.value ~= 0 then
    if m.stop < #m.data and not m.unknown then
      m.found["bytes-left-over"] = true
    end
    return
  end
  if not called then
    return
  end
  if called.protected then
    m.found["protected-body"] = true
  elseif called.row then
    local inner = called.inner
    if inner then
      inner = { program = inner.program, version = inner.version, procedure = inner.procedure, known = inner.known,
                row = inner.row }
    end
    m.body, m.fine, m.status = read_result(m, called.row, inner, m.stop, #m.data)
  end
end

-- The name of a procedure as in every output of netinfo-scapy.
local function name_of(program, version, procedure)
  if not procedure then
    return nil
  end
  local known, row = find_procedure(program, version, procedure)
  if not known then
    return program .. "." .. version .. "." .. procedure
  end
  return known.name .. " " .. (row and row.name or "PROC_" .. procedure)
end

return {
  is_message = is_message,
  is_known_call = is_known_call,
  read_header = read_header,
  read_body = read_body,
  of_header = of_header,
  name_of = name_of,
}
end)()

local plausible = (function()
-- Whether a record mark and an RPC header stand somewhere in a stream: where nothing else tells where records begin.
-- The header is one that a peer could have written: RPC version 2, a program number in use, small version and
-- procedure, credentials within RFC 5531's limit, known statuses, and the exact length where the reply has no result.
-- What follows the fragment, as far as it is there, must be a mark and, behind a last fragment, a message.
local u32 = words.u32
local is_message = message.is_message

local LAST = 2147483648
local LONGEST, LONGEST_FRAGMENT = 1048576, 65536 -- bytes of the first fragment, where it is the last one, where not
local MOST_AUTH_BYTES = 400

-- The offset after a credential or verifier that begins at an offset; false where none can, nil where more bytes
-- must tell.
local function after_auth(data, at)
  if #data - at < 8 then
    return nil
  end
  local flavor, length = u32(data, at), u32(data, at + 4)
  if flavor > 0xFFFFF or length > MOST_AUTH_BYTES then
    return false
  end
  return at + 8 + length + -length % 4
end

local function plausible_call(data, at, length)
  if length < 40 then
    return false
  elseif #data - at < 32 then
    return nil
  end
  local program = u32(data, at + 12)
  if u32(data, at + 8) ~= 2 or program < 100000 or program >= 0x60000000
    or u32(data, at + 16) > 0xFFFF or u32(data, at + 20) > 0xFFFF then
    return false
  end
  local after = after_auth(data, at + 24)
  if after then
    after = after_auth(data, after)
  end
  if not after then
    return after
  end
  return after - at <= length
end

local function plausible_reply(data, at, length, last)
  if #data - at < 20 then
    return nil
  end
  local status = u32(data, at + 8)
  if status == 1 then
    local reject, detail = u32(data, at + 12), u32(data, at + 16)
    if reject == 0 then
      return length == 24 and last
    end
    return reject == 1 and tables.enums.auth_stat[detail] ~= nil and length == 20 and last
  elseif status ~= 0 then
    return false
  end
  local after = after_auth(data, at + 12)
  if not after then
    return after
  elseif #data < after + 4 then
    return nil
  end
  local accept, size = u32(data, after), after + 4 - at
  if accept == 0 then
    return size <= length
  end
  return tables.enums.accept_stat[accept] ~= nil and last and length == size + (accept == 2 and 8 or 0)
end

-- Whether a mark can stand at an offset, and a message behind it; yes where the bytes are not there.
local function plausible_next(data, at, begins)
  local left = #data - at
  if left < 4 then
    return true
  end
  local length = u32(data, at) % LAST
  if length > LONGEST then
    return false
  end
  return not begins or left < 12 or length < 8 or is_message(data, at + 4)
end

-- Whether a record mark and an RPC header stand at an offset; nil where more bytes must tell.
local function plausible(data, at)
  if #data - at < 12 then
    return nil
  end
  local mark = u32(data, at)
  local length, last, kind = mark % LAST, mark >= LAST, u32(data, at + 8)
  if length < 20 or length > (last and LONGEST or LONGEST_FRAGMENT) or kind > 1 then
    return false
  end
  local verdict
  if kind == 0 then
    verdict = plausible_call(data, at + 4, length)
  else
    verdict = plausible_reply(data, at + 4, length, last)
  end
  return verdict and plausible_next(data, at + 4 + length, last)
end

return { record = plausible, LONGEST = LONGEST }
end)()

local records = (function()
-- TCP stream -> records: record marking (RFC 5531, section 11). A reader gets the bytes of one direction of a
-- connection, in stream order, and is told of each gap. It is in one of these states:
--
--   mark   a record mark comes next; the bytes of it collected so far are kept
--   body   inside a fragment: `left` bytes of it remain
--   hunt   position unknown (start in the middle, or a gap swallowed a mark): look at every offset for a mark with a
--          plausible message header behind it
--   dead   the marks made no sense: whatever this is, it is not RPC
--
-- A position known from the connection's start is certain: a mark that makes no sense there means dead. One found by
-- hunting is not: then the hunt goes on one byte behind where the record began. `position` counts the bytes of the
-- stream that were read; a record in progress began at `start`.
local byte, sub, u32 = string.byte, string.sub, words.u32
local is_message = message.is_message

local LAST = 2147483648
local LONGEST = 16777216 -- bytes of a record
local MOST_FRAMES = 1000 -- that are named of a record

local Reader = {}
Reader.__index = Reader

-- anchored: the first byte fed is the connection's first; else the reader hunts. note: called with a frame and the
-- record in progress when the frame brings bytes of it.
local function new(anchored, note)
  local self = setmetatable({ certain = anchored, note = note, hunted = {}, fed = 0, reread = 0,
    position = 0 }, Reader)
  self:forget()
  self.state = anchored and "mark" or "hunt"
  return self
end

-- Be ready for the next record.
function Reader:forget()
  self.state = "mark"
  self.mark = ""
  self.left, self.size, self.fragments = 0, 0, 0
  self.last, self.begun, self.conflict, self.whole = false, false, false, true
  self.pieces = {} -- of the body, up to the first hole
  self.kept, self.kept_bytes = {}, 0 -- chunks of an uncertain record, to hunt through again
  self.record = nil -- what the frames that hold a part of it will show
end

-- The record in progress; a frame that brings bytes of it is noted once.
function Reader:current(frame)
  local record = self.record
  if not record then
    self.start = self.position
    record = { frames = {}, frame = 0, parts = 0 }
    self.record = record
  end
  if record.frames[#record.frames] ~= frame then
    record.parts = record.parts + 1
    if #record.frames < MOST_FRAMES then
      record.frames[#record.frames + 1] = frame
    end
    if self.note then
      self.note(frame, record)
    end
  end
  if frame > record.frame then
    record.frame = frame
  end
  return record
end

-- Take the stream's next bytes. frame: the one that brought them. place: of the first byte among the bytes of that
-- frame, or nil where they are not at hand. What is found is appended to `out`.
function Reader:feed(data, frame, place, out)
  if self.state == "dead" then
    return
  end
  self.fed = self.fed + #data
  local todo = { { data = data, frame = frame, place = place, at = 0 } }
  while #todo > 0 and self.state ~= "dead" do
    local chunk = table.remove(todo)
    if self.state == "hunt" then
      self:hunt(chunk, todo)
    else
      self:read(chunk, todo, out)
    end
  end
end

local function again(todo, chunks)
  for index = #chunks, 1, -1 do
    if chunks[index].at < #chunks[index].data then
      todo[#todo + 1] = chunks[index]
    end
  end
end

function Reader:read(chunk, todo, out)
  local data = chunk.data
  while chunk.at < #data and (self.state == "mark" or self.state == "body") do
    local start = chunk.at
    local wanted = self.state == "mark" and 4 - #self.mark or self.left
    local stop = math.min(start + wanted, #data)
    local record = self:current(chunk.frame)
    local piece = sub(data, start + 1, stop)
    chunk.at = stop
    self.position = self.position + #piece
    if not self.certain and self.kept then
      self.kept[#self.kept + 1] = { data = piece, frame = chunk.frame, at = 0 }
      self.kept_bytes = self.kept_bytes + #piece
      if self.kept_bytes > plausible.LONGEST then
        self.kept = nil
      end
    end
    if self.state == "mark" then
      self.mark = self.mark .. piece
      if #self.mark == 4 then
        self:begin_fragment(out)
      end
    else
      self.left = self.left - #piece
      if self.whole then
        -- In one fragment and one frame, its bytes are shown where they stand.
        local first = #self.pieces == 0
        record.place = first and self.last and self.left == 0 and chunk.place and chunk.place + start or nil
        self.pieces[#self.pieces + 1] = piece
        self.size = self.size + #piece
        if not self.certain and not self:makes_sense() then
          self:lose_sense(out)
        end
      end
      if self.state == "body" and self.left == 0 then
        self:end_fragment(out)
      end
    end
  end
  if chunk.at < #data and self.state ~= "dead" then
    -- Behind what has to be read again, which lies on top.
    local reread = self.rereading
    self.rereading = nil
    todo[#todo + 1] = chunk
    again(todo, reread or {})
  elseif self.rereading then
    local reread = self.rereading
    self.rereading = nil
    again(todo, reread)
  end
end

function Reader:begin_fragment(out)
  local mark = u32(self.mark, 0)
  local length = mark % LAST
  if length > LONGEST - self.size then
    self:lose_sense(out)
    return
  end
  self.mark = ""
  self.begun = true
  if self.whole then
    self.fragments = self.fragments + 1
  end
  self.left, self.last = length, mark >= LAST
  self.state = "body"
  if length == 0 then
    self:end_fragment(out)
  end
end

function Reader:end_fragment(out)
  self.state = "mark"
  if self.last then
    self:end_record(out)
  end
end

function Reader:end_record(out)
  local record = self.record
  if record then
    record.whole, record.conflict, record.fragments = self.whole, self.conflict, self.fragments
    record.data = table.concat(self.pieces)
    record.sound = is_message(record.data)
    record.ended = true
    record.start, record.stop = self.start, self.position
    out[#out + 1] = record
  end
  self:forget()
end

-- The first bytes of the body.
function Reader:head()
  local parts, size = {}, 0
  for _, piece in ipairs(self.pieces) do
    parts[#parts + 1] = piece
    size = size + #piece
    if size >= 8 then
      break
    end
  end
  return table.concat(parts)
end

-- Where the record in progress began, or nil.
function Reader:in_progress()
  return self.record and self.start
end

function Reader:makes_sense()
  return self.size < 8 or is_message(self:head())
end

-- A mark or a message type makes no sense here.
function Reader:lose_sense(out)
  if self.certain then
    if is_message(self:head()) then
      self.whole = false
    end
    self:end_record(out)
    self.state = "dead"
    return
  end
  local kept = self.kept
  self:forget()
  self.state = "hunt"
  -- The first byte is known to begin no record. Who makes us read the same again and again is not followed.
  if kept and #kept > 0 and self.reread <= 8 * self.fed + plausible.LONGEST then
    kept[1].at = 1
    local size = -1
    for _, each in ipairs(kept) do
      size = size + #each.data
    end
    self.reread = self.reread + size
    self.position = self.position - size
    self.rereading = kept
  end
end

-- So many bytes of the stream are missing from the capture.
function Reader:gap(size, out)
  if self.state == "dead" then
    return
  end
  self.position = self.position + size
  if self.state == "hunt" then
    for _, each in ipairs(self.hunted) do
      self.position = self.position + #each.data - each.at
    end
    self.hunted = {}
    return
  end
  self.kept = nil
  if self.state == "body" and size <= self.left then
    self.whole = false
    self.left = self.left - size
    if self.left == 0 then
      self:end_fragment(out)
    end
    return
  end
  if self.begun or self.mark ~= "" then
    self.whole = false
    self:end_record(out)
  end
  self:forget()
  self.state = "hunt"
  self.certain = false
end

-- The stream has ended: a record in progress is incomplete.
function Reader:close(out)
  if (self.state == "mark" or self.state == "body") and (self.begun or self.mark ~= "") then
    self.whole = false
    self:end_record(out)
  end
  self.state = "dead"
end

-- Look for a plausible record in what is held and what came.
function Reader:hunt(chunk, todo)
  local chunks = self.hunted
  chunks[#chunks + 1] = chunk
  local parts = {}
  for index, each in ipairs(chunks) do
    parts[index] = sub(each.data, each.at + 1)
  end
  local data = table.concat(parts)
  local at, found = 0, false
  while at < #data do
    local kind = byte(data, at + 1)
    local verdict = false
    if kind < 0x10 or kind >= 0x80 and kind < 0x90 then
      verdict = plausible.record(data, at)
    end
    if verdict == nil then
      break
    elseif verdict then
      found = true
      break
    end
    at = at + 1
  end
  -- What was looked at goes.
  self.position = self.position + at
  local rest, skipped = {}, at
  for _, each in ipairs(chunks) do
    local size = #each.data - each.at
    if skipped < size then
      each.at = each.at + skipped
      rest[#rest + 1] = each
      skipped = 0
    else
      skipped = skipped - size
    end
  end
  if found then
    self.hunted = {}
    self:forget()
    again(todo, rest)
  else
    self.hunted = rest
  end
end

return { new = new }
end)()

local streams = (function()
-- TCP segments -> the bytes of each direction in order (RFC 9293, 3.4), whatever Wireshark's own reassembly does:
-- sent again, overlapping, out of order, with sequence numbers that wrap, from the middle of a connection. Of bytes that
-- came twice the first count. A hole is waited for until the peer acknowledges bytes beyond it, until too much waits, or
-- until the capture is looked at again; then the record around it is incomplete, and reading goes on behind it.
local sub = string.sub

local MODULUS = 4294967296
local MOST_WAITING_BYTES, MOST_WAITING = 1048576, 4096
local MOST_COMPARED = 256 -- latest pieces that a repetition is compared with
local MOST_UNSETTLED = 16 -- records that the peer has not acknowledged
local FIN, SYN, RST, ACK = 1, 2, 4, 16

local function has(flags, bit)
  return math.floor(flags / bit) % 2 == 1
end

local Direction = {}
Direction.__index = Direction

-- make_reader: called with whether the connection's beginning is there.
local function new(make_reader)
  return setmetatable({ make_reader = make_reader, position = 0, waiting = {}, bytes = 0, latest = {}, count = 0,
    unsettled = {}, acked = 0 }, Direction)
end

-- How far a sequence number is from the next one that is expected.
function Direction:ahead(sequence)
  local distance = (sequence - self.next) % MODULUS
  return distance >= 2147483648 and distance - MODULUS or distance
end

function Direction:advance(size)
  self.position = self.position + size
  self.next = (self.next + size) % MODULUS
end

-- Bytes came again: whether they differ from those that came before between two positions. What the peer has
-- acknowledged, nothing can change.
function Direction:differs(position, data, start, stop)
  start = math.max(start, self.acked)
  for number = self.count, math.max(1, self.count - MOST_COMPARED + 1), -1 do
    local piece = self.latest[number % MOST_COMPARED]
    local from = math.max(position, piece.position, start)
    local till = math.min(position + #data, piece.position + #piece.data, stop)
    if from < till and sub(data, from - position + 1, till - position)
      ~= sub(piece.data, from - piece.position + 1, till - piece.position) then
      return true
    end
    if piece.position <= position then
      return false
    end
  end
  return false
end

-- Bytes came again: note where they differ from those that a record was read from, the one in progress or one that the
-- peer has not acknowledged.
function Direction:compare(position, data)
  local start = self.reader:in_progress()
  if start and self:differs(position, data, start, self.position) then
    self.reader.conflict = true
  end
  for _, record in ipairs(self.unsettled) do
    if self:differs(position, data, record.start, record.stop) then
      record.conflict = true
      if record.shown then
        record.shown.found["overlap-conflict"] = true
      end
    end
  end
end

function Direction:deliver(segment, out)
  local data, place = segment.data, segment.place
  local old = self.position - segment.position
  if old > 0 then
    self:compare(segment.position, sub(data, 1, old))
    data = sub(data, old + 1)
    place = place and place + old
  end
  if data == "" then
    return
  end
  self.count = self.count + 1
  self.latest[self.count % MOST_COMPARED] = { position = self.position, data = data }
  self:advance(#data)
  local before = #out
  self.reader:feed(data, segment.frame, place, out)
  for index = before + 1, #out do
    self.unsettled[#self.unsettled + 1] = out[index]
    if #self.unsettled > MOST_UNSETTLED then
      table.remove(self.unsettled, 1)
    end
  end
end

-- Deliver what waits and has no hole before it.
function Direction:drain(out)
  local waiting, index = self.waiting, 1
  while waiting[index] and waiting[index].position <= self.position do
    self.bytes = self.bytes - #waiting[index].data
    self:deliver(waiting[index], out)
    index = index + 1
  end
  if index > 1 then
    self.waiting = { table.unpack(waiting, index) }
  end
end

function Direction:give_up(out)
  local first = self.waiting[1]
  if first then
    local size = first.position - self.position
    self:advance(size)
    self.reader:gap(size, out)
    self:drain(out)
  end
end

-- Put a segment among those that wait, by position; of equal ones the earlier stays before.
function Direction:wait(segment)
  local waiting = self.waiting
  local at = #waiting + 1
  while at > 1 and waiting[at - 1].position > segment.position do
    at = at - 1
  end
  table.insert(waiting, at, segment)
  self.bytes = self.bytes + #segment.data
end

-- Take a segment. sequence, flags: of its header. data: its bytes, place: where they stand in the frame.
function Direction:segment(frame, sequence, flags, data, place, out)
  if has(flags, SYN) then
    if not self.next then
      self.next = (sequence + 1) % MODULUS
      self.reader = self.make_reader(true)
    end
    return
  end
  if not self.next then
    if data == "" then
      return
    end
    self.next = sequence
    self.reader = self.make_reader(false)
  end
  local ahead = self:ahead(sequence)
  if data ~= "" then
    local segment = { position = self.position + ahead, data = data, frame = frame, place = place }
    if ahead > 0 then
      segment.place = nil -- another frame will show it
      self:wait(segment)
      self:settle(out)
      if self.bytes > MOST_WAITING_BYTES or #self.waiting > MOST_WAITING then
        self:give_up(out)
      end
    elseif ahead + #data > 0 then
      self:deliver(segment, out)
      self:drain(out)
    else
      self:compare(segment.position, data)
    end
  end
  if has(flags, RST) then
    self:finish(out)
  elseif has(flags, FIN) then
    self.ends_at = self.position + self:ahead(sequence) + #data
    if self.ends_at <= self.position then
      self:finish(out)
    end
  end
end

-- Give up the holes whose bytes the peer has received.
function Direction:settle(out)
  while self.waiting[1] and self.waiting[1].position <= self.acked do
    self:give_up(out)
  end
end

-- The peer has received everything before a sequence number.
function Direction:acknowledged(sequence, out)
  self.acked = math.max(self.acked, self.position + self:ahead(sequence))
  self:settle(out)
  while self.unsettled[1] and self.unsettled[1].stop <= self.acked do
    table.remove(self.unsettled, 1)
  end
  if self.ends_at and self.acked > self.ends_at then
    self:finish(out)
  end
end

-- What is missing is not awaited any longer.
function Direction:give_up_all(out)
  while self.waiting[1] do
    self:give_up(out)
  end
end

-- Nothing more comes.
function Direction:finish(out)
  self:give_up_all(out)
  if self.reader and (self.ends_at or 0) > self.position then
    self.reader:gap(self.ends_at - self.position, out)
  end
  if self.reader then
    self.reader:close(out)
  end
end

return { new = new, has = has, SYN = SYN, RST = RST, ACK = ACK }
end)()

local interest = (function()
-- Which endpoints are of interest: the well-known ports, those of the preferences, those that a user decodes as
-- NetInfo, and those learned from calls to the programs of the tables and from the answers of port mapper and nibind.
-- An endpoint is transport, address (bytes) and port, as one string.
local value, child = xdr.value, xdr.child

local NETINFO, PORTMAP = 961, 111
local MOST_LEARNED = 65536

local learned, count = {}, 0
local given = {}
local tell = function(_) end

local function endpoint(transport, address, port)
  return transport .. port .. ":" .. address
end

local function forget_all()
  learned, count = {}, 0
end

-- Take the ports of the preferences: numbers and ranges, separated by commas. Words that are none count for nothing.
local function give(text)
  given = {}
  for low, high in string.gmatch(text .. ",", "(%d+)%s*%-?%s*(%d*)%s*,") do
    low, high = tonumber(low), tonumber(high) or tonumber(low)
    for port = math.max(low, 1), math.min(high, 65535) do
      given[port] = port ~= NETINFO or nil
    end
  end
end

local function learn(transport, address, port)
  local key = endpoint(transport, address, port)
  if not learned[key] and port > 0 and port < 65536 and count < MOST_LEARNED then
    learned[key] = true
    count = count + 1
    tell(key)
  end
end

-- Who wants to be told of an endpoint that is learned.
local function listen(listener)
  tell = listener
end

local function is_known(transport, address, port)
  return port == PORTMAP or given[port] or learned[endpoint(transport, address, port)] or false
end

-- Whether a packet between two endpoints can hold a message that is wanted.
local function wants(transport, source, source_port, target, target_port)
  return source_port == NETINFO or target_port == NETINFO or is_known(transport, source, source_port)
    or is_known(transport, target, target_port)
end

-- Whether a message belongs in the output. 961 that is only the caller's port selects nothing: a client may hold it
-- by chance.
local function selects(transport, client, client_port, server, server_port)
  return server_port == NETINFO or is_known(transport, client, client_port)
    or is_known(transport, server, server_port)
end

local TRANSPORTS = { [6] = "tcp", [17] = "udp" }
local NETIDS = { udp = "udp", udp6 = "udp", tcp = "tcp", tcp6 = "tcp" }

local function learn_mapping(address, program, protocol, port)
  if program and tables.prefixes[program] and TRANSPORTS[protocol] then
    learn(TRANSPORTS[protocol], address, port)
  end
end

local function learn_universal(address, program, netid, universal)
  local high, low = string.match(universal, "%.(%d+)%.(%d+)$")
  if program and tables.prefixes[program] and NETIDS[netid] and high and #universal <= 64 then
    learn(NETIDS[netid], address, tonumber(high) * 256 + tonumber(low))
  end
end

local function learn_registration(address, node)
  learn("udp", address, value(node, "udp_port"))
  learn("tcp", address, value(node, "tcp_port"))
end

-- "program.version procedure" -> what its answer teaches.
local TEACHERS = {
  ["100000.2 3"] = function(address, call, node)
    learn_mapping(address, call.asked.program, call.asked.protocol, value(node, "port"))
  end,
  ["100000.2 4"] = function(address, _, node)
    for _, each in ipairs(child(node, "mappings") or {}) do
      learn_mapping(address, value(each, "program"), value(each, "protocol"), value(each, "port"))
    end
  end,
  ["100000.3 3"] = function(address, call, node)
    learn_universal(address, call.asked.program, call.asked.netid, value(node, "address"))
  end,
  ["100000.3 4"] = function(address, _, node)
    for _, each in ipairs(child(node, "mappings") or {}) do
      learn_universal(address, value(each, "program"), value(each, "netid"), value(each, "address"))
    end
  end,
  ["200100001.1 3"] = function(address, _, node)
    learn_registration(address, node)
  end,
  ["200100001.1 4"] = function(address, _, node)
    for _, each in ipairs(child(node, "registrations") or {}) do
      learn_registration(address, each)
    end
  end,
}
TEACHERS["100000.4 3"], TEACHERS["100000.4 4"] = TEACHERS["100000.3 3"], TEACHERS["100000.3 4"]

-- Learn from a reply that was read to its end. address: where it comes from.
local function learn_from_answer(address, call, reply)
  local teach = call.procedure and TEACHERS[call.program .. "." .. call.version .. " " .. call.procedure]
  if teach and reply.fine and reply.body and (reply.status or 0) == 0 then
    teach(address, call, reply.body)
  end
end

return {
  endpoint = endpoint,
  forget_all = forget_all,
  give = give,
  learn = learn,
  listen = listen,
  wants = wants,
  selects = selects,
  learn_from_answer = learn_from_answer,
}
end)()

local pairing = (function()
-- Calls and replies -> who answers whom. A reply names no procedure; it has its call's xid.
--
-- A call is remembered under its client and xid, for each server (on TCP: each connection) apart. A call with other
-- bytes, or any on TCP, takes the place of an earlier one; a UDP call equal byte for byte is a retransmission, and the
-- reply still answers the first. A reply comes from where its call was sent to. On UDP the answer to a CALLIT may come
-- from anywhere, and that to a call sent to many from another address at the same port: then it answers the client's
-- latest such call with that xid. What comes a minute after the first answer is no further answer.
local ANSWERED_SECONDS = 60

local clients = {}

local function forget_all()
  clients = {}
end

local function holds(call, now)
  return not call.answered_at or now - call.answered_at <= ANSWERED_SECONDS
end

-- Remember a call. asks: the client; server: whom it asks; data: the bytes of a UDP call, else nil. Gives the earlier
-- call that it repeats, or nil.
local function call(asks, server, xid, entry, data, anywhere)
  local client = clients[asks]
  if not client then
    client = { calls = {}, anywhere = {} }
    clients[asks] = client
  end
  local of_xid = client.calls[xid]
  if not of_xid then
    of_xid = {}
    client.calls[xid] = of_xid
  end
  local earlier = of_xid[server]
  if earlier and data and earlier.data == data and holds(earlier, entry.time) then
    return earlier
  end
  if earlier and client.anywhere[xid] == earlier then
    client.anywhere[xid] = nil
  end
  entry.data = data
  of_xid[server] = entry
  if anywhere then
    client.anywhere[xid] = entry
  end
  return nil
end

-- The call that a reply answers, or nil. server_port: of where it comes from, nil on TCP.
local function find(asks, server, server_port, xid, now)
  local client = clients[asks]
  if not client then
    return nil
  end
  local found = client.calls[xid] and client.calls[xid][server]
  if found and not holds(found, now) then
    client.calls[xid][server] = nil
    if client.anywhere[xid] == found then
      client.anywhere[xid] = nil
    end
    found = nil
  end
  if not found then
    found = client.anywhere[xid]
    if found and (not holds(found, now) or not found.forwards and found.server_port ~= server_port) then
      found = nil
    end
  end
  return found
end

-- Note a whole reply's answer; whether the call had been answered before.
local function answer(entry, frame, now)
  if entry.answered_at then
    return true
  end
  entry.answered_at = now
  entry.reply_frame = frame
  return false
end

return { forget_all = forget_all, call = call, find = find, answer = answer }
end)()

local lines = (function()
-- A message, and a value, as a line of text.
local text, cut = words.text, words.cut

local MOST_SUMMARY, MOST_LISTED = 160, 20
local NOBODY = 4294967295
local LIST = { array = true, times = true, chain = true }

local function dotted(number)
  local parts = {}
  for index = 4, 1, -1 do
    parts[index] = string.format("%d", number % 256)
    number = math.floor(number / 256)
  end
  return table.concat(parts, ".")
end

local function label_of(enum, number)
  return tables.enums[enum][number] or tables.unknown[enum] .. string.format("%d", number)
end

-- In a line: a node's value, compact; `left` bytes are enough.
local summary_of

local function parts_of(node, left, separator, keyed)
  local parts, size = {}, 0
  for index, each in ipairs(node) do
    if size > left or index > MOST_LISTED then
      parts[#parts + 1] = "..."
      break
    end
    local shown = summary_of(each, left)
    if keyed and each.name ~= "id" and each.name ~= "status" then
      shown = each.name .. "=" .. shown
    end
    if not (keyed and each.name == "status") then
      parts[#parts + 1] = shown
      size = size + #shown
    end
  end
  return table.concat(parts, separator)
end

function summary_of(node, left)
  local kind = node.type.kind
  if node.absent then
    return "none"
  elseif kind == "string" then
    return cut(text(node.value), left)
  elseif kind == "opaque" or kind == "fixed" then
    return string.format("%d bytes", #node.value)
  elseif kind == "address" or kind == "octets" then
    return dotted(node.value)
  elseif kind == "enum" then
    return label_of(node.type.name, node.value)
  elseif LIST[kind] then
    return "(" .. parts_of(node, left, ", ") .. ")"
  elseif node.type.first then
    return node[1] and string.format("/%d", node[1].value) or ""
  elseif kind == "struct" or kind == "union" then
    local key, values = node[1], node[2]
    if #node == 2 and key.name == "name" and values.name == "values" then
      return summary_of(key, left) .. "=" .. summary_of(values, left)
    elseif #node == 3 and node[2].name == "key" and node[3].name == "value" then
      return parts_of({ node[1] }, left, " ", true) .. " " .. summary_of(node[2], left) .. "=" .. summary_of(node[3], left)
    end
    return parts_of(node, left, " ", true)
  elseif kind == "bool" then
    return tostring(node.value)
  elseif node.name == "where" and node.value == NOBODY then
    return "end"
  end
  return string.format("%d", node.value)
end

local function with_inner(m, node)
  local shown = node and summary_of(node, MOST_SUMMARY) or ""
  local inner = m.inner
  if inner then
    shown = (message.name_of(inner.program, inner.version, inner.procedure) or "")
    if inner.node and inner.fine then
      shown = shown .. " " .. summary_of(inner.node, MOST_SUMMARY)
    end
  end
  return cut(shown, MOST_SUMMARY)
end

-- A call in a line.
local function summary(m)
  local name = message.name_of(m.program, m.version, m.procedure) or "call"
  local body = m.fine and with_inner(m, m.body) or ""
  return body == "" and name or name .. " " .. body
end

local function status_of(m)
  if m.status then
    return label_of("ni_status", m.status)
  end
  local detail = ""
  for _, name in ipairs({ "auth_status", "reject_status", "accept_status", "reply_status" }) do
    local found = message.of_header(m.header, name)
    if found and name == "auth_status" then
      detail = "/" .. label_of(found.type.name, found.value)
    elseif found then
      return label_of(found.type.name, found.value) .. detail
    end
  end
  return "?"
end

local function info_of(m, shown)
  if m.is_call then
    return summary(m)
  end
  local asked = shown.call and shown.call.summary or "reply to a call that was not seen"
  local body = m.fine and with_inner(m, m.body) or ""
  return asked .. " -> " .. status_of(m) .. (body ~= "" and " " .. body or "")
end

return {
  of_value = summary_of,
  of_call = summary,
  of_message = info_of,
  dotted = dotted,
  label_of = label_of,
  LIST = LIST,
  NOBODY = NOBODY,
}
end)()

local found = (function()
-- Messages -> what is shown in each frame. It is kept under the frame's number, so that Wireshark may show frames again
-- in any order. A message that nothing selects yet waits, as far as there is room, for its endpoint to be learned.
local MOST_HELD = 16384

local frames = {}
local times = {} -- frame -> its time, once it is worked on
local held, held_count = {}, 0

local function forget_all()
  frames, times = {}, {}
  held, held_count = {}, 0
  interest.forget_all()
  pairing.forget_all()
end

-- Note that a frame is worked on, and its time in seconds.
local function begin(number, time)
  times[number] = time
end

local function is_known(number)
  return times[number] ~= nil
end

-- What is shown in a frame.
local function at_frame(number)
  local found = frames[number]
  if not found then
    found = { messages = {}, parts = {} }
    frames[number] = found
  end
  return found
end

-- Whether an address is a multicast one, or looks like a broadcast one.
local function is_of_many(address)
  local first, last = string.byte(address, 1), string.byte(address, -1)
  if #address == 16 then
    return first == 0xFF
  end
  return #address == 4 and (last == 0xFF or first >= 0xE0 and first <= 0xEF)
end

-- Put a message where it is shown.
local function place_message(shown)
  if not shown.placed then
    shown.placed = true
    local list = at_frame(shown.frame).messages
    list[#list + 1] = shown
  end
end

-- Keep a message that nothing selects yet.
local function hold(shown, ...)
  if held_count < MOST_HELD then
    held_count = held_count + 1
    for _, key in ipairs({ ... }) do
      local list = held[key] or {}
      held[key] = list
      list[#list + 1] = shown
    end
  end
end

interest.listen(function(key)
  for _, shown in ipairs(held[key] or {}) do
    place_message(shown)
  end
  held[key] = nil
end)

-- A message was found: pair it, decide whether it is shown, and put it where it belongs.
-- flow: transport, source, target and their ports; on TCP the stream, and whether it goes forward. record: its bytes,
-- its frames, and of a record in one frame the place there. Gives what is shown, or nil.
local function take(flow, record)
  local m = message.read_header(record.data, record.whole)
  local asks, server, server_port
  local client, client_port = flow.source, flow.source_port
  local other, other_port = flow.target, flow.target_port
  if not m.is_call then
    client, client_port, other, other_port = other, other_port, client, client_port
  end
  if flow.transport == "tcp" then
    asks, server = "tcp" .. flow.stream .. (m.is_call == flow.forward and ">" or "<"), ""
  else
    asks = interest.endpoint("udp", client, client_port)
    server, server_port = interest.endpoint("udp", other, other_port), other_port
  end
  local now = times[record.frame]
  local shown = {
    frame = record.frame,
    time = now,
    header = record.header,
    place = record.place,
    size = #record.data,
    whole = record.whole,
    fragments = record.fragments,
    parts = record.parts,
    frames = record.frames,
    tcp = flow.transport == "tcp",
    found = {},
  }
  if not shown.place then
    shown.data = record.data
  end
  if not record.whole then
    shown.found["incomplete-record"] = true
  end
  if record.conflict then
    shown.found["overlap-conflict"] = true
  end
  local selected = interest.selects(flow.transport, client, client_port, other, other_port)
  if m.is_call then
    message.read_body(m)
    local forwards = m.row and m.row.forwards
    local entry = {
      frame = record.frame,
      time = now,
      program = m.program,
      version = m.version,
      procedure = m.procedure,
      known = m.known,
      row = m.row,
      inner = m.inner and { program = m.inner.program, version = m.inner.version, procedure = m.inner.procedure,
                            known = m.inner.known, row = m.inner.row },
      protected = m.protected,
      forwards = forwards,
      server_port = server_port,
      summary = lines.of_call(m),
      asked = { program = xdr.value(m.body, "program"), protocol = xdr.value(m.body, "protocol"),
                netid = xdr.value(m.body, "netid") },
    }
    if m.whole and tables.prefixes[m.program] and xdr.value(m.header, "rpc_version") == 2 then
      interest.learn(flow.transport, other, other_port)
      selected = selected or other_port > 0
    end
    shown.entry = entry
    entry.selected = selected or forwards
    if m.whole and record.whole then
      local anywhere = flow.transport == "udp" and (forwards or is_of_many(flow.target))
      shown.first = pairing.call(asks, server, m.xid, entry, flow.transport == "udp" and record.data or nil, anywhere)
    end
    selected = entry.selected
  else
    local call = m.whole and pairing.find(asks, server, server_port, m.xid, now)
    if call then
      shown.call = call
      selected = selected or call.selected
      if record.whole then
        if pairing.answer(call, record.frame, now) then
          shown.found["duplicate-reply"] = true
        end
        message.read_body(m, call)
        interest.learn_from_answer(flow.source, call, m)
      end
    else
      shown.found["reply-without-call"] = true
    end
  end
  local program = m.program or shown.call and shown.call.program
  shown.prefix = program and tables.prefixes[program]
  if not shown.prefix then
    shown.prefix = (flow.source_port == 111 or flow.target_port == 111) and "ni_portmap" or "netinfo"
  end
  record.shown = shown
  if not selected then
    hold(shown, interest.endpoint(flow.transport, client, client_port),
      interest.endpoint(flow.transport, other, other_port))
    return nil
  end
  place_message(shown)
  return shown
end

-- A frame brings bytes of a record.
local function part_of(number, record)
  local parts = at_frame(number).parts
  parts[#parts + 1] = record
end

-- What is shown in a frame, or nil.
local function shown_in(number)
  return frames[number]
end

return {
  forget_all = forget_all,
  begin = begin,
  is_known = is_known,
  take = take,
  part_of = part_of,
  shown_in = shown_in,
}
end)()

local connections = (function()
-- TCP segments -> messages: which connections are read, in which direction a segment goes.
local u32, u16 = words.u32, words.u16

local MOST_OF_OTHERS = 16 -- messages of a connection that are read before it counts as another program's

local connections = {}
local unfinished = false -- segments came since the holes were given up last

local function forget_all()
  connections = {}
end

-- The first bytes of a connection that nobody asked for: read on if they are a record mark and an RPC header; else the
-- connection is none of ours.
local Trial = {}
Trial.__index = Trial

local function trial(connection, direction, make)
  return setmetatable({ connection = connection, direction = direction, make = make, chunks = {}, data = "" }, Trial)
end

function Trial:verdict()
  local data = self.data
  if #data >= 4 and u32(data, 0) % 2147483648 > 1048576 then
    return false
  elseif #data < 12 then
    return nil
  elseif u32(data, 8) > 1 then
    return false
  elseif #data < 16 then
    return nil
  elseif u32(data, 8) == 1 then
    return u32(data, 12) <= 1
  end
  return u32(data, 12) == 2
end

function Trial:feed(data, frame, place, out)
  self.chunks[#self.chunks + 1] = { data, frame, place }
  self.data = string.sub(self.data .. data, 1, 16)
  local verdict = self:verdict()
  if verdict == false then
    self.connection.ignored = true
  elseif verdict then
    self.direction.reader = self.make(true)
    for _, each in ipairs(self.chunks) do
      self.direction.reader:feed(each[1], each[2], each[3], out)
    end
  end
end

function Trial:gap()
  self.connection.ignored = true
end

function Trial.in_progress()
  return nil
end

function Trial.close() end

local function connection_of(stream, wanted)
  local connection = connections[stream]
  if not connection then
    connection = {}
    connections[stream] = connection
  end
  connection.wanted = connection.wanted or wanted
  return connection
end

local function direction_of(connection, key)
  local direction = connection[key]
  if not direction then
    direction = streams.new(function(anchored)
      local function make(certain)
        return records.new(certain, found.part_of)
      end
      if connection.wanted or not anchored then
        return make(anchored)
      end
      return trial(connection, connection[key], make)
    end)
    connection[key] = direction
  end
  return direction
end

-- The directions of a connection that a segment is about: its own, and that of its peer.
local function directions_of(connection, mine)
  connection.first = connection.first or mine
  local forward = connection.first == mine
  return forward, forward and "a" or "b", forward and "b" or "a"
end

local function turned(flow)
  return { transport = "tcp", stream = flow.stream, source = flow.target, source_port = flow.target_port,
           target = flow.source, target_port = flow.source_port, forward = not flow.forward }
end

-- Hand on the messages among records. number: the frame worked on; header: which of its TCP headers. Those that belong
-- to earlier frames are put into `late`.
local function take_all(connection, flow, records_found, number, header, late)
  for _, record in ipairs(records_found) do
    if record.sound then
      record.header = header
      if record.frame ~= number then
        record.place = nil
      end
      local shown = found.take(flow, record)
      if shown and record.frame ~= number then
        late[#late + 1] = shown
      end
      connection.wanted = connection.wanted or shown ~= nil
      connection.others = (connection.others or 0) + 1
      connection.ignored = not connection.wanted and connection.others >= MOST_OF_OTHERS
    end
    record.data, record.place = nil, nil
  end
end

-- Take a segment. flow: as in found.take. head: its header's first 20 bytes; data: its bytes, which stand at `place`.
-- claimed: the user decodes it as NetInfo. Gives the messages of earlier frames that were only now understood.
local function segment(flow, number, header, head, data, place, claimed)
  local flags, sequence = string.byte(head, 14), u32(head, 4)
  local known = connections[flow.stream]
  if known and known.ignored then
    return {}
  end
  local wanted = claimed
    or interest.wants("tcp", flow.source, flow.source_port, flow.target, flow.target_port)
    or message.is_known_call(data, 4) and u32(data, 0) % 2147483648 >= 40
  -- In the middle of a connection that nobody asked for, a segment may begin with a whole header.
  if not wanted and not known and not streams.has(flags, streams.SYN) and not plausible.record(data, 0) then
    return {}
  end
  if claimed then
    interest.learn("tcp", flow.target, flow.target_port)
  end
  unfinished = true
  local connection = connection_of(flow.stream, wanted)
  local own, others
  flow.forward, own, others = directions_of(connection, flow.source .. flow.source_port)
  connection.flows = connection.flows or {}
  connection.flows[own] = flow
  local out, back, late = {}, {}, {}
  local peer = connection[others]
  if peer and peer.next and streams.has(flags, streams.ACK) then
    -- First, for what it brings may answer a call that waited for this.
    peer:acknowledged(u32(head, 8), back)
  end
  direction_of(connection, own):segment(number, sequence, flags, data, place, out)
  if peer and peer.next and streams.has(flags, streams.RST) then
    peer:finish(back)
  end
  take_all(connection, turned(flow), back, number, header, late)
  take_all(connection, flow, out, number, header, late)
  return late
end

-- All frames have been seen: give up what holes there are.
local function conclude()
  if not unfinished then
    return
  end
  unfinished = false
  for _, connection in pairs(connections) do
    for _, own in ipairs({ "a", "b" }) do
      local direction, out = connection[own], {}
      if direction and direction.waiting[1] and not connection.ignored then
        direction:give_up_all(out)
        take_all(connection, connection.flows[own], out, nil, nil, {})
      end
    end
  end
end

return { forget_all = forget_all, segment = segment, conclude = conclude }
end)()

local fields = (function()
-- What can be filtered: protocols, fields, expert infos and preferences, from the tables.
local MAKE = {
  uint = ProtoField.uint32,
  int = ProtoField.int32,
  bool = ProtoField.bool,
  address = ProtoField.ipv4,
  string = ProtoField.string,
  bytes = ProtoField.bytes,
  frame = ProtoField.framenum,
  interval = ProtoField.relative_time,
}

local protocols, fields, experts = {}, {}, {}

local function make(prefix, row)
  local name, kind, label, detail = row[1], row[2], row[3], row[4]
  local abbreviation = prefix .. "." .. name
  if kind == "frame" then
    return MAKE.frame(abbreviation, label, base.NONE, detail and frametype[detail] or frametype.NONE)
  elseif kind == "uint" then
    local shown = detail and tables.enums[detail] or detail == "procedure" and tables.procedures[prefix] or nil
    return MAKE.uint(abbreviation, label, name == "xid" and base.HEX or base.DEC, shown)
  end
  return MAKE[kind](abbreviation, label)
end

for _, row in ipairs(tables.protocols) do
  local prefix, protocol = row.prefix, Proto(row.prefix, row.description)
  local named, listed = {}, {}
  for index, each in ipairs(row.fields) do
    named[each[1]] = make(prefix, each)
    listed[index] = named[each[1]]
  end
  protocol.fields = listed
  local infos, all = {}, {}
  for index, each in ipairs(tables.anomalies) do
    local name = string.gsub(each.id, "-", "_")
    all[index] = ProtoExpert.new(prefix .. ".expert." .. name, each.meaning, expert.group[each.group],
      expert.severity[each.severity])
    infos[each.id] = all[index]
  end
  protocol.experts = all
  protocols[prefix], fields[prefix], experts[prefix] = protocol, named, infos
end

local preferences = protocols.netinfo.prefs
preferences.ports = Pref.string("More ports", "",
  "UDP and TCP ports of NetInfo servers beside 961, as 1033,1043-1045. Ports that calls, the port mapper or nibind tell "
  .. "of are known by themselves.")
preferences.show_passwords = Pref.bool("Show passwords", false,
  "Show the password that a credential carries in its machine name with every bit inverted.")

-- The field of a node: of that name, or where the name means several things, of the struct and the name.
local function field_of(prefix, owner, name)
  local named = fields[prefix]
  return owner and named[owner .. "." .. name] or named[name]
end

return { protocols = protocols, named = fields, experts = experts, preferences = preferences, field_of = field_of }
end)()

local show = (function()
-- Messages -> Wireshark's tree. Texts of the network are made safe to show.
local text, cut = words.text, words.cut
local value, child = xdr.value, xdr.child

local label_of, summary_of, LIST = lines.label_of, lines.of_value, lines.LIST

local MOST_INFO = 400
local OURS = { netinfo = true, nibind = true }

-- The tree. place: tvb, base (where the message begins in it), prefix (whose fields), message.
local add

local function range_of(place, node)
  if node.from and node.till > node.from then
    return place.tvb:range(place.base + node.from, node.till - node.from)
  end
  return place.tvb:range(place.base + node.at, math.max(node.size, 1))
end

local function add_children(item, place, node)
  for _, each in ipairs(node) do
    add(item, place, each)
  end
end

local function hide(item, place, name, node, shown)
  item:add(fields.named[place.prefix][name], range_of(place, node), shown):set_hidden()
end

-- A directory's name is the value of its property "name".
local function add_directory_names(item, place, node)
  local named = value(node, "key") or value(node, "name")
  if place.prefix ~= "netinfo" or named ~= "name" then
    return
  end
  local single, list = child(node, "value"), child(node, "values")
  for _, each in ipairs(list or { single }) do
    hide(item, place, "name", each, text(each.value))
  end
end

local function add_leaf(item, place, node)
  local field = fields.field_of(place.prefix, node.owner, node.name)
  local kind, range, shown = node.type.kind, range_of(place, node), node.value
  local added
  if kind == "enum" then
    added = item:add(field, range, shown)
    if not tables.enums[node.type.name][shown] then
      added:set_text(tables.labels[node.name] .. ": " .. label_of(node.type.name, shown))
    end
  elseif kind == "string" then
    added = item:add(field, range, text(shown))
  elseif kind == "address" or kind == "octets" then
    added = item:add(field, range, Address.ip(lines.dotted(shown)))
  elseif kind == "opaque" or kind == "fixed" then
    if #shown > 0 then
      added = item:add(field, range)
    else
      added = item:add(range, tables.labels[node.name] .. ": empty")
    end
  else
    added = item:add(field, range, shown)
    if shown == lines.NOBODY then
      added:append_text(node.name == "where" and " (at the end)" or " (none)")
    end
  end
  local alias = tables.aliases[place.prefix .. "." .. node.name]
  if alias then
    hide(item, place, alias, node, kind == "string" and text(shown) or shown)
  end
  return added
end

function add(item, place, node)
  local kind = node.type.kind
  if node.absent then
    item:add(range_of(place, node), tables.labels[node.name] .. ": none")
  elseif node.type.inline then
    add_children(item, place, node)
  elseif node.type.first then
    local first = node[1]
    local added = add_leaf(item, place, { name = node.name, owner = node.owner, type = first.type, at = node.at,
                                          size = node.size, value = first.value })
    for index = 2, #node do
      add(added, place, node[index])
    end
    return added
  elseif kind == "struct" or kind == "union" then
    local title = node.name and tables.labels[node.name] or tables.labels[node.type.name]
    local added = item:add(range_of(place, node), cut(title .. ": " .. summary_of(node, 80), 120))
    add_children(added, place, node)
    add_directory_names(added, place, node)
  elseif LIST[kind] then
    local field = fields.field_of(place.prefix, node.owner, node.name)
    local added = item:add(field, range_of(place, node), node.value)
    local held = node.value > 0 and " " .. cut(summary_of(node, 80), 80) or ""
    added:set_text(tables.labels[node.name] .. string.format(": %d", node.value) .. held)
    add_children(added, place, node)
  else
    return add_leaf(item, place, node)
  end
end

local function add_body(item, place, node)
  if node then
    add_children(item, place, node)
    add_directory_names(item, place, node)
  end
end

-- A forwarded call or its result, as part of the CALLIT that holds it.
local function add_inner(item, place, m)
  local inner = m.inner
  local prefix = inner and tables.prefixes[inner.program]
  if not prefix then
    return false
  end
  local name = message.name_of(inner.program, inner.version, inner.procedure)
  local range = place.tvb:range(place.base + (inner.at or 0), math.max(inner.size or 0, 1))
  local added = item:add(fields.protocols[prefix], range, name .. (m.is_call and ", forwarded" or ", result"))
  added:add(fields.named[prefix].procedure, inner.procedure):set_generated()
  add_body(added, { tvb = place.tvb, base = place.base, prefix = prefix }, inner.node)
  return true
end

-- called: a call, or what is remembered of one.
local function procedure_line(called)
  local name = called.row and called.row.name or string.format("PROC_%d", called.procedure)
  return string.format("Procedure: %s (%d)", name, called.procedure)
end

-- What a reply takes from its call.
local function add_called(item, place, called)
  local named = fields.named[place.prefix]
  local program = item:add(named.program, called.program)
  if called.known then
    program:append_text(" (" .. called.known.name .. ")")
  end
  program:set_generated()
  item:add(named.version, called.version):set_generated()
  item:add(named.procedure, called.procedure):set_text(procedure_line(called)):set_generated()
end

local function add_credential(item, place, node, m)
  local named = fields.named[place.prefix]
  local added = add_leaf(item, place, { name = node.name, owner = node.owner, type = node[1].type, at = node.at,
                                        size = node.size, value = node[1].value })
  local body = child(node, "body")
  if body then
    added:add(named[node.name .. "_length"], range_of(place, { at = body.at, size = 4 }), body.till - body.from)
  end
  for _, each in ipairs(node.fields or {}) do
    if each.name == "machinename" then
      local on_statistics = m.program == tables.statistics.program and m.version == tables.statistics.version
        and m.procedure == tables.statistics.procedure
      local password = words.password(each.value, on_statistics)
      added:add(named.password_present, password ~= nil):set_generated()
      if not password then
        add(added, place, each)
      elseif fields.preferences.show_passwords then
        added:add(named.password, range_of(place, each), text(password)):set_generated()
      end
    else
      add(added, place, each)
    end
  end
end

local function add_header(item, place, node, m)
  for _, each in ipairs(node) do
    if each.type.inline then
      add_header(item, place, each, m)
    elseif each.name == "credential" or each.name == "verifier" then
      add_credential(item, place, each, m)
    elseif each.name == "program" then
      local added = add_leaf(item, place, each)
      if m.known then
        added:append_text(" (" .. m.known.name .. ")")
      end
    elseif each.name == "procedure" then
      add_leaf(item, place, each):set_text(procedure_line(m))
    else
      add(item, place, each)
    end
  end
end

-- Seconds as Wireshark's time; both parts of a negative one are negative.
local function interval(seconds)
  local nanoseconds = math.floor(seconds * 1000000000 + 0.5)
  local whole = math.floor(math.abs(nanoseconds) / 1000000000)
  if nanoseconds < 0 then
    whole = -whole
  end
  return NSTime.new(whole, math.floor(nanoseconds - whole * 1000000000))
end

local function add_links(item, named, shown)
  local entry = shown.entry
  if entry then
    local answered = shown.first or entry
    if shown.first then
      item:add(named.retransmission_of, shown.first.frame):set_generated()
    end
    if answered.reply_frame then
      item:add(named.reply_frame, answered.reply_frame):set_generated()
    end
  elseif shown.call then
    item:add(named.call_frame, shown.call.frame):set_generated()
    item:add(named.time, interval(shown.time - shown.call.time)):set_generated()
  end
  if shown.parts > 1 then
    for _, frame in ipairs(shown.frames) do
      item:add(named.segment, frame):set_generated()
    end
  end
end

-- Show a message: its line for the info column, and whether it belongs there. source: the bytes that the frame
-- itself has them in, or nil.
local function show(tree, shown, source, late)
  local tvb, base = source, shown.place
  if shown.data then
    tvb, base = ByteArray.new(shown.data, true):tvb("NetInfo message"), 0
  elseif not tvb then
    return nil
  end
  local m = message.read_header(tvb:range(base, shown.size):raw(), shown.whole)
  message.read_body(m, shown.call)
  local prefix = shown.prefix
  local named = fields.named[prefix]
  local place = { tvb = tvb, base = base, prefix = prefix }
  local info = lines.of_message(m, shown)
  local range = tvb:range(base, shown.size)
  local item = tree:add(fields.protocols[prefix], range, cut(info, MOST_INFO))
  if late then
    item:add(named.message_frame, shown.frame):set_generated()
  end
  item:add(named.length, shown.size):set_generated()
  item:add(named.fragments, shown.fragments):set_generated()
  add_links(item, named, shown)
  add_header(item, place, m.header, m)
  if not m.is_call and shown.call and shown.call.procedure then
    add_called(item, place, shown.call)
  end
  local inner_shown = false
  if m.body then
    for _, each in ipairs(m.body) do
      local holds = m.inner and (each.name == "arguments" or each.name == "result")
      if holds and add_inner(item, place, m) then
        inner_shown = true
      else
        add(item, place, each)
      end
    end
    add_directory_names(item, place, m.body)
  end
  for each in pairs(shown.found) do
    m.found[each] = true
  end
  for _, each in ipairs(tables.anomalies) do
    if m.found[each.id] then
      local added = item:add(named.anomaly, each.id)
      added:set_generated()
      added:add_proto_expert_info(fields.experts[prefix][each.id], each.meaning)
    end
  end
  if m.room.cut then
    item:add(range, "More values than can be shown follow")
  end
  local inner_prefix = inner_shown and tables.prefixes[m.inner.program]
  return info, OURS[prefix] and prefix or OURS[inner_prefix] and inner_prefix or nil
end

-- Say in a frame that it holds a part of a record whose message another frame shows.
local function show_part(tree, record)
  local shown = record.shown
  local item = tree:add(fields.protocols[shown.prefix], "Part of the message in frame " .. shown.frame)
  item:add(fields.named[shown.prefix].message_frame, shown.frame):set_generated()
  return "part of the message in frame " .. shown.frame, OURS[shown.prefix] and shown.prefix or nil
end

return { show = show, show_part = show_part, MOST_INFO = MOST_INFO }
end)()

local packets = (function()
-- Frames -> what is shown in each. A frame is worked on once, when it is first seen with its fields.
--
-- The fields of Wireshark's UDP and TCP dissectors say where the headers stand; the rest is read from the bytes. So it
-- makes no difference which dissector takes the ports for its own.
local u32, u16 = words.u32, words.u16

local field = {
  udp = Field.new("udp.srcport"),
  udp_length = Field.new("udp.length"),
  tcp = Field.new("tcp.srcport"),
  tcp_length = Field.new("tcp.len"),
  tcp_stream = Field.new("tcp.stream"),
  ip = Field.new("ip.src"),
  ip_target = Field.new("ip.dst"),
  ip6 = Field.new("ipv6.src"),
  ip6_target = Field.new("ipv6.dst"),
  icmp = Field.new("icmp.type"),
  icmp6 = Field.new("icmpv6.type"),
}

local STILL_CAPTURING = 5 -- seconds; frames that are older come from a file, or the capture rests

local latest = 0 -- time of the latest frame
local claimed = false -- the frame is decoded as NetInfo by the user's wish

-- The innermost addresses of a frame, as bytes.
local function addresses()
  local four, six = { field.ip() }, { field.ip6() }
  local last4, last6 = four[#four], six[#six]
  if last4 and (not last6 or last4.offset > last6.offset) then
    local targets = { field.ip_target() }
    return last4.range:raw(), targets[#targets].range:raw()
  elseif last6 then
    local targets = { field.ip6_target() }
    return last6.range:raw(), targets[#targets].range:raw()
  end
  return "", ""
end

local function datagram(pinfo, header, size, index)
  local source = header.source
  local from = header.offset + 8
  local stop = math.min(header.offset + size, source:len())
  if stop - from < 8 then
    return
  end
  -- Most traffic is told apart by its first bytes.
  local head = source:range(from, 8):raw()
  if u32(head, 4) > 1 then
    return
  end
  local data = source:range(from, stop - from):raw()
  local ports = source:range(header.offset, 4):raw()
  local flow = { transport = "udp", source_port = u16(ports, 0), target_port = u16(ports, 2) }
  flow.source, flow.target = addresses()
  if claimed then
    interest.learn("udp", flow.target, flow.target_port)
  end
  found.take(flow, {
    data = data,
    frame = pinfo.number,
    header = index,
    place = from,
    whole = stop == header.offset + size,
    fragments = 1,
    parts = 1,
    frames = { pinfo.number },
  })
end

local function segment(pinfo, header, size, stream, index)
  local source, at = header.source, header.offset
  if source:len() < at + 20 then
    return {}
  end
  local head = source:range(at, 20):raw()
  local from = at + math.floor(string.byte(head, 13) / 16) * 4
  local stop = math.min(from + size, source:len())
  local data = stop > from and source:range(from, stop - from):raw() or ""
  local flow = { transport = "tcp", stream = stream, source_port = u16(head, 0), target_port = u16(head, 2) }
  flow.source, flow.target = addresses()
  return connections.segment(flow, pinfo.number, index, head, data, from, claimed)
end

-- The fields of a frame, once: headers of UDP and TCP that ICMP does not quote.
local function headers(of_each)
  local listed = {}
  local quoting = field.icmp() or field.icmp6()
  for index, each in ipairs({ of_each() }) do
    if not quoting or each.offset < quoting.offset then
      listed[#listed + 1] = { index = index, offset = each.offset, source = each.source }
    end
  end
  return listed
end

-- The value of a field that belongs to a header: the first that stands in it.
local function of_header(of_each, header)
  for _, each in ipairs({ of_each() }) do
    if each.offset >= header.offset and each.offset < header.offset + 20 then
      return each.value
    end
  end
  return nil
end

-- The tops of the UDP or TCP headers of a frame, for what is shown in place.
local function source_of(shown)
  for _, each in ipairs(headers(shown.tcp and field.tcp or field.udp)) do
    if each.index == shown.header then
      return each.source
    end
  end
  return nil
end

-- Work on a frame. Gives what is shown in it (nil for nothing), and of earlier frames what was only now understood.
local function frame(pinfo)
  local number = pinfo.number
  local late = {}
  if found.is_known(number) then
    if pinfo.visited and math.abs(os.time() - latest) > STILL_CAPTURING then
      connections.conclude()
    end
  else
    latest = pinfo.abs_ts
    for _, each in ipairs(headers(field.udp)) do
      found.begin(number, pinfo.rel_ts)
      local size = of_header(field.udp_length, each)
      if size then
        datagram(pinfo, each, size, each.index)
      end
    end
    for _, each in ipairs(headers(field.tcp)) do
      found.begin(number, pinfo.rel_ts)
      local size, stream = of_header(field.tcp_length, each), of_header(field.tcp_stream, each)
      if size and stream then
        for _, shown in ipairs(segment(pinfo, each, size, stream, each.index)) do
          late[#late + 1] = shown
        end
      end
    end
  end
  claimed = false
  return found.shown_in(number), late
end

-- The frame that is being dissected is NetInfo's, because the user says so.
local function claim()
  claimed = true
end

return { frame = frame, claim = claim, source_of = source_of }
end)()

-- The script's part in Wireshark: a post-dissector, which sees every frame once Wireshark's own dissectors are done.
local MOST_LINES = 20 -- of the messages in a frame, in the info column

local names = {}
for _, row in ipairs(tables.protocols) do
  names[row.prefix] = row.name
end

local post = Proto("netinfo_post", "NetInfo and nibind, after all other dissectors")

function post.dissector(_, pinfo, tree)
  local here, late = packets.frame(pinfo)
  local said, protocol = {}, nil
  local function column(line, prefix)
    if line and prefix and #said < MOST_LINES then
      said[#said + 1] = line
      protocol = protocol or names[prefix]
    end
  end
  if here then
    for _, shown in ipairs(here.messages) do
      column(show.show(tree, shown, not shown.data and packets.source_of(shown) or nil, false))
    end
    for _, record in ipairs(here.parts) do
      if record.shown and record.shown.placed and record.frame ~= pinfo.number then
        local line, prefix = show.show_part(tree, record)
        if #said == 0 then
          column(line, prefix)
        end
      end
    end
  end
  for _, shown in ipairs(late) do
    column(show.show(tree, shown, nil, true))
  end
  if protocol then
    pinfo.cols.protocol = protocol
    pinfo.cols.info:clear_fence()
    pinfo.cols.info = words.cut(table.concat(said, " | "), show.MOST_INFO)
  end
end

local netinfo = fields.protocols.netinfo

-- "Decode As" only says that a port is NetInfo's.
function netinfo.dissector(tvb)
  packets.claim()
  return tvb:len()
end

function netinfo.prefs_changed()
  interest.give(fields.preferences.ports)
end

function netinfo.init()
  found.forget_all()
  connections.forget_all()
  interest.give(fields.preferences.ports)
end

DissectorTable.get("tcp.port"):add_for_decode_as(netinfo)
DissectorTable.get("udp.port"):add_for_decode_as(netinfo)
register_postdissector(post)
