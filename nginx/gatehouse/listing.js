// The filter of list answers, on the location that only list calls and resumed streams are sent to. What is shown is decided in lists.js.
// An answer that cannot be read is not shown: an error takes its place.

import events from './events.js'
import gate from './gate.js'
import lists from './lists.js'
import longEvent from './long_event.js'
import mirror from './mirror.js'

// Bytes of a list, and of an event on a resumed stream, which may be anything.
const LARGEST = 224 * 1024
const LARGEST_EVENT = 4 * 1024 * 1024

// What an answer may cost a worker, in steps of json.js, of some 7 µs: at once, and how many come back in a second. An event counts for
// one and so does each of its lines, a text that is looked into and a call of the filter for some more.
const STEPS_AT_ONCE = 6000
const STEPS_A_SECOND = 3000
const STEPS_AN_EVENT = 1
const STEPS_A_TEXT = 30
const STEPS_A_CALL = 3
// What it may take of memory, in bytes, after which it is ended; clients resume. njs keeps all of it until the end of the request: what it has
// seen, in several shapes, and about so much for each call and step.
const ROOM = 32 * 1024 * 1024
const ROOM_A_BYTE = 8
const ROOM_A_CALL = 1024
const ROOM_A_STEP = 1024

const REASON = 'list_unreadable'
const MESSAGE = 'The MCP server has answered with a list that this gateway cannot read, so it cannot be shown.'

// What comes before the answer to a list call has a method, and no result.
const METHOD = /"method"/
const RESULT = /"re[s\u017f]ult"/i

// The answer at hand. njs has one virtual machine for each request; begin() is there for engines that use one again.
let answer = null

// Header filter: what is to be done with the body.
function begin(r) {
  const v = r.variables
  const headers = r.headersOut
  answer = {
    kind: 'as it is',
    pieces: [],
    length: 0,
    stream: null,
    told: false,
    words: null,
    left: STEPS_AT_ONCE,
    at: Date.now(),
    room: ROOM
  }
  // What is no answer in full has no list in it: 202 and 204 have no body.
  if (r.status < 200 || r.status >= 300 || r.status === 202 || r.status === 204) return
  const type = (headers['Content-Type'] || '').split(';')[0].trim().toLowerCase()
  const isStream = type === 'text/event-stream'
  const encoding = headers['Content-Encoding']
  answer.kind = isStream ? 'stream' : 'message'
  answer.words = lists.wordsOf(v.gatehouse_list_allow || v.gatehouse_allow || '')
  answer.stream = events.open(v.gatehouse_list === 'resumed' ? LARGEST_EVENT : LARGEST, LARGEST)
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    delete headers['Content-Encoding']
    answer.kind = isStream ? 'refused stream' : 'refused message'
  }
  delete headers['Content-Length']
  if (!isStream && type !== 'application/json') headers['Content-Type'] = 'application/json'
}

// Body filter.
function filter(r, data, flags) {
  if (answer === null) throw new Error('a body without a head')
  answer.length += data.length
  answer.room -= data.length * ROOM_A_BYTE + ROOM_A_CALL
  if (answer.room < 0) throw new Error('long enough: clients resume')
  switch (answer.kind) {
    case 'as it is':
      return r.sendBuffer(data, flags)
    case 'message':
      return collect(r, data, flags)
    case 'stream':
      return follow(r, data, flags)
    default:
      // The first call says it, and nothing else comes through.
      if (!answer.told) r.sendBuffer(answer.kind === 'refused stream' ? 'data: ' + unreadable(r, '') + '\n\n' : unreadable(r, ''), flags)
      else if (flags.last) r.sendBuffer('', flags)
      else if (r.variables.gatehouse_list === 'resumed') throw new Error('nothing more is shown')
      answer.told = true
  }
}

function collect(r, data, flags) {
  if (answer.length > LARGEST) answer.pieces = []
  else if (data.length > 0) answer.pieces.push(data)
  if (!flags.last) return
  const text = answer.length > LARGEST ? null : decoded(Buffer.concat(answer.pieces))
  const shown = text === null ? { text: null, id: '' } : shownOf(r, text)
  r.sendBuffer(shown.text === null ? unreadable(r, shown.id) : shown.text, flags)
}

function follow(r, data, flags) {
  pay(STEPS_A_CALL)
  const out = []
  const show = (event, seen) => {
    out.push(seen === null || event === null ? shownEvent(r, event) : shownLong(r, event, seen))
    return !answer.told
  }
  if (data.length > 0) events.take(answer.stream, data, show)
  if (flags.last && !answer.told) events.end(answer.stream, show)
  if (out.length > 0 || flags.last) r.sendBuffer(Buffer.concat(out), flags)
}

// The bytes of an event as it may be shown.
function shownEvent(r, bytes) {
  const text = bytes === null ? null : decoded(bytes)
  if (text === null || !pay(STEPS_AN_EVENT + events.countLines(text, STEPS_AT_ONCE))) return lastEvent(r, '')
  const event = events.read(text)
  if (event.data === '' && !events.isBare(event)) return Buffer.from('\n')
  const shown = mayBeList(r, event.data) ? shownOf(r, event.data) : { text: event.data, id: '' }
  if (shown.text === event.data && event.isWhole) return bytes
  return shown.text === null ? lastEvent(r, shown.id) : Buffer.from(events.written(event, shown.text))
}

// The same for a long one: no list that long is shown, and what brings no data is for nobody.
function shownLong(r, bytes, seen) {
  if (seen.isDoubtful) return lastEvent(r, '')
  return seen.hasData ? bytes : Buffer.from('\n')
}

function mayBeList(r, data) {
  if (data === '') return false
  if (data.search(longEvent.HINT) !== -1) return true
  return r.variables.gatehouse_list === 'call' && (data.search(METHOD) === -1 || data.search(RESULT) !== -1)
}

// Takes so many steps of what is left. Gives whether there were so many.
function pay(steps) {
  const now = Date.now()
  // A clock that is set back gives nothing.
  answer.left = Math.min(STEPS_AT_ONCE, answer.left + (Math.max(0, now - answer.at) * STEPS_A_SECOND) / 1000) - steps
  answer.at = now
  answer.room -= steps * ROOM_A_STEP
  return answer.left >= 0
}

// What cannot be read ends what is shown, so that a server cannot have it said again and again.
function lastEvent(r, id) {
  answer.kind = 'refused stream'
  answer.told = true
  return Buffer.from('data: ' + unreadable(r, id) + '\n\n')
}

function shownOf(r, text) {
  if (!pay(STEPS_A_TEXT)) return { text: null, id: '' }
  const v = r.variables
  const scoped = mirror.isMirrored(r.headersIn['Mcp-Protocol-Version'])
  const budget = { left: answer.left }
  const shown = lists.shown(text, v.gatehouse_method || '', answer.words, scoped, budget)
  pay(answer.left - budget.left)
  return shown
}

function decoded(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (_e) {
    return null
  }
}

// The error that takes the place of a list. Of a list call the id is known; that of a resumed answer is its own.
function unreadable(r, id) {
  const v = r.variables
  v.gatehouse_reason = REASON
  r.error('the MCP server ' + v.gatehouse_server + ' has answered ' + v.gatehouse_method + ' with what cannot be read as a list')
  const error = { code: -32603, message: MESSAGE, data: { reason: REASON } }
  return '{"jsonrpc":"2.0","id":' + (v.gatehouse_list_id || id || 'null') + ',"error":' + JSON.stringify(error) + '}'
}

// Header filter: as for every answer, and what is to be done with the body.
function answered(r) {
  gate.answered(r)
  if (r.variables.gatehouse_list) begin(r)
}

export default { answered, filter }
