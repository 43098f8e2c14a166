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
