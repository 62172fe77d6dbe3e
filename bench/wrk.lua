-- Requests from a file, in turn: `path TAB token TAB body`, and for changes `TAB id TAB version` too,
-- where the body says @VERSION@. A change is repeated with the version that the last one answered.
local ready, first = {}, 1
local static, threads = {}, {}
local changes = false

local function fields(line)
  local found = {}
  for field in (line .. "\t"):gmatch("(.-)\t") do found[#found + 1] = field end
  return found
end

local function headers(token)
  return { ["content-type"] = "application/json", accept = "application/json", authorization = "Bearer " .. token }
end

function setup(thread)
  thread:set("offset", #threads)
  threads[#threads + 1] = thread
end

function init(arguments)
  changes = arguments[2] == "changes"
  for line in io.lines(arguments[1]) do
    local path, token, body, id, version = unpack(fields(line))
    if changes then
      ready[#ready + 1] = { path = path, token = token, body = body, id = id, version = version }
    else
      static[#static + 1] = wrk.format("POST", path, headers(token), body)
    end
  end
  if not changes then response = nil end
end

local nth = 0
local flying = {}

function request()
  if not changes then
    nth = nth % #static + 1
    return static[nth]
  end
  local act = ready[first]
  ready[first] = nil
  first = first + 1
  flying[act.id] = act
  local body = act.body:gsub("@VERSION@", act.version)
  return wrk.format("POST", act.path, headers(act.token), body)
end

function response(status, _, body)
  local id = body:match('"id"%s*:%s*"([^"]+)"')
  local act = id and flying[id]
  local version = body:match('"version"%s*:%s*"([^"]+)"')
  if status ~= 200 or not act or not version then
    refused = (refused or 0) + 1
    return
  end
  flying[id] = nil
  act.version = version
  ready[#ready + 1] = act
end

function done(summary, latency, _)
  local failed = 0
  for _, thread in ipairs(threads) do failed = failed + (thread:get("refused") or 0) end
  local errors = summary.errors
  io.write(string.format(
    '\n@RESULT {"requests": %d, "microseconds": %d, "bytes": %d, "errors": %d, "p50": %.1f, "p99": %.1f}\n',
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout + failed,
    latency:percentile(50), latency:percentile(99)))
end
