// What an MCP server may answer. What it may not ends the connection, or is left out.

import listing from './listing.js'

// Header filter of everything that comes from an MCP server. An answer without an HTTP/1 head is passed on by nginx as it is, and one
// behind an interim answer as its body: in both a hostile server would write the head that the client sees. A 101 would open a tunnel.
function answered(r) {
  if (r.httpVersion === '0.9' || r.status < 200) throw new Error('the MCP server has not answered in HTTP/1')
  // Parts of such a body have heads of their own, with Set-Cookie in browsers that obey it there.
  if (/^\s*multipart\//i.test(r.headersOut['Content-Type'] || '')) throw new Error('the MCP server has answered with a multipart body')
  // Clients follow redirects with their credentials and, at 307 and 308, with the body: one server must not make them call another one.
  const location = r.headersOut.Location
  if (location !== undefined && !mayLead(location, r.variables.gatehouse_server, r.headersIn.Host || '')) delete r.headersOut.Location
  if (r.variables.gatehouse_list) listing.begin(r)
}

// Whether a redirect stays at the server that sent it, or leads to another host, where clients leave the credentials behind.
// Relative ones do not count: "../" would leave the server.
function mayLead(location, server, here) {
  if (location.startsWith('/' + server + '/')) return !/[^A-Za-z0-9._~/?&=%-]|\/\.|\/\/|%/.test(location.split('?')[0])
  const other = /^https?:\/\/([A-Za-z0-9.-]+)(?::[0-9]+)?(?:[/?][!-~]*)?$/.exec(location)
  return other !== null && nameOnly(other[1]) !== nameOnly(here.replace(/:[0-9]*$/, ''))
}

function nameOnly(host) {
  return host.toLowerCase().replace(/\.$/, '')
}

export default { answered, listed: listing.filter }
