// An event that is too long for a list that would be shown is looked through as it comes: at its end that would hold an nginx worker for long.
// Pure: see json.js.

// What could be a list, in an event that may be anything: a key of one, also in escapes or with a long s.
const HINT = /"(?:tool[s\u017f]|prompt[s\u017f]|re[s\u017f]ource[s\u017f]|re[s\u017f]ourceTemplate[s\u017f])"|\\u0(?:0[4-7]|17f)/i
// What only some readers take for the end of a line.
const ODD_END = /\r[^\n]|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/
// Characters that are looked at again with the next piece: more than any of these has.
const AGAIN = 24
const DATA = '\ndata:'

// Begins one.
function open() {
  return { decoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }), last: '\n', isDoubtful: false, hasData: false }
}

// Takes its next bytes.
function look(event, bytes) {
  if (event.isDoubtful) return
  const text = event.last + decoded(event, bytes)
  if (text.search(HINT) !== -1 || text.search(ODD_END) !== -1) event.isDoubtful = true
  if (!event.hasData && text.indexOf(DATA) !== -1) event.hasData = true
  event.last = text.slice(-AGAIN)
}

// What begins in these bytes may end in the next ones.
function decoded(event, bytes) {
  try {
    return event.decoder.decode(bytes, { stream: true })
  } catch (_e) {
    event.isDoubtful = true
    return ''
  }
}

export default { open, look, HINT }
