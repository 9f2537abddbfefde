// What browsers need so that pages of other origins may talk to MCP servers (Fetch, CORS protocol). Which origins may, the validator says.

// What MCP clients send: transports of 2025-11-25 and 2026-07-28, W3C Trace Context. A wildcard would not stand for Authorization.
const SENT = [
  'Authorization',
  'Content-Type',
  'Accept',
  'Mcp-Session-Id',
  'MCP-Protocol-Version',
  'Last-Event-ID',
  'Mcp-Method',
  'Mcp-Name',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'baggage'
]

// Header filter of the answer to a preflight.
function preflight(r) {
  delete r.headersOut['WWW-Authenticate']
  r.headersOut['Access-Control-Allow-Headers'] = SENT.concat(parameters(r.headersIn['Access-Control-Request-Headers'] || '')).join(', ')
}

// MCP 2026-07-28 mirrors arguments of a tool in headers, whose names end as the tool's schema says: those that are asked for.
function parameters(asked) {
  return asked
    .toLowerCase()
    .slice(0, 4096)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name.startsWith('mcp-param-') && name.length > 10 && !/[^a-z0-9-]/.test(name))
}

// For answers that njs gives itself.
function tell(r) {
  r.headersOut.Vary = 'Origin'
  if (!r.variables.gatehouse_cors) return
  r.headersOut['Access-Control-Allow-Origin'] = r.variables.gatehouse_cors
  r.headersOut['Access-Control-Expose-Headers'] = r.variables.gatehouse_cors_expose
}

export default { preflight, tell }
