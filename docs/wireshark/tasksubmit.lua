-- Wireshark dissector for the task-submission protocol, TCP port 1003. The clauses are those of docs/protocol.md.
--
--   tshark -X lua_script:tasksubmit.lua -r capture.pcapng -Y tasksubmit
--
-- For Wireshark, copy the file into the folder of personal Lua plugins (Help, About, Folders). It needs version 4.0 or later.
-- Frames on other ports are recognised by their header and the first byte of their payload.
--
-- Filters: tasksubmit.type, tasksubmit.length, tasksubmit.message, the name of each field of a message such as tasksubmit.status
-- and tasksubmit.task_id, and tasksubmit.illegal, the clauses that a frame breaks.

local CAP = 16777216 -- F2, inclusive
local HEADER = 8 -- bytes
local MAX_DEPTH = 10000 -- M11, inclusive
local SHOWN_DEPTH = 64 -- nesting that the dissector of JSON is given

local TYPES = { [1] = "SUBMIT", [2] = "RESULT", [3] = "STATUS_UPDATE", [4] = "SEND_RESULTS" }

-- For each message its fields: name, kind, most bytes (inclusive) and the clause that says so.
local MESSAGES = {
  SubmitRequest = {
    { "task_id", "string" },
    { "task_description", "string", 16384, "S5" },
    { "from_addr", "string" },
    { "to_addr", "string" },
  },
  SubmitResponse = {
    { "task_id", "string" },
    { "status", "integer" },
    { "message", "string" },
  },
  TaskResult = {
    { "task_description", "string" },
    { "status", "string" },
    { "result", "any" },
    { "error", "string" },
    { "timestamp", "string" },
  },
  TaskStatusUpdate = {
    { "task_id", "string" },
    { "status", "string" },
    { "justification", "string", 4096, "U4" },
  },
  TaskResultMessage = {
    { "task_id", "string" },
    { "result_type", "string" },
    { "result_text", "string", 1048576, "R2" },
    { "filename", "string", 256, "R2" },
    { "file_data", "base64", 15728640, "R2" },
    { "completed_at", "string" },
    { "time_idle_ms", "integer" },
    { "time_staged_ms", "integer" },
    { "time_cpu_ms", "integer" },
  },
}
local MESSAGE_OF_TYPE = { [2] = "TaskResult", [3] = "TaskStatusUpdate", [4] = "TaskResultMessage" }

local STATES = {} -- L1
for state in ("NEW ACCEPTED DECLINED EXECUTING COMPLETED SUCCEEDED CANCELLED EXPIRED"):gmatch("%S+") do
  STATES[state] = true
end

local ALLOWED = {} -- R4
for extension in
  (".md .txt .rtf .docx .pdf .pptx .pth .pt .onnx .h5 .pb .ckpt .safetensors .bin .csv .parquet .xlsx .xls "
    .. ".jpg .jpeg .png .svg .gif .webp"):gmatch("%S+")
do
  ALLOWED[extension] = true
end

-- JSON ---------------------------------------------------------------------------------------------------------------------
-- A strict reader (M6): it finds where each member of the outermost object is, and does not recurse.

local function skip_space(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

-- The place after the string that begins at `at`; nil if it is malformed.
local function skip_string(text, at)
  if text:sub(at, at) ~= '"' then return nil end
  at = at + 1
  while true do
    at = text:find('["\\\0-\31]', at)
    if at == nil then return nil end
    local found = text:sub(at, at)
    if found == '"' then return at + 1 end
    if found ~= "\\" then return nil end
    if text:find('^["\\/bfnrt]', at + 1) then
      at = at + 2
    elseif text:find("^u%x%x%x%x", at + 1) then
      at = at + 6
    else
      return nil
    end
  end
end

local function skip_number(text, at)
  local from = text:match("^%-?()", at)
  local after = text:match("^0()", from) or text:match("^[1-9]%d*()", from)
  if after == nil then return nil end
  if text:find("^%.", after) then
    after = text:match("^%.%d+()", after)
    if after == nil then return nil end
  end
  if text:find("^[eE]", after) then after = text:match("^[eE][+-]?%d+()", after) end
  return after
end

local function skip_scalar(text, at)
  if text:find('^"', at) then return skip_string(text, at), "string" end
  for _, word in ipairs({ "true", "false", "null" }) do
    if text:sub(at, at + #word - 1) == word then
      return at + #word, word == "null" and "null" or "boolean"
    end
  end
  return skip_number(text, at), "number"
end

-- A value of any kind: the place after it, its kind, and how deep containers are nested in it. Nil if it is malformed.
local function skip_value(text, at)
  local open = {} -- the closing brackets that are missing
  local deepest = 0
  local kind
  local wants = "value"
  while true do
    at = skip_space(text, at)
    local found = text:sub(at, at)
    if wants == "value" and (found == "{" or found == "[") then
      kind = kind or (found == "{" and "object" or "array")
      open[#open + 1] = found == "{" and "}" or "]"
      deepest = math.max(deepest, #open)
      at = skip_space(text, at + 1)
      if text:sub(at, at) == open[#open] then
        wants = "end"
      else
        wants = found == "{" and "name" or "value"
      end
    elseif wants == "value" then
      local scalar
      at, scalar = skip_scalar(text, at)
      if at == nil then return nil end
      kind = kind or scalar
      wants = "end"
    elseif wants == "name" then
      at = skip_string(text, at)
      if at == nil then return nil end
      at = skip_space(text, at)
      if text:sub(at, at) ~= ":" then return nil end
      at = at + 1
      wants = "value"
    elseif found == "," then
      at = at + 1
      wants = open[#open] == "}" and "name" or "value"
    elseif found == open[#open] then
      open[#open] = nil
      at = at + 1
    else
      return nil
    end
    if wants == "end" and #open == 0 then return at, kind, deepest end
  end
end

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function utf8_of(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xc0 + math.floor(code / 64), 0x80 + code % 64) end
  if code >= 0xd800 and code < 0xe000 then code = 0xfffd end
  if code < 0x10000 then
    return string.char(0xe0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(
    0xf0 + math.floor(code / 262144),
    0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64,
    0x80 + code % 64
  )
end

-- The value of a string in UTF-8, from the text between its quotes.
local function unescaped(inner)
  local parts, at = {}, 1
  while true do
    local slash = inner:find("\\", at, true)
    if slash == nil then break end
    parts[#parts + 1] = inner:sub(at, slash - 1)
    local code = inner:match("^u(%x%x%x%x)", slash + 1)
    local high = inner:match("^u([dD][89abAB]%x%x)", slash + 1)
    local low = high and inner:match("^\\u([dD][c-fC-F]%x%x)", slash + 6)
    if low then
      local value = 0x10000 + (tonumber(high, 16) - 0xd800) * 1024 + tonumber(low, 16) - 0xdc00
      parts[#parts + 1] = utf8_of(value)
      at = slash + 12
    elseif code then
      parts[#parts + 1] = utf8_of(tonumber(code, 16))
      at = slash + 6
    else
      local letter = inner:sub(slash + 1, slash + 1)
      parts[#parts + 1] = ESCAPES[letter] or letter
      at = slash + 2
    end
  end
  return #parts == 0 and inner or table.concat(parts) .. inner:sub(at)
end

-- The members of the outermost object, by name, the last one of each name: kind, text, and where the text begins. Nil if there is
-- no object. Then the clause that the payload breaks, and why; and how deep it is nested.
local function read_object(text)
  if text == "" then return nil, "F8", "an empty payload is no JSON", 0 end
  local at = skip_space(text, 1)
  local after, kind, depth = skip_value(text, at)
  if after == nil then return nil, "M6", "the payload is no JSON", 0 end
  if kind ~= "object" and kind ~= "null" then return nil, "M6", "the payload is no JSON object", depth end
  local clause, words
  if depth > MAX_DEPTH then clause, words = "M11", depth .. " levels of nesting" end
  if skip_space(text, after) <= #text then clause, words = "M5", "something follows the JSON value" end
  local members = {}
  if kind == "null" then return members, clause, words, 0 end
  at = skip_space(text, at + 1)
  while text:sub(at, at) ~= "}" do
    local colon = skip_string(text, at)
    local name = unescaped(text:sub(at + 1, colon - 2))
    local from = skip_space(text, skip_space(text, colon) + 1)
    local to, member_kind = skip_value(text, from)
    members[name] = { kind = member_kind, text = text:sub(from, to - 1), from = from }
    at = skip_space(text, to)
    if text:sub(at, at) == "," then at = skip_space(text, at + 1) end
  end
  return members, clause, words, depth
end

-- Messages -----------------------------------------------------------------------------------------------------------------

local function base64_bytes(value)
  local letters = value:gsub("[\r\n]", "")
  if #letters % 4 ~= 0 or not letters:find("^[A-Za-z0-9+/]*=?=?$") then return nil end
  return #letters / 4 * 3 - #letters:match("=*$")
end

-- The value of a field, its size in bytes, and what is illegal: clause and words.
local function read_field(kind, member)
  if member.kind == "null" then return nil, 0 end -- M3
  if kind == "any" then return member.text, #member.text end
  if kind == "integer" then
    if member.kind ~= "number" then return nil, 0, "M4", "a " .. member.kind .. " in place of an integer" end
    local digits = member.text:match("^%-?(%d+)$")
    local most = member.text:sub(1, 1) == "-" and "9223372036854775808" or "9223372036854775807"
    if digits == nil then return nil, 0, "M9", "not written as an integer" end
    if #digits > 19 or (#digits == 19 and digits > most) then return nil, 0, "M9", "beyond 64 bits" end
    return member.text, #member.text
  end
  if kind == "base64" and member.kind == "array" then return member.text, 0 end -- M10
  if member.kind ~= "string" then return nil, 0, "M4", "a " .. member.kind .. " in place of a string" end
  local value = unescaped(member.text:sub(2, -2))
  if kind == "string" then return value, #value end
  local bytes = base64_bytes(value)
  if bytes == nil then return nil, 0, "M10", "not standard base64 with padding" end
  return value, bytes
end

local function is_path(name)
  return name:find("[/\\%z:]") ~= nil or name == "." or name == ".."
end

-- What a value breaks, although its type is legal: clause and words.
local RULES = {
  ["SubmitResponse.status"] = function(value)
    if value ~= "200" and value ~= "400" then return "S2", "neither 200 nor 400" end
  end,
  ["TaskStatusUpdate.status"] = function(value)
    if not STATES[value] then return "U2", "no state of a task" end
  end,
  ["TaskResultMessage.filename"] = function(value)
    if value == "" then return end
    if is_path(value) then return "R5", "a path" end
    local extension = value:match("%.[^.]*$")
    if not (extension and ALLOWED[extension:lower()]) then return "R4", "an extension that is not allowed" end
  end,
}

-- The dissector ------------------------------------------------------------------------------------------------------------

local tasksubmit = Proto("tasksubmit", "Task submission protocol")
local fields = {
  type = ProtoField.uint32("tasksubmit.type", "Type", base.DEC, TYPES),
  length = ProtoField.uint32("tasksubmit.length", "Length", base.DEC),
  payload = ProtoField.bytes("tasksubmit.payload", "Payload"),
  message = ProtoField.string("tasksubmit.message", "Message"),
  illegal = ProtoField.string("tasksubmit.illegal", "Illegal by clause"),
  response_to = ProtoField.framenum("tasksubmit.response_to", "Response to", base.NONE, frametype.REQUEST),
  response_in = ProtoField.framenum("tasksubmit.response_in", "Response in", base.NONE, frametype.RESPONSE),
  response_time = ProtoField.relative_time("tasksubmit.response_time", "Time to the response"),
  previous = ProtoField.framenum("tasksubmit.previous", "Previous message of this task"),
}
-- A field of a message has the name that it has on the wire. `message` is the name of the message, so the text of an answer is
-- tasksubmit.answer.
local FIELD_OF = {}
for _, rows in pairs(MESSAGES) do
  for _, row in ipairs(rows) do
    local name = row[1]
    local short = name == "message" and "answer" or name
    if FIELD_OF[name] == nil then
      FIELD_OF[name] = ProtoField.string("tasksubmit." .. short, name)
      fields["field_" .. name] = FIELD_OF[name]
    end
  end
end
tasksubmit.fields = fields

local illegal = ProtoExpert.new("tasksubmit.expert.illegal", "Illegal", expert.group.PROTOCOL, expert.severity.ERROR)
local unread = ProtoExpert.new("tasksubmit.expert.unread", "Not read", expert.group.PROTOCOL, expert.severity.WARN)
tasksubmit.experts = { illegal, unread }

tasksubmit.prefs.ports = Pref.range("TCP ports", "1003", "Ports on which a receiver listens", 65535)

local tcp_stream = Field.new("tcp.stream")
local tcp_fin = Field.new("tcp.flags.fin")
local tcp_reset = Field.new("tcp.flags.reset")

-- What was seen in the first pass over the packets. The keys are numbers of packets, or a stream and the port of a sender.
local seen

function tasksubmit.init()
  seen = {
    over_cap = {}, -- by direction: the packet with a length over the cap, after which nothing can be read
    pending = {}, -- by direction: the beginning of a frame that is not complete
    truncated = {}, -- by packet: the same, if the stream ends there
    request = {}, -- by stream: the last SUBMIT
    response = {}, -- by packet of a SUBMIT: its answer
    request_of = {}, -- by packet of an answer: its SUBMIT
    last = {}, -- by task id: the last packet
    previous = {}, -- by packet and task id: the packet before
  }
end

local function stream_of()
  local field = tcp_stream()
  return field and tostring(field.value) or "?"
end

-- Text of the traffic for a column: controls are replaced.
local function shown(text, limit)
  local short = #text > limit and text:sub(1, limit) .. "..." or text
  return (short:gsub("[%c\127]", "?"))
end

local function mark(tree, range, clause, words)
  tree:add(fields.illegal, range, clause):set_generated()
  tree:add_proto_expert_info(illegal, clause .. ": " .. words)
end

local function add_type(tree, range)
  local number = range:uint()
  local item = tree:add(fields.type, range)
  if TYPES[number] then return number end
  local swapped = range:le_uint()
  if TYPES[swapped] then
    mark(item, range, "F1", "in little-endian order it is " .. swapped .. "; a header is big-endian")
  elseif TYPES[number % 256] then
    mark(item, range, "F6", "unknown; all 32 bits of the type count")
  else
    mark(item, range, "F7", "unknown; the types are 1 to 4")
  end
  return number
end

local function message_of(number, members, pinfo)
  if number ~= 1 then
    local is_answer = number == 2 and members.status and members.status.kind == "number"
    return is_answer and "SubmitResponse" or MESSAGE_OF_TYPE[number]
  end
  if members.task_description or members.from_addr then return "SubmitRequest" end
  if members.status or members.message then return "SubmitResponse" end
  return pinfo.src_port < pinfo.dst_port and "SubmitResponse" or "SubmitRequest"
end

-- Links a message to the others of its exchange and of its task.
local function link(pinfo, tree, name, task_id)
  local packet, stream = pinfo.number, stream_of()
  if not pinfo.visited then
    if name == "SubmitRequest" then seen.request[stream] = { packet = packet, at = pinfo.abs_ts } end
    if name == "SubmitResponse" and seen.request[stream] then
      local request = seen.request[stream]
      seen.request_of[packet] = request
      seen.response[request.packet] = { packet = packet, at = pinfo.abs_ts }
      seen.request[stream] = nil
    end
    if task_id and seen.last[task_id] ~= packet then
      seen.previous[packet .. " " .. task_id] = seen.last[task_id]
      seen.last[task_id] = packet
    end
  end
  local request = name == "SubmitResponse" and seen.request_of[packet]
  if request then
    tree:add(fields.response_to, request.packet):set_generated()
    local seconds = pinfo.abs_ts - request.at
    tree:add(fields.response_time, NSTime.new(math.floor(seconds), math.floor(seconds % 1 * 1e9))):set_generated()
  end
  local response = name == "SubmitRequest" and seen.response[packet]
  if response then tree:add(fields.response_in, response.packet):set_generated() end
  local previous = task_id and seen.previous[packet .. " " .. task_id]
  if previous then tree:add(fields.previous, previous):set_generated() end
end

local function add_fields(name, members, tree, payload)
  local values = {}
  for _, row in ipairs(MESSAGES[name]) do
    local field, kind, most, clause = row[1], row[2], row[3], row[4]
    local member = members[field]
    if member then
      local range = payload(member.from - 1, #member.text)
      local value, bytes, broken, words = read_field(kind, member)
      local item = tree:add(FIELD_OF[field], range, value or member.text)
      values[field] = value
      if broken == nil and most and bytes > most then
        broken, words = clause, bytes .. " bytes, more than " .. most
      end
      if broken == nil and value and RULES[name .. "." .. field] then
        broken, words = RULES[name .. "." .. field](value)
      end
      if broken then mark(item, range, broken, field .. " is " .. words) end
    end
  end
  return values
end

local function add_payload(number, payload, pinfo, tree)
  local item = tree:add(fields.payload, payload)
  local text = payload:raw()
  if TYPES[number] == nil then return "UNKNOWN(" .. number .. ")" end
  local members, broken, why, depth = read_object(text)
  if broken then mark(item, payload, broken, why) end
  if members == nil then return TYPES[number] .. ", malformed" end
  local name = message_of(number, members, pinfo)
  tree:add(fields.message, name):set_generated()
  local values = add_fields(name, members, tree, payload)
  link(pinfo, tree, name, values.task_id)
  if broken == nil and depth <= SHOWN_DEPTH then Dissector.get("json"):call(payload:tvb(), pinfo, tree) end
  local parts = { name }
  if values.status then parts[#parts + 1] = shown(values.status, 16) end
  if values.task_id then parts[#parts + 1] = shown(values.task_id, 64) end
  return table.concat(parts, " ")
end

-- A complete frame. Returns its words for the column.
local function add_frame(range, pinfo, tree)
  local subtree = tree:add(tasksubmit, range)
  local number = add_type(subtree, range(0, 4))
  subtree:add(fields.length, range(4, 4))
  local words
  if range:len() == HEADER then
    words = add_payload(number, range(0, 0), pinfo, subtree)
  else
    words = add_payload(number, range(HEADER), pinfo, subtree)
  end
  subtree:append_text(", " .. words)
  return words
end

-- A header over the cap: a receiver closes without reading the payload, and where a next frame begins is unknown.
local function add_over_cap(range, pinfo, tree)
  local subtree = tree:add(tasksubmit, range)
  add_type(subtree, range(0, 4))
  local length = range(4, 4)
  local item = subtree:add(fields.length, length)
  local hint = length:le_uint() <= CAP and "; in little-endian order it is " .. length:le_uint() or ""
  mark(item, length, "F2", length:uint() .. " is over the cap of " .. CAP .. hint)
  subtree:append_text(", length over the cap")
end

local function wait_for(more, offset, have, key, range, pinfo)
  pinfo.desegment_offset = offset
  pinfo.desegment_len = more
  if not pinfo.visited then seen.pending[key] = { have = have, header = range } end
end

function tasksubmit.dissector(tvb, pinfo, tree)
  if tvb:len() == 0 then return 0 end
  pinfo.cols.protocol = "TASKSUBMIT"
  local key = stream_of() .. " " .. pinfo.src_port
  if seen.over_cap[key] and seen.over_cap[key] < pinfo.number then
    local rest = tree:add(tasksubmit, tvb())
    rest:add(fields.payload, tvb())
    rest:add_proto_expert_info(unread, "follows a length over the cap")
    return tvb:len()
  end
  local words = {}
  local offset = 0
  while offset < tvb:len() do
    local left = tvb:len() - offset
    if left < HEADER then
      wait_for(DESEGMENT_ONE_MORE_SEGMENT, offset, left, key, tvb:bytes(offset, left), pinfo)
      return tvb:len()
    end
    local length = tvb(offset + 4, 4):uint()
    if length > CAP then
      if not pinfo.visited then seen.over_cap[key] = pinfo.number end
      add_over_cap(tvb(offset), pinfo, tree)
      words[#words + 1] = "length over the cap"
      break
    end
    if left < HEADER + length then
      wait_for(HEADER + length - left, offset, left, key, tvb:bytes(offset, HEADER), pinfo)
      return tvb:len()
    end
    words[#words + 1] = add_frame(tvb(offset, HEADER + length), pinfo, tree)
    offset = offset + HEADER + length
  end
  if not pinfo.visited then seen.pending[key] = nil end
  pinfo.cols.info:set(table.concat(words, " | "))
  pinfo.cols.info:fence()
  return tvb:len()
end

-- A stream that ends within a frame (F4) is seen only where it ends.
local truncation = Proto("tasksubmit_truncation", "Task submission protocol, truncated")

function truncation.dissector(tvb, pinfo, tree)
  local fin, reset = tcp_fin(), tcp_reset()
  if not ((fin and fin.value) or (reset and reset.value)) then return end
  if not pinfo.visited then
    local key = stream_of() .. " " .. pinfo.src_port
    seen.truncated[pinfo.number] = seen.pending[key]
    seen.pending[key] = nil
  end
  local frame = seen.truncated[pinfo.number]
  if frame == nil then return end
  local subtree = tree:add(tasksubmit, tvb(0, 0))
  local header = frame.header:tvb("Header of the truncated frame")
  if header:len() >= 4 then add_type(subtree, header(0, 4)) end
  if header:len() == HEADER then subtree:add(fields.length, header(4, 4)) end
  mark(subtree, tvb(0, 0), "F4", "the stream ends after " .. frame.have .. " bytes of a frame")
  subtree:append_text(", truncated")
end

register_postdissector(truncation)

-- Registration -------------------------------------------------------------------------------------------------------------

local registered

local function register_ports()
  local ports = DissectorTable.get("tcp.port")
  if registered then ports:remove(registered, tasksubmit) end
  registered = tasksubmit.prefs.ports
  ports:add(registered, tasksubmit)
end

function tasksubmit.prefs_changed()
  register_ports()
end

register_ports()

-- Other ports: a known type, a length under the cap, and the beginning of an object.
tasksubmit:register_heuristic("tcp", function(tvb, pinfo, tree)
  if tvb:len() < HEADER + 1 then return false end
  if TYPES[tvb(0, 4):uint()] == nil or tvb(4, 4):uint() > CAP or tvb(HEADER, 1):uint() ~= 0x7b then return false end
  pinfo.conversation = tasksubmit
  tasksubmit.dissector(tvb, pinfo, tree)
  return true
end)
