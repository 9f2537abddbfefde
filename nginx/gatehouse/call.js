// From the text of a request body to the call it makes: a strict reader of one JSON-RPC message (RFC 8259, JSON-RPC 2.0, MCP).
// Pure: no request, no nginx. The same file runs in Node, where the tests read it too.
//
// It reads the text itself instead of trusting JSON.parse, because njs accepts texts that other parsers refuse, refuses deep ones that
// they accept, and shows no duplicate keys. Names are read one by one where they matter: in the message and in its params. Everything
// below is only checked, in runs that one regular expression takes at once. A reader can stop and go on, so that a large body does not
// keep an nginx worker from its other connections.
//
// Dialect: what njs 0.7.9 and current njs share. In njs a "$" also matches before a final newline, so nothing here is tested with one.

const MAX_DEPTH = 128
const MAX_PARAMS = 128
const MAX_NAME = 256
const MAX_ID = 256
// Steps are single tokens; a run counts for some. Only a body of many tiny, deeply nested values needs more for the default limit of 1 MB.
const MAX_STEPS = 30000
const RUN_COST = 4

const WINDOW = 512
const STRING_WINDOW = 1024
// Below this a compiled run costs more than it saves.
const RUN_FROM = 2048

const SPACE = /^[ \t\n\r]+/
const STRING = /^"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"/
const CHARACTERS = /^[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*/
const ATOM = /^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)/

// What may come next.
const VALUE = 0
const FIRST_ITEM = 1
const FIRST_KEY = 2
const KEY = 3
const COLON = 4
const AFTER_VALUE = 5
const END = 6

// Depths at which keys are read one by one.
const MESSAGE = 1
const PARAMS = 2

const NAME_MEMBER = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' }

// The patterns of runs: values with up to two levels of containers, and what must follow so that no number is cut in two.
function compileRuns() {
  const ws = '[ \\t\\n\\r]*'
  const string = '"[^"\\\\\\x00-\\x1f]*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\\\\x00-\\x1f]*)*"'
  const whole = '-?(?:0|[1-9][0-9]*)(?![0-9.eE])'
  const number = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?'
  const atom = string + '|' + whole + '|' + number + '|true|false|null'
  function containing(inner) {
    const item = inner + ws
    const member = string + ws + ':' + ws + inner + ws
    return (
      '(?:\\{' +
      ws +
      '(?:' +
      member +
      '(?:,' +
      ws +
      member +
      ')*)?\\}' +
      '|\\[' +
      ws +
      '(?:' +
      item +
      '(?:,' +
      ws +
      item +
      ')*)?\\]|' +
      atom +
      ')'
    )
  }
  const value = containing(containing('(?:' + atom + ')'))
  const member = string + ws + ':' + ws + value
  function run(one, closer) {
    return new RegExp('^' + one + '(?:' + ws + ',' + ws + one + ')*(?=' + ws + '[,' + closer + '])')
  }
  return { items: run(value, '\\]'), members: run(member, '}') }
}

// Begins to read. Give the result to proceed().
function open(text) {
  return {
    text: text,
    at: 0,
    steps: 0,
    expect: VALUE,
    stack: '',
    runs: null,
    key: '',
    names: [],
    raw: {},
    inParams: false,
    refused: '',
    done: false
  }
}

// Goes on for at most `steps` steps. Gives true when the end is reached or the text is refused.
function proceed(reader, steps) {
  const until = reader.steps + steps
  while (!reader.done && reader.refused === '') {
    if (reader.steps >= MAX_STEPS) return refuse(reader, 'body_too_complex')
    if (reader.steps >= until) return false
    reader.steps += 1
    step(reader)
  }
  return true
}

function refuse(reader, reason) {
  reader.refused = reason
  return true
}

function step(reader) {
  const code = reader.text.charCodeAt(reader.at)
  if (code === 32 || code === 10 || code === 13 || code === 9) return take(reader, SPACE)
  if (reader.at >= reader.text.length) {
    if (reader.expect !== END) return refuse(reader, 'json_invalid')
    reader.done = true
    return true
  }
  switch (reader.expect) {
    case FIRST_KEY:
      if (code === 125) return close(reader)
      return readKey(reader, code)
    case KEY:
      return readKey(reader, code)
    case FIRST_ITEM:
      if (code === 93) return close(reader)
      return readValue(reader, code)
    case VALUE:
      return readValue(reader, code)
    case COLON:
      if (code !== 58) return refuse(reader, 'json_invalid')
      reader.at += 1
      reader.expect = VALUE
      return true
    case AFTER_VALUE:
      return readAfterValue(reader, code)
    default:
      return refuse(reader, 'json_invalid')
  }
}

// Takes what matches at the place where the reader stands; gives its text, or '' where nothing matches.
function take(reader, pattern) {
  const found = pattern.exec(reader.text.slice(reader.at, reader.at + WINDOW))
  if (found === null) return ''
  reader.at += found[0].length
  return found[0]
}

function isInside(reader, opener) {
  return reader.stack.charCodeAt(reader.stack.length - 1) === opener
}

// Whether a run was taken. Not where keys are read one by one.
function takeRun(reader, kind) {
  if (reader.stack.length <= PARAMS && (reader.stack.length !== PARAMS || reader.inParams)) return false
  if (reader.text.length < RUN_FROM) return false
  if (reader.runs === null) reader.runs = compileRuns()
  reader.steps += RUN_COST
  if (take(reader, reader.runs[kind]) === '') return false
  reader.expect = AFTER_VALUE
  return true
}

function readKey(reader, code) {
  if (code !== 34) return refuse(reader, 'json_invalid')
  if (takeRun(reader, 'members')) return true
  const token = takeString(reader)
  if (token === null) return refuse(reader, 'json_invalid')
  reader.expect = COLON
  if (reader.stack.length === MESSAGE) return messageKey(reader, token.slice(1, -1))
  if (reader.stack.length === PARAMS && reader.inParams) return paramsKey(reader, token.slice(1, -1))
  return true
}

// A message has these members and no other. An escape could hide one that another parser sees.
function messageKey(reader, key) {
  if (key === 'result' || key === 'error') return refuse(reader, 'response_not_allowed')
  if (key !== 'jsonrpc' && key !== 'id' && key !== 'method' && key !== 'params') return refuse(reader, 'member_unknown')
  if (reader.raw[key] !== undefined) return refuse(reader, 'member_duplicated')
  reader.key = key
  return true
}

// Parsers differ in which of two equal keys counts, and some match keys without regard to case.
function paramsKey(reader, key) {
  if (/[^ -~]|\\/.test(key)) return refuse(reader, 'member_unknown')
  const folded = key.toLowerCase()
  if (key !== folded && (folded === 'name' || folded === 'uri' || folded === 'arguments')) return refuse(reader, 'member_unknown')
  if (reader.names.includes(folded)) return refuse(reader, 'member_duplicated')
  if (reader.names.length >= MAX_PARAMS) return refuse(reader, 'body_too_complex')
  reader.names.push(folded)
  reader.key = 'params.' + key
  return true
}

function readValue(reader, code) {
  if (reader.stack === '' && code !== 123) return refuse(reader, code === 91 ? 'batch_not_allowed' : 'json_invalid')
  if (isInside(reader, 91) && takeRun(reader, 'items')) return true
  if (code === 123 || code === 91) return openContainer(reader, code)
  if (code === 34) {
    const token = takeString(reader)
    if (token === null) return refuse(reader, 'json_invalid')
    return keep(reader, token)
  }
  const atom = take(reader, ATOM)
  if (atom === '' || atom.length >= WINDOW) return refuse(reader, 'json_invalid')
  return keep(reader, atom)
}

// Remembers the text of a value that decides; every other one has only been checked.
function keep(reader, token) {
  reader.expect = AFTER_VALUE
  if (reader.stack.length === MESSAGE || reader.key === 'params.name' || reader.key === 'params.uri') {
    if (reader.stack.length <= PARAMS) reader.raw[reader.key] = token
  }
  return true
}

function openContainer(reader, code) {
  if (reader.stack.length >= MAX_DEPTH) return refuse(reader, 'body_too_deep')
  if (reader.stack.length === MESSAGE) {
    reader.inParams = reader.key === 'params' && code === 123
    if (!reader.inParams) return refuse(reader, reader.key === 'params' ? 'params_not_object' : 'member_invalid')
    reader.raw.params = '{'
  } else if (reader.stack.length === PARAMS && (reader.key === 'params.name' || reader.key === 'params.uri')) {
    return refuse(reader, 'name_invalid')
  }
  reader.stack += code === 123 ? '{' : '['
  reader.at += 1
  reader.expect = code === 123 ? FIRST_KEY : FIRST_ITEM
  return true
}

function close(reader) {
  reader.stack = reader.stack.slice(0, -1)
  reader.at += 1
  reader.expect = reader.stack === '' ? END : AFTER_VALUE
  return true
}

function readAfterValue(reader, code) {
  const inObject = isInside(reader, 123)
  if (code === 44) {
    reader.at += 1
    reader.expect = inObject ? KEY : VALUE
    return true
  }
  if (code === (inObject ? 125 : 93)) return close(reader)
  return refuse(reader, 'json_invalid')
}

// Takes a string of any length; gives its text with quotes, '""' for one that is too long to decide anything, null where it is none.
function takeString(reader) {
  const short = take(reader, STRING)
  if (short !== '') return short
  const start = reader.at
  let at = start + 1
  for (;;) {
    const length = CHARACTERS.exec(reader.text.slice(at, at + STRING_WINDOW))[0].length
    if (length === 0) break
    at += length
  }
  if (reader.text.charCodeAt(at) !== 34) return null
  reader.at = at + 1
  return at - start > 8192 ? '"' + 'x'.repeat(8192) + '"' : reader.text.slice(start, at + 1)
}

// What was read: { method, name, id } with the id as JSON text, '' for a notification; or { refused, id }.
function result(reader) {
  const id = idOf(reader.raw.id)
  if (reader.refused !== '') return { refused: reader.refused, id: id || '' }
  const reason = problemOf(reader, id)
  if (reason !== '') return { refused: reason, id: id || '' }
  const method = reader.raw.method.slice(1, -1).replace(/\\\//g, '/')
  const member = NAME_MEMBER[method]
  if (/[^A-Za-z0-9_.$/-]/.test(method) || method.length > MAX_NAME || method === '') return { refused: 'method_invalid', id: id }
  if (typeof member !== 'string') return { method: method, name: null, id: id }
  const name = nameOf(reader.raw['params.' + member])
  return name === null ? { refused: 'name_invalid', id: id } : { method: method, name: name, id: id }
}

function problemOf(reader, id) {
  if (reader.raw.jsonrpc !== '"2.0"') return 'jsonrpc_invalid'
  if (id === null) return 'id_invalid'
  if (reader.raw.params !== undefined && reader.raw.params !== '{') return 'params_not_object'
  const method = reader.raw.method
  return method === undefined || method.charCodeAt(0) !== 34 ? 'method_invalid' : ''
}

// MCP: an id is a string or an integer, never null.
function idOf(token) {
  if (token === undefined) return ''
  if (token.length > MAX_ID) return null
  return token.charCodeAt(0) === 34 || !/[^0-9-]/.test(token) ? token : null
}

// The value of a name's token, or null when it is none to decide on. Counted in code points, which njs and Node agree on.
function nameOf(token) {
  if (token === undefined || token.charCodeAt(0) !== 34 || token.length > 12 * MAX_NAME + 2) return null
  const surrogates = token.replace(/\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/g, '')
  if (/\\u[dD][89a-fA-F]/.test(surrogates)) return null
  const name = JSON.parse(token)
  if (name === '' || /[\x00-\x1f\x7f-\x9f]/.test(name)) return null
  const points = encodeURIComponent(name)
    .replace(/%[89AB][0-9A-F]/g, '')
    .replace(/%[0-9A-F][0-9A-F]/g, 'x').length
  return points > MAX_NAME ? null : name
}

// Reads a whole text at once.
function parse(text) {
  const reader = open(text)
  proceed(reader, MAX_STEPS + 1)
  return result(reader)
}

// Whether the headers that repeat the body say the same (MCP 2026-07-28, Streamable HTTP): '' or the reason why not.
// Values are as received, undefined where a header is missing.
function mirrorProblem(call, version, methodHeader, nameHeader) {
  const mirrored = version !== undefined && /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(version) && version >= '2026-07-28'
  if (methodHeader === undefined ? mirrored : methodHeader !== call.method) return 'header_mismatch'
  if (call.name === null) return ''
  if (nameHeader === undefined) return mirrored ? 'header_mismatch' : ''
  const encoded = '=?base64?' + Buffer.from(call.name).toString('base64') + '?='
  const plain = !/[^ -~]/.test(call.name) && !call.name.startsWith('=?base64?')
  return nameHeader === encoded || (plain && nameHeader === call.name) ? '' : 'header_mismatch'
}

// The word to look for in the set of what a caller may do, and the wildcard that does as well.
function tokens(call) {
  if (call.name === null) return [call.method, '*']
  return [call.method + '=' + encodeURIComponent(call.name), call.method + '=*']
}

export default { parse, open, proceed, result, mirrorProblem, tokens }
