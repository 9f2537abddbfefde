// The filter of list answers, on the location that only list calls and resumed streams are sent to. What is shown is decided in lists.js.
// An answer that cannot be read is not shown: an error takes its place.

import events from './events.js'
import gate from './gate.js'
import lists from './lists.js'
import mirror from './mirror.js'

// Bytes of one answer or event: with the steps of lists.js this bounds what one costs a worker.
const LARGEST = 224 * 1024
// Bytes of an answer, after which it is ended: njs keeps all that it has seen until the end of the request. Clients resume again.
const LONGEST_STREAM = 4 * 1024 * 1024
// Lines of events that are gone through in a second: some 20 ms of a worker's work.
const LINES_A_SECOND = 2000

const REASON = 'list_unreadable'
const MESSAGE = 'The MCP server has answered with a list that this gateway cannot read, so it cannot be shown.'

// What could be a list, in an answer that may be anything: a key of one, also in escapes.
const HINT = /"(?:tools|prompts|resources|resourceTemplates)"|\\u00[4-7]/i

// The answer at hand. njs has one virtual machine for each request; begin() is there for engines that use one again.
let answer = null

// Header filter: what is to be done with the body.
function begin(r) {
  const v = r.variables
  const headers = r.headersOut
  answer = { kind: 'as it is', pieces: [], length: 0, stream: null, told: false, words: null, second: 0, lines: 0 }
  // What is no answer in full has no list in it: 202 and 204 have no body.
  if (r.status < 200 || r.status >= 300 || r.status === 202 || r.status === 204) return
  const type = (headers['Content-Type'] || '').split(';')[0].trim().toLowerCase()
  const isStream = type === 'text/event-stream'
  // A resumed stream is one, or an error.
  if (v.gatehouse_list === 'resumed' && !isStream) return
  const encoding = headers['Content-Encoding']
  answer.kind = isStream ? 'stream' : 'message'
  answer.words = lists.wordsOf(v.gatehouse_list_allow || v.gatehouse_allow || '')
  answer.stream = events.open(v.gatehouse_list === 'resumed' ? LONGEST_STREAM : LARGEST)
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
  if (answer.kind !== 'as it is' && answer.length > LONGEST_STREAM) throw new Error('long enough: clients resume again')
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
  const came = data.length === 0 ? [] : events.take(answer.stream, data)
  const rest = flags.last ? events.rest(answer.stream) : undefined
  if (rest !== undefined) came.push(rest)
  const out = []
  for (let i = 0; i < came.length && !answer.told; i += 1) out.push(shownEvent(r, came[i]))
  if (out.length > 0 || flags.last) r.sendBuffer(Buffer.concat(out), flags)
}

// The bytes of an event as it may be shown.
function shownEvent(r, bytes) {
  const text = bytes === null ? null : decoded(bytes)
  if (text === null || !isInTime(events.countLines(text))) return lastEvent(r, '')
  const event = events.read(text)
  if (event.data === '' && !events.isBare(event)) return Buffer.from('\n')
  const mayStay = event.data === '' || (r.variables.gatehouse_list === 'resumed' && event.data.search(HINT) === -1)
  const shown = mayStay ? { text: event.data, id: '' } : shownOf(r, event.data)
  if (shown.text === event.data && event.isWhole) return bytes
  return shown.text === null ? lastEvent(r, shown.id) : Buffer.from(events.written(event, shown.text))
}

// Whether so many lines more are no more than a worker has the time for.
function isInTime(lines) {
  const second = Math.floor(Date.now() / 1000)
  if (answer.second !== second) answer.lines = 0
  answer.second = second
  answer.lines += lines
  return answer.lines <= LINES_A_SECOND
}

// What cannot be read ends what is shown, so that a server cannot have it said again and again.
function lastEvent(r, id) {
  answer.kind = 'refused stream'
  answer.told = true
  return Buffer.from('data: ' + unreadable(r, id) + '\n\n')
}

function shownOf(r, text) {
  const v = r.variables
  const scoped = mirror.isMirrored(r.headersIn['Mcp-Protocol-Version'])
  return lists.shown(text, v.gatehouse_method || '', answer.words, scoped)
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
