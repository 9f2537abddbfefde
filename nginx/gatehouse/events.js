// A stream of server-sent events (WHATWG HTML, section 9.2) cut into its events, and one event with other data. Pure: see json.js.

import longEvent from './long_event.js'

const BLANKS = ['\n\n', '\n\r', '\r\r']

// Begins a stream of which one event may have up to `limit` bytes, and is a long one with more than `long`.
function open(limit, long) {
  return { limit: limit, long: long, kept: [], length: 0, last: -1, seen: null }
}

// Takes the next bytes of a stream; hands the events that end in them to `each`, as bytes with the blank line, null instead of one that is too
// long, and what long_event.js has seen of a long one, else null, until it says false: then the rest of the stream is nobody's. Lines end with LF, CR or both; an LF that comes later than its CR stands
// before the next event, as a blank line that says nothing.
function take(stream, bytes, each) {
  let from = 0
  if (stream.last === 10 || stream.last === 13) {
    const first = bytes[0]
    // CR LF is one end.
    if (first === 13 || (first === 10 && stream.last === 10)) {
      from = first === 13 && bytes[1] === 10 ? 2 : 1
      if (!finish(stream, bytes.slice(0, from), each)) return
    }
  }
  const marks = BLANKS.map((blank) => ({ blank: blank, at: bytes.indexOf(blank, from) }))
  for (let end = endOf(bytes, from, marks); end !== -1; end = endOf(bytes, from, marks)) {
    if (!finish(stream, bytes.slice(from, end), each)) return
    from = end
  }
  if (from < bytes.length) keep(stream, bytes.slice(from))
  stream.last = from < bytes.length ? bytes[bytes.length - 1] : -1
}

// What is left at the end of a stream: an event without its blank line, where there is one.
function end(stream, each) {
  if (stream.length > 0) finish(stream, Buffer.alloc(0), each)
}

// Where the first event from there on ends, behind its blank line; -1 where none does. The marks say where the next blank line of each kind is:
// looked for only when it has been passed, else a stream of one kind would be gone through for the others again and again.
function endOf(bytes, from, marks) {
  let end = -1
  for (let i = 0; i < marks.length; i += 1) {
    const mark = marks[i]
    if (mark.at !== -1 && mark.at < from) mark.at = bytes.indexOf(mark.blank, from)
    if (mark.at !== -1 && (end === -1 || mark.at < end)) end = mark.at
  }
  if (end === -1) return -1
  return bytes[end + 1] === 13 && bytes[end + 2] === 10 ? end + 3 : end + 2
}

function keep(stream, bytes) {
  stream.length += bytes.length
  if (stream.length > stream.limit) stream.kept = []
  else stream.kept.push(bytes)
  if (stream.length <= stream.long || stream.length > stream.limit) return
  if (stream.seen === null) {
    stream.seen = longEvent.open()
    for (let i = 0; i < stream.kept.length; i += 1) longEvent.look(stream.seen, stream.kept[i])
  } else longEvent.look(stream.seen, bytes)
}

function finish(stream, bytes, each) {
  keep(stream, bytes)
  const event = stream.length > stream.limit ? null : stream.kept.length === 1 ? stream.kept[0] : Buffer.concat(stream.kept)
  const seen = stream.seen
  stream.kept = []
  stream.length = 0
  stream.seen = null
  return each(event, seen)
}

// How many lines a text has, or one more than so many.
function countLines(text, most) {
  let count = 1
  for (let at = text.indexOf('\n'); at !== -1 && count <= most; at = text.indexOf('\n', at + 1)) count += 1
  for (let at = text.indexOf('\r'); at !== -1 && count <= most; at = text.indexOf('\r', at + 1)) {
    if (text.charCodeAt(at + 1) !== 10) count += 1
  }
  return count
}

// The lines of an event, each { text, end } with its end of line.
function linesOf(text) {
  const lines = []
  let at = 0
  let lf = text.indexOf('\n')
  let cr = text.indexOf('\r')
  while (at < text.length) {
    if (lf !== -1 && lf < at) lf = text.indexOf('\n', at)
    if (cr !== -1 && cr < at) cr = text.indexOf('\r', at)
    let end = text.length
    if (lf !== -1) end = lf
    if (cr !== -1 && cr < end) end = cr
    const next = end === cr && lf === end + 1 ? end + 2 : Math.min(end + 1, text.length)
    lines.push({ text: text.slice(at, end), end: text.slice(end, next) })
    at = next
  }
  return lines
}

function isData(line) {
  return line.text.startsWith('data') && (line.text.length === 4 || line.text.charCodeAt(4) === 58)
}

const BARE = ['', 'id', 'event', 'retry', 'data']

// Whether a line is one for every reader: some end lines at other characters too. Data that is JSON has these within strings alone, where
// what such a reader makes of them is no JSON.
function isLine(line) {
  return isData(line) || line.text.search(/[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/) === -1
}

function fieldOf(line) {
  const end = line.indexOf(':')
  return end === -1 ? line : line.slice(0, end)
}

// Whether an event has nothing in it but comments, an id and the like.
function isBare(event) {
  return !event.isCut && event.data === '' && event.lines.every((line) => BARE.includes(fieldOf(line.text)))
}

// Reads the text of an event. Gives { lines, data, isCut, isWhole } with the data lines joined by line feeds, '' without one; of the other lines only
// those that are one for every reader: else it is cut. Whole is one whose lines all end for every reader too: some take a CR alone for no end.
function read(text) {
  // Some pass over a byte order mark at the beginning of a stream.
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  const all = linesOf(text.slice(mark.length))
  const lines = all.filter(isLine)
  const data = lines.filter(isData).map((line) => line.text.slice(line.text.charCodeAt(5) === 32 ? 6 : 5))
  const isCut = lines.length < all.length
  return { mark: mark, lines: lines, data: data.join('\n'), isCut: isCut, isWhole: !isCut && lines.every((line) => line.end !== '\r') }
}

// The text of an event with other data: what is no data line stays where it was, and lines end for every reader.
function written(event, data) {
  const pieces = [event.mark]
  let isWritten = false
  for (let i = 0; i < event.lines.length; i += 1) {
    const line = event.lines[i]
    const end = line.end === '\r' ? '\n' : line.end
    if (!isData(line)) pieces.push(line.text, end)
    else if (!isWritten) {
      const prefix = line.text.startsWith('data: ') ? 'data: ' : 'data:'
      pieces.push(prefix + data.split('\n').join((end || '\n') + prefix), end)
      isWritten = true
    }
  }
  return pieces.join('')
}

export default { open, take, end, countLines, read, isBare, written }
