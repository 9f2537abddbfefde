// What nearly every request needs, and nothing else: njs runs this file anew for each of them, and again for the answer. It knows only one
// way to say yes; whatever is out of the ordinary goes to careful.js, whose word counts.

import crypto from 'crypto'
import quick from './quick.js'

// Length of a time to the minute, for which a key stays the same. A clock that is set back brings back nothing that was over but what was
// remembered in the very minute that it shows again.
const MINUTE = 16
// Longest address that a browser is brought back to, in characters.
const LONGEST_NEXT = 256

// By what a decision is remembered: all that the validator's yes depends on, none of it readable. Empty where the location has not named
// its server before it came to this.
function key(r) {
  const v = r.variables
  const server = v.gatehouse_server
  if (!server) return ''
  // Bytes: njs hashes them in half the time that it takes for text.
  const sent = r.rawVariables
  // Both credentials, always: which of them counts is for the validator to say, to whom a token of white space is none.
  const token = sent.http_authorization || ''
  const cookie = sent.http_cookie || ''
  const origin = sent.http_origin || ''
  const lengths = ' ' + token.length + ' ' + cookie.length + ' ' + origin.length + '\n'
  const hash = crypto.createHash('sha256').update(r.method + ' ' + server + ' ' + v.time_iso8601.slice(0, MINUTE) + lengths)
  if (cookie.length > 0) hash.update(cookie)
  if (origin.length > 0) hash.update(origin)
  const name = hash.update(token).digest('base64url')
  // With the files of gatehouse-dict/ what is remembered is at hand.
  const shared = ngx.shared
  const known = shared && shared.gatehouse && shared.gatehouse.get(name)
  if (known) v.gatehouse_known = known
  return name
}

// Content handler of every protected location, after auth_request has said who asks.
function gate(r) {
  const v = r.variables
  const call = r.method === 'POST' && isYes(v) ? plainCall(r, r.headersIn) : null
  if (call === null || v.gatehouse_mcp_trust_headers === 'on' || !isInSet(v.gatehouse_allow, call))
    return r.internalRedirect('@gatehouse_read')
  note(v, call)
  pass(r, '@gatehouse_proxy')
}

// The call of a request in which there is nothing to doubt, or null.
function plainCall(r, headers) {
  if (headers['Content-Type'] !== 'application/json' || headers['Content-Encoding'] !== undefined || hasOddHeader(headers)) return null
  if (headers.Origin !== undefined && headers.Origin.indexOf(',') !== -1) return null
  const call = quick.read(textOf(r))
  return call !== null && isRepeated(call, headers) ? call : null
}

// auth_request takes every 2xx for a yes; the contract has one, and it names the caller and the server that was asked for: another service
// at the validator's address is no validator.
function isYes(v) {
  return v.gatehouse_verdict === '204' && !!v.gatehouse_user && v.gatehouse_server_name === v.gatehouse_server
}

// Names that some MCP server could take for another one: X_User, X.User. nginx drops them unless the default server of the address says
// otherwise, and then they are here.
function hasOddHeader(headers) {
  return (
    Object.keys(headers)
      .join('')
      .search(/[^A-Za-z0-9-]/) !== -1
  )
}

// The body's text, '' where njs cannot read it or it is not UTF-8, which r.requestText would not tell.
function textOf(r) {
  try {
    // A byte order mark is kept, and is then something before the message.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(r.requestBuffer)
  } catch (_e) {
    return ''
  }
}

// Whether the headers that repeat a call say the same, or need not be there (MCP 2026-07-28): see mirror.js.
function isRepeated(call, headers) {
  const version = headers['Mcp-Protocol-Version']
  const method = headers['Mcp-Method']
  const name = headers['Mcp-Name']
  if (version !== undefined && (version.length !== 10 || version.indexOf(',') !== -1)) return false
  if (version === undefined || version < '2026-07-28') return method === undefined && name === undefined
  return method === call.method && name === call.name && !name.startsWith('=?')
}

function isInSet(set, call) {
  if (!set) return false
  const spaced = ' ' + set + ' '
  if (call.name === null) return spaced.indexOf(' ' + call.method + ' ') !== -1 || spaced.indexOf(' * ') !== -1
  return (
    spaced.indexOf(' ' + call.method + '=' + encodeURIComponent(call.name) + ' ') !== -1 || spaced.indexOf(' ' + call.method + '=* ') !== -1
  )
}

// For the log and the MCP server.
function note(v, call) {
  v.gatehouse_method = call.method
  v.gatehouse_tool = call.name === null ? '' : encodeURIComponent(call.name)
}

// Sends the request on to the MCP server, below whose name it came, by one of the ways in server.conf.
function pass(r, way) {
  const v = r.variables
  const path = r.uri
  const prefix = '/' + v.gatehouse_server
  v.gatehouse_path = path.startsWith(prefix + '/') ? path.slice(prefix.length) : path
  v.gatehouse_pass = '1'
  r.internalRedirect(way)
}

// Header filter of everything that comes from an MCP server. An answer without an HTTP/1 head is passed on by nginx as it is, and one
// behind an interim answer as its body: in both a hostile server would write the head that the client sees. A 101 would open a tunnel.
function answered(r) {
  const headers = r.headersOut
  if (r.httpVersion === '0.9' || r.status < 200) throw new Error('the MCP server has not answered in HTTP/1')
  // Parts of such a body have heads of their own, with Set-Cookie in browsers that obey it there.
  const type = headers['Content-Type']
  if (type !== 'application/json' && type !== undefined && type.trim().toLowerCase().startsWith('multipart/'))
    throw new Error('the MCP server has answered with a multipart body')
  // Clients follow redirects with their credentials and, at 307 and 308, with the body: one server must not make them call another one.
  if (headers.Location !== undefined && !mayLead(headers.Location, r.variables.gatehouse_server, r.headersIn.Host || ''))
    delete headers.Location
}

// Whether a redirect stays at the server that sent it, or leads to another host, where clients leave the credentials behind.
// Relative ones do not count: "../" would leave the server.
function mayLead(location, server, here) {
  if (location.startsWith('/' + server + '/')) return !/[^A-Za-z0-9._~/?&=%-]|\/\.|\/\/|%/.test(location.split('?')[0])
  const other = /^https?:\/\/([A-Za-z0-9.-]+)(?::[0-9]+)?(?:[/?][!-~]*)?$/.exec(location)
  if (other === null) return false
  const there = nameOnly(other[1])
  const own = nameOnly(here.replace(/:[0-9]*$/, ''))
  return there !== own && !isOddAddress(there) && !isOddAddress(own)
}

// Whether clients read a name as an IPv4 address that it does not look like, such as 127.1 or 0x7f000001 (WHATWG URL, "ends in a number").
function isOddAddress(name) {
  return /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(name) && !/^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/.test(name)
}

function nameOnly(host) {
  return host.toLowerCase().replace(/\.$/, '')
}

// Where a browser without a session is sent: the sign-in page, which brings it back here.
function signIn(r) {
  const here = r.variables.request_uri
  return '/oauth2/?next=' + encodeURIComponent(here.length <= LONGEST_NEXT ? here : r.variables.uri)
}

export default { key, gate, answered, signIn, isYes, hasOddHeader, isInSet, note, pass }
