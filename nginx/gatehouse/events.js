// A stream of server-sent events (WHATWG HTML, section 9.2) cut into its events, and one event with other data. Pure: see json.js.

// Begins a stream of which one event may have up to `limit` bytes.
function open(limit) {
  return { limit: limit, kept: [], length: 0, last: -1 }
}

// Takes the next bytes of a stream; gives the events that end in them, each as bytes with its blank line, null instead of one that is too
// long. Lines end with LF, CR or both; an LF that comes later than its CR stands before the next event, as a blank line that says nothing.
function take(stream, bytes) {
  const events = []
  let from = 0
  if (stream.last === 10 || stream.last === 13) {
    const first = bytes[0]
    // CR LF is one end.
    if (first === 13 || (first === 10 && stream.last === 10)) {
      from = first === 13 && bytes[1] === 10 ? 2 : 1
      events.push(finish(stream, bytes.slice(0, from)))
    }
  }
  for (let end = endOf(bytes, from); end !== -1; end = endOf(bytes, from)) {
    events.push(finish(stream, bytes.slice(from, end)))
    from = end
  }
  if (from < bytes.length) keep(stream, bytes.slice(from))
  stream.last = from < bytes.length ? bytes[bytes.length - 1] : -1
  return events
}

// What is left at the end of a stream: an event without its blank line, as bytes, null when too long, undefined when there is nothing.
function rest(stream) {
  return stream.length === 0 ? undefined : finish(stream, Buffer.alloc(0))
}

// Where the first event from there on ends, behind its blank line; -1 where none does.
function endOf(bytes, from) {
  let end = -1
  for (let i = 0; i < 3; i += 1) {
    const at = bytes.indexOf(i === 0 ? '\n\n' : i === 1 ? '\n\r' : '\r\r', from)
    if (at !== -1 && (end === -1 || at < end)) end = at
  }
  if (end === -1) return -1
  return bytes[end + 1] === 13 && bytes[end + 2] === 10 ? end + 3 : end + 2
}

function keep(stream, bytes) {
  stream.length += bytes.length
  if (stream.length > stream.limit) stream.kept = []
  else stream.kept.push(bytes)
}

function finish(stream, bytes) {
  keep(stream, bytes)
  const event = stream.length > stream.limit ? null : stream.kept.length === 1 ? stream.kept[0] : Buffer.concat(stream.kept)
  stream.kept = []
  stream.length = 0
  return event
}

// The lines of an event, each { text, end } with its end of line.
function linesOf(text) {
  const lines = []
  let at = 0
  let cr = text.indexOf('\r')
  while (at < text.length) {
    const lf = text.indexOf('\n', at)
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
  return isData(line) || !/[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/.test(line.text)
}

// Whether an event has nothing in it but comments, an id and the like.
function isBare(event) {
  return event.isWhole && event.data === '' && event.lines.every((line) => BARE.includes(line.text.split(':')[0]))
}

// Reads the text of an event. Gives { lines, data, isWhole } with the data lines joined by line feeds, '' without one; of the other lines only
// those that are one for every reader, and whether all were.
function read(text) {
  // Some pass over a byte order mark at the beginning of a stream.
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  const all = linesOf(text.slice(mark.length))
  const lines = all.filter(isLine)
  const data = lines.filter(isData).map((line) => line.text.slice(line.text.charCodeAt(5) === 32 ? 6 : 5))
  return { mark: mark, lines: lines, data: data.join('\n'), isWhole: lines.length === all.length }
}

// The text of an event with other data: what is no data line stays where it was.
function written(event, data) {
  const pieces = [event.mark]
  let isWritten = false
  for (let i = 0; i < event.lines.length; i += 1) {
    const line = event.lines[i]
    if (!isData(line)) pieces.push(line.text, line.end)
    else if (!isWritten) {
      const prefix = line.text.startsWith('data: ') ? 'data: ' : 'data:'
      const end = line.end === '' ? '\n' : line.end
      pieces.push(prefix + data.split('\n').join(end + prefix), line.end)
      isWritten = true
    }
  }
  return pieces.join('')
}

export default { open, take, rest, read, isBare, written }
