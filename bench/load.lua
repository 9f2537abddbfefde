-- What wrk sends, told by variables of the environment, and what it tells at the end: one line that begins with BENCH.
--
--   LOAD_METHOD       GET or POST
--   LOAD_BODY         file with the body of every POST
--   LOAD_CREDENTIALS  file with a header line's value in each line, sent one after the other instead of one that stays
--   LOAD_HEADER       the name of that header
--   LOAD_FIRST, LOAD_LAST   which of them, counted from 1
--   LOAD_START        with which of these to begin, counted from 1 within them (1)
--   LOAD_AGAIN        1: begin again after the last one; else that is counted as a fault
--   LOAD_PATHS        file with a path in each line, sent one after the other
--   LOAD_THINK        milliseconds that a connection waits between answer and next request, on average: exponentially distributed, so
--                     that many connections together make the arrivals of a Poisson process

local function setting(name)
  local value = os.getenv(name)
  if value ~= '' then return value end
end

local function lines(name, first, last)
  local found, number = {}, 0
  for line in io.lines(name) do
    number = number + 1
    if number >= first and number <= last then found[#found + 1] = line end
    if number >= last then break end
  end
  return found
end

local credentials = setting('LOAD_CREDENTIALS')
local paths = setting('LOAD_PATHS')
local think = tonumber(setting('LOAD_THINK') or '')
local threads = {}

used_up = 0

function setup(thread)
  threads[#threads + 1] = thread
  thread:set('seed', #threads)
end

function init()
  math.randomseed(seed)
  wrk.method = setting('LOAD_METHOD')
  if wrk.method == 'POST' then
    local file = assert(io.open(setting('LOAD_BODY'), 'rb'))
    wrk.body = file:read('*a')
    file:close()
  end
  if credentials then prepare_credentials() end
  if paths then prepare_paths() end
end

function prepare_credentials()
  local mark = '@credential@'
  wrk.headers[setting('LOAD_HEADER')] = mark
  local whole = wrk.format()
  local from, to = whole:find(mark, 1, true)
  head, tail = whole:sub(1, from - 1), whole:sub(to + 1)
  list = lines(credentials, tonumber(setting('LOAD_FIRST')), tonumber(setting('LOAD_LAST')))
  again = setting('LOAD_AGAIN') == '1'
  at = tonumber(setting('LOAD_START') or '1') - 1
end

function prepare_paths()
  ready, at = {}, 0
  for number, path in ipairs(lines(paths, 1, math.huge)) do ready[number] = wrk.format(nil, path) end
end

local function next_credential()
  at = at + 1
  if at > #list then
    at = 1
    if not again then used_up = used_up + 1 end
  end
  return head .. list[at] .. tail
end

local function next_path()
  at = at % #ready + 1
  return ready[at]
end

-- With a function of this name wrk asks it for every request; without one it sends the same bytes again and again.
if credentials then request = next_credential elseif paths then request = next_path end

if think then
  function delay()
    local wait = -think * math.log(1 - math.random())
    local whole = math.floor(wait)
    -- wrk waits whole milliseconds.
    return math.random() < wait - whole and whole + 1 or whole
  end
end

function done(summary, latency)
  local again_and_again = 0
  for _, thread in ipairs(threads) do again_and_again = again_and_again + thread:get('used_up') end
  local e = summary.errors
  print(string.format(
    'BENCH {"microseconds":%d,"requests":%d,"bytes":%d,"p50":%d,"p99":%d,"max":%d,'
      .. '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,"usedUp":%d}',
    summary.duration, summary.requests, summary.bytes, latency:percentile(50), latency:percentile(99), latency.max,
    e.connect, e.read, e.write, e.status, e.timeout, again_and_again
  ))
end
