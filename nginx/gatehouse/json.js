// A strict JSON reader (RFC 8259) that keeps nothing: it checks a text, and shows somebody else what they watch of it.
// Pure: no request, no nginx. The same file runs in Node, where the tests read it too.
//
// njs has JSON.parse, but it accepts texts that other parsers refuse, refuses deep ones that they accept, and shows no duplicate keys.
// Here names and values are read one by one where they are watched; everything else is only checked, in runs that one regular expression
// takes at once. A reader can stop and go on, so that a large text does not keep an nginx worker from its other connections.
//
// Dialect: what njs 0.7.9 and current njs share. In njs a "$" also matches before a final newline, so nothing here is tested with one.

const MAX_DEPTH = 128
// Steps are single tokens; a run counts for some. Only a text of many tiny values that are nested deeper than runs reach, or of long rows
// of them, needs more for the default limit of 1 MB.
const MAX_STEPS = 50000
const RUN_COST = 4

const WINDOW = 512
const STRING_WINDOW = 1024
// Longer strings are checked like others, but nobody who watches gets to see them.
const MAX_SHOWN = 8192
// How many levels of containers a run reaches into, and after how many steps it pays to compile its pattern.
const LEVELS = 5
const RUN_AFTER = 500
// How often in a row a run may fail at a depth before it is only tried now and then.
const PATIENCE = 4
const RETRY = 32

const SPACE = /^[ \t\n\r]+/
const STRING = /^"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"/
const CHARACTERS = /^(?:[^"\\\x00-\x1f]+|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*/
const NUMBERS = /^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[ \t\n\r]*,[ \t\n\r]*)+/
const ATOM = /^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)/

// What may come next.
const VALUE = 0
const FIRST_ITEM = 1
const FIRST_KEY = 2
const KEY = 3
const COLON = 4
const AFTER_VALUE = 5
const END = 6

// The patterns of runs: items or members with up to LEVELS levels of containers in them. Each value must be followed by a comma or by the
// end of its container, so that no number is cut in two, and there is one way only to read a text: a second one would be tried for every
// value that follows. Each level holds the one below it twice, which keeps the pattern small enough for njs.
function compileRuns() {
  const ws = '[ \\t\\n\\r]*'
  const string = '"[^"\\\\\\x00-\\x1f]*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\\\\x00-\\x1f]*)*"'
  const whole = '-?(?:0|[1-9][0-9]*)(?![0-9.eE])'
  const fraction = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)'
  const atom = string + '|' + whole + '|' + fraction + '|true|false|null'
  function items(value) {
    return '(?:' + value + ws + '(?:,' + ws + '(?!\\])|(?=\\])))'
  }
  function members(value) {
    return '(?:' + string + ws + ':' + ws + value + ws + '(?:,' + ws + '(?!\\})|(?=\\})))'
  }
  let value = '(?:' + atom + ')'
  for (let level = 0; level < LEVELS; level += 1) {
    value = '(?:\\{' + ws + members(value) + '*\\}|\\[' + ws + items(value) + '*\\]|' + atom + ')'
  }
  return { items: new RegExp('^' + items(value) + '+'), members: new RegExp('^' + members(value) + '+') }
}

// Begins to read. Give the result to proceed(). The watcher has three functions, each given the reader and giving '' or a reason to refuse:
//   container(reader, code)   an array (91) or object (123) begins at the top or in a watched object; set reader.watched to its depth,
//                             reader.stack.length + 1, to watch it too
//   key(reader, text)         a key in a watched object, without its quotes
//   value(reader, text)       a string, number or literal in a watched object, as it stands
function open(text, watcher) {
  return {
    text: text,
    watcher: watcher,
    watched: 0,
    at: 0,
    steps: 0,
    expect: VALUE,
    stack: '',
    misses: [],
    runs: null,
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

// Takes over what a watcher says.
function heed(reader, reason) {
  return reason === '' ? true : refuse(reader, reason)
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

// Whether a run was taken. Not in a watched container, not in a small body, and seldom where runs have failed: what they would
// have to hold is longer than a window or nested deeper than they reach.
function takeRun(reader, kind) {
  const depth = reader.stack.length
  if (depth === reader.watched || reader.steps < RUN_AFTER || depth > MAX_DEPTH - LEVELS) return false
  const misses = reader.misses[depth] || 0
  if (misses >= PATIENCE && misses % RETRY !== 0) {
    reader.misses[depth] = misses + 1
    return false
  }
  if (reader.runs === null) reader.runs = compileRuns()
  reader.steps += RUN_COST
  const code = reader.text.charCodeAt(reader.at)
  const run = take(reader, kind === 'items' && code >= 45 && code <= 57 ? NUMBERS : reader.runs[kind])
  reader.misses[depth] = run === '' ? misses + 1 : 0
  if (run === '') return false
  let last = run.length - 1
  while (run.charCodeAt(last) <= 32) last -= 1
  if (run.charCodeAt(last) !== 44) reader.expect = AFTER_VALUE
  else reader.expect = kind === 'items' ? VALUE : KEY
  return true
}

function readKey(reader, code) {
  if (code !== 34) return refuse(reader, 'json_invalid')
  if (takeRun(reader, 'members')) return true
  const token = takeString(reader)
  if (token === null) return refuse(reader, 'json_invalid')
  reader.expect = COLON
  return reader.stack.length === reader.watched ? heed(reader, reader.watcher.key(reader, token.slice(1, -1))) : true
}

function readValue(reader, code) {
  if (isInside(reader, 91) && takeRun(reader, 'items')) return true
  if (code === 123 || code === 91) return openContainer(reader, code)
  const token = code === 34 ? takeString(reader) : take(reader, ATOM)
  if (token === null || token === '' || (code !== 34 && token.length >= WINDOW)) return refuse(reader, 'json_invalid')
  reader.expect = reader.stack === '' ? END : AFTER_VALUE
  return reader.stack.length === reader.watched ? heed(reader, reader.watcher.value(reader, token)) : true
}

function openContainer(reader, code) {
  if (reader.stack.length >= MAX_DEPTH) return refuse(reader, 'body_too_deep')
  if (reader.stack.length === reader.watched && !heed(reader, reader.watcher.container(reader, code))) return true
  reader.stack += code === 123 ? '{' : '['
  reader.at += 1
  reader.expect = code === 123 ? FIRST_KEY : FIRST_ITEM
  return true
}

function close(reader) {
  reader.stack = reader.stack.slice(0, -1)
  if (reader.watched > reader.stack.length) reader.watched = reader.stack.length
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

// Takes a string of any length; gives its text with quotes, one of as many x as are shown for a longer one, null where it is none.
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
  return at - start > MAX_SHOWN ? '"' + 'x'.repeat(MAX_SHOWN) + '"' : reader.text.slice(start, at + 1)
}

export default { open, proceed }
