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
