// What nearly every request needs, and nothing else: njs runs this file anew for each of them, and again for the answer. It knows only one
// way to say yes; whatever is out of the ordinary goes to careful.js, whose word counts.
//
// In njs 0.7.9 each function here, each name that is exported, each method of JavaScript that is used for the first time and each variable of
// nginx that is read takes from 300 to 1,500 instructions a request: hence one method for several purposes, and conditions in http.conf.

// What a client asks with, as its SHA-256, the very 32 bytes: by it the client is known without a credential standing anywhere. WebCrypto's digest
// is OpenSSL's, which costs a third of njs 0.7.9's own; its promise has been kept when nginx goes on, and without a digest location.conf
// answers 503.
async function digest(r) {
  const raw = r.rawVariables
  raw.gatehouse_credential = await crypto.subtle.digest('SHA-256', raw.gatehouse_asker)
}

// Content handler of every protected location, after auth_request has said who asks: lets through what glance.conf has read, if its headers
// leave no doubt and the caller may do it. (Names of tools stand in the set percent-encoded.)
function gate(r) {
  const v = r.variables
  const method = v.gatehouse_glance
  if (!method) return r.internalRedirect('@gatehouse_read')
  const plain = v.gatehouse_tool
  const name = plain || v.gatehouse_name
  const word = plain || encodeURIComponent(name)
  const set = ' ' + (v.gatehouse_allow || '') + ' '
  const isAllowed = set.indexOf(' ' + method + '=' + word + ' ') !== -1 || set.indexOf(' ' + method + '=* ') !== -1
  if (!isAllowed || !isPlain(r.headersIn, method, name)) return r.internalRedirect('@gatehouse_read')
  if (!plain) v.gatehouse_tool = word
  v.gatehouse_pass = '1'
  r.internalRedirect('@gatehouse_proxy')
}

// Whether the names of a request's headers are as they should be (see headers.js), its body is no other text than it seems, and the headers
// that repeat the call say the same, or need not be there (MCP 2026-07-28, see mirror.js).
function isPlain(headers, method, name) {
  let names = ''
  for (const one in headers) names += one
  if (names.search(/[^A-Za-z0-9-]/) !== -1 || headers['Content-Encoding'] !== undefined) return false
  if (headers.Origin !== undefined && headers.Origin.indexOf(',') !== -1) return false
  const version = headers['Mcp-Protocol-Version']
  const methodHeader = headers['Mcp-Method']
  const nameHeader = headers['Mcp-Name']
  if (version !== undefined && (version.length !== 10 || version.indexOf(',') !== -1)) return false
  if (version === undefined || version < '2026-07-28') return methodHeader === undefined && nameHeader === undefined
  return methodHeader === method && nameHeader === name && !name.startsWith('=?')
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
  // Hidden by backend.conf and put back here: over HTTP/2 nginx sends a Location that njs has taken away.
  // (An answer 200 leads nowhere, and a variable of nginx costs something.)
  const location = r.status === 200 ? '' : r.variables.upstream_http_location
  if (location && mayLead(location, r.variables.gatehouse_server, r.headersIn.Host || '')) headers.Location = location
}

// Whether a redirect stays at the server that sent it, or leads to another host, where clients leave the credentials behind.
// Relative ones do not count: "../" would leave the server.
function mayLead(location, server, here) {
  // Whether clients read a name as an IPv4 address that it does not look like, such as 127.1 or 0x7f000001 (WHATWG URL, "ends in a number").
  const isOddAddress = (name) =>
    /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(name) && !/^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/.test(name)
  const nameOnly = (host) => host.toLowerCase().replace(/\.$/, '')
  if (location.startsWith('/' + server + '/')) return !/[^A-Za-z0-9._~/?&=%-]|\/\.|\/\/|%/.test(location.split('?')[0])
  const other = /^https?:\/\/([A-Za-z0-9.-]+)(?::[0-9]+)?(?:[/?][!-~]*)?$/.exec(location)
  if (other === null) return false
  const there = nameOnly(other[1])
  const own = nameOnly(here.replace(/:[0-9]*$/, ''))
  return there !== own && !isOddAddress(there) && !isOddAddress(own)
}

export default { digest, gate, answered }
