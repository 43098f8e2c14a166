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
