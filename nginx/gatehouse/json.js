// A strict JSON reader (RFC 8259) that keeps nothing: it checks a text, and shows somebody else what they watch of it.
// Pure: no request, no nginx. The same file runs in Node, where the tests read it too.
//
// njs has JSON.parse, but it accepts texts that other parsers refuse, refuses deep ones that they accept, and shows no duplicate keys.
// Here names and values are read one by one where they are watched; everything else is only checked, in runs that one regular expression
// takes at once. A reader can stop and go on, so that a large text does not keep an nginx worker from its other connections.
//
// Dialect: what njs 0.7.9 and current njs share. In njs a "$" also matches before a final newline, so nothing here is tested with one.

import atOnce from './at_once.js'

const MAX_DEPTH = atOnce.MAX_DEPTH
// A step is a key or a value that is read by itself, with what stands between it and the next one, or a pattern's work on a row of them. Only
// a text of many tiny values that are nested deeper than runs reach, or of long rows of them, needs more for the default limit of 1 MB.
const MAX_STEPS = 80000
// What somebody watches takes as long again.
const WATCHED_COST = 1
// A piece of a long string, and how many escapes in it count for a step more.
const PIECE_COST = 2
const ESCAPES_A_STEP = 32
const STRING_WINDOW = 1024
// Longer strings are checked like others, but nobody who watches gets to see them.
const MAX_SHOWN = 8192

const SPACE = /^[ \t\n\r]*/
// All of them match '' as well: see take().
const STRING = /^(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")?/
const CHARACTERS = /^(?:[^"\\\x00-\x1f]+|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*/
const ATOM = /^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)?/

// What may come next.
const VALUE = 0
const FIRST_ITEM = 1
const FIRST_KEY = 2
const KEY = 3
const COLON = 4
const AFTER_VALUE = 5
const END = 6
// Within a string that is longer than a window.
const LONG_KEY = 7
const LONG_VALUE = 8

// Begins to read. Give the result to proceed(). The watcher has three functions, each given the reader and giving '' or a reason to refuse:
//   container(reader, code)   an array (91) or object (123) begins at the top or in a watched object; set reader.watched to its depth,
//                             reader.stack.length + 1, to watch it too
//                             set reader.whole to have it shown as a whole, where it is not too large for that
//   key(reader, text)         a key in a watched object, without its quotes
//   value(reader, text)       a string, number or literal in a watched object, as it stands
// and where they are wanted
//   closed(reader)            a watched array or object has ended
//   whole(reader, text, value)   a whole container, as text and parsed; gives whether that will do, else it is gone into
// A key or value begins at reader.from and a container too; reader.at is behind a value, but before a container that only begins.
function open(text, watcher) {
  return {
    text: text,
    watcher: watcher,
    watched: 0,
    at: 0,
    from: 0,
    steps: 0,
    expect: VALUE,
    stack: '',
    misses: [],
    whole: false,
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
  if (reader.expect >= LONG_KEY) return readOn(reader)
  const code = reader.text.charCodeAt(reader.at)
  if (code <= 32 && (code === 32 || code === 10 || code === 13 || code === 9)) return atOnce.take(reader, SPACE)
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

// A value has ended. The comma behind it is not worth a step of its own.
function passValue(reader) {
  if (reader.stack === '') reader.expect = END
  else if (reader.text.charCodeAt(reader.at) === 44) passComma(reader)
  else reader.expect = AFTER_VALUE
  return true
}

function passComma(reader) {
  reader.at += 1
  reader.expect = isInside(reader, 123) ? KEY : VALUE
  return true
}

function isInside(reader, opener) {
  return reader.stack.charCodeAt(reader.stack.length - 1) === opener
}

// Whether a run of items or members was taken. Not to be asked in a watched container.
function passRun(reader, kind) {
  const run = atOnce.run(reader, kind)
  if (run === '') return false
  let last = run.length - 1
  while (run.charCodeAt(last) <= 32) last -= 1
  if (run.charCodeAt(last) !== 44) reader.expect = AFTER_VALUE
  else reader.expect = kind === 'items' ? VALUE : KEY
  return true
}

function readKey(reader, code) {
  if (code !== 34) return refuse(reader, 'json_invalid')
  if (reader.stack.length !== reader.watched && passRun(reader, 'members')) return true
  reader.from = reader.at
  const token = atOnce.take(reader, STRING)
  return token === '' ? beginLong(reader, LONG_KEY) : passKey(reader, token)
}

// A key has ended. The colon behind it is not worth a step of its own.
function passKey(reader, token) {
  const isPassed = reader.text.charCodeAt(reader.at) === 58
  if (isPassed) reader.at += 1
  reader.expect = isPassed ? VALUE : COLON
  if (reader.stack.length !== reader.watched) return true
  reader.steps += WATCHED_COST
  return heed(reader, reader.watcher.key(reader, token.slice(1, -1)))
}

function readValue(reader, code) {
  if (reader.stack.length !== reader.watched && isInside(reader, 91) && passRun(reader, 'items')) return true
  reader.from = reader.at
  if (code === 123 || code === 91) return openContainer(reader, code)
  const token = atOnce.take(reader, code === 34 ? STRING : ATOM)
  if (token === '' && code === 34) return beginLong(reader, LONG_VALUE)
  if (token === '' || (code !== 34 && token.length >= atOnce.WINDOW)) return refuse(reader, 'json_invalid')
  return tell(reader, token)
}

// A string, number or literal has ended.
function tell(reader, token) {
  if (reader.stack.length === reader.watched) {
    reader.steps += WATCHED_COST
    heed(reader, reader.watcher.value(reader, token))
  }
  return passValue(reader)
}

function openContainer(reader, code) {
  if (reader.stack.length >= MAX_DEPTH) return refuse(reader, 'body_too_deep')
  if (reader.stack.length === reader.watched && !show(reader, code)) return true
  if (reader.whole && passWhole(reader)) return true
  reader.stack += code === 123 ? '{' : '['
  reader.at += 1
  reader.expect = code === 123 ? FIRST_KEY : FIRST_ITEM
  return true
}

// Whether a container that is shown may be gone into.
function show(reader, code) {
  reader.whole = false
  heed(reader, reader.watcher.container(reader, code))
  return reader.refused === ''
}

// Whether a container was taken as a whole: its words by a pattern, their order by JSON.parse. What is no JSON is left to the steps.
function passWhole(reader) {
  reader.whole = false
  const text = atOnce.container(reader)
  if (text === '') return false
  let value
  try {
    value = JSON.parse(text)
  } catch (_e) {
    return false
  }
  reader.at += text.length
  if (!reader.watcher.whole(reader, text, value)) {
    reader.at -= text.length
    return false
  }
  return passValue(reader)
}

function close(reader) {
  const wasWatched = reader.stack.length === reader.watched
  reader.stack = reader.stack.slice(0, -1)
  if (reader.watched > reader.stack.length) reader.watched = reader.stack.length
  reader.at += 1
  if (wasWatched && reader.watcher.closed !== undefined) reader.watcher.closed(reader)
  return passValue(reader)
}

function readAfterValue(reader, code) {
  if (code === 44) return passComma(reader)
  if (code === (isInside(reader, 123) ? 125 : 93)) return close(reader)
  return refuse(reader, 'json_invalid')
}

// A string that does not end in the window, or is none.
function beginLong(reader, expect) {
  reader.at += 1
  reader.expect = expect
  return true
}

// One more piece of such a string. Its end shows it with its quotes, or as many x as are shown for a longer one.
function readOn(reader) {
  const piece = CHARACTERS.exec(reader.text.slice(reader.at, reader.at + STRING_WINDOW))[0]
  reader.steps += PIECE_COST + Math.floor(piece.split('\\').length / ESCAPES_A_STEP)
  reader.at += piece.length
  if (piece !== '') return true
  if (reader.text.charCodeAt(reader.at) !== 34) return refuse(reader, 'json_invalid')
  reader.at += 1
  const isShown = reader.at - reader.from <= MAX_SHOWN + 1
  const token = isShown ? reader.text.slice(reader.from, reader.at) : '"' + 'x'.repeat(MAX_SHOWN) + '"'
  return reader.expect === LONG_KEY ? passKey(reader, token) : tell(reader, token)
}

export default { open, proceed }
