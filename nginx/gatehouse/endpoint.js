// Where clients of the old HTTP+SSE transport are to post to (MCP 2024-11-05): the MCP server says so by its first event, and must not say another
// server's place, where they would call with their credentials what it likes. Once that is known the stream passes without njs, which
// would keep all of it in memory; sub_filter takes the name from later events that say it (see server.conf).

import events from './events.js'
import gate from './gate.js'

// Bytes that may come before.
const MOST = 256 * 1024

// An event of this name, as the most careless reader takes it: some end lines at other characters too.
const NAMED = /(?:^|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029])\ufeff?event:\s*endpoint\s*(?:[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|$)/i
const ODD_END = /[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/
// A path, of any origin or none: clients post to the gateway.
const TARGET = /^(?:https?:\/\/[^/?#\\@\s]+)?(\/?(?:[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*\/?)?(?:\?[!-~]*)?)$/
const DOTS = /(?:^|\/)\.\.?(?:\/|$)/

let stream = null
let left = MOST
let isKnown = false

// Header filter.
function answered(r) {
  gate.answered(r)
  const encoding = r.headersOut['Content-Encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw new Error('the MCP server has packed its stream')
  // Some clients decode by it, and would read another text than this file: UTF-7 hides a name in plain characters.
  const type = (r.variables.upstream_http_content_type || '').toLowerCase()
  if (type.indexOf('charset') !== -1 && !/^[^;]*;\s*charset="?utf-?8"?\s*$/.test(type)) throw new Error('the MCP server writes no UTF-8')
  delete r.headersOut['Content-Length']
  const words = crypto.getRandomValues(new Uint32Array(4))
  // Nobody else can say it, so what comes under it is of this file.
  r.variables.gatehouse_mark = 'endpoint-' + words[0] + '-' + words[1] + '-' + words[2] + '-' + words[3]
}

// Body filter.
function filter(r, data, flags) {
  const out = []
  if (stream === null) stream = events.open(MOST, MOST)
  left -= data.length
  if (left < 0) throw new Error('the MCP server has not said where to post to')
  events.take(stream, data, (event) => {
    out.push(isKnown ? event : read(r, event))
    return true
  })
  if (isKnown || flags.last) {
    const rest = Buffer.concat(stream.kept)
    if (isKnown || !NAMED.test(textOf(rest))) out.push(rest)
  }
  r.sendBuffer(Buffer.concat(out), flags)
  if (isKnown) r.done()
}

function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (_e) {
    throw new Error('the stream of the MCP server is no text')
  }
}

function read(r, bytes) {
  const text = textOf(bytes)
  if (!NAMED.test(text)) return bytes
  isKnown = true
  const event = ODD_END.test(text) ? null : events.read(text)
  const target = event === null ? null : targetOf(event.data, r)
  if (target === null) throw new Error('the MCP server has said a place to post to that is not its own')
  return Buffer.from('event: ' + r.variables.gatehouse_mark + '\ndata: ' + target + '\n\n')
}

// The MCP server knows its paths without the name under which clients ask for them.
function targetOf(data, r) {
  const found = TARGET.exec(data)
  const path = found === null ? '' : found[1]
  if (path === '' || DOTS.test(path.split('?')[0])) return null
  const prefix = '/' + r.variables.gatehouse_server
  return path.startsWith('/') && r.uri.startsWith(prefix + '/') ? prefix + path : path
}

export default { answered, filter }
