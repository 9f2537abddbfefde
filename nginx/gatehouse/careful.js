// The gate in full, for every request that gate.js has not let through at a glance: the body is read, its call looked up in the set of what
// the caller may do here, or the validator asked, and only then the request goes on. The reading itself is in call.js.

import reader from './call.js'
import cors from './cors.js'
import headers from './headers.js'
import lists from './lists.js'
import mirror from './mirror.js'
import REFUSALS from './reasons.js'

// Steps of reading between two chances for the worker's other connections: at most some 20 ms of the densest JSON.
const STEPS_AT_ONCE = 1000
// Seconds from a request's beginning for which the first answer counts, of which the validator may take one. It was asked for with the head, and
// a body may come minutes later: who has begun before the end of a credential is to have no more than who begins anew. As in glance.conf.
const YOUNG = 2

// Content handler, after the one of the same name in gate.js.
function gate(r) {
  if (!r.variables.gatehouse_yes) return unavailable(r, '', '')
  const unfit = headers.problem(r.headersIn)
  if (unfit !== '') return refuse(r, unfit, '')
  if (r.method === 'GET' || r.method === 'DELETE') return hasBody(r) ? refuse(r, 'body_unexpected', '') : passUnlessLate(r, '')
  if (r.method !== 'POST') return refuse(r, 'method_not_allowed', '')
  const unread = headers.bodyProblem(r.headersIn)
  if (unread !== '') return refuse(r, unread, '')
  if (r.variables.gatehouse_mcp_trust_headers === 'on' && mirror.isTrusted(r.headersIn['Mcp-Protocol-Version'])) return believe(r)
  let body
  try {
    body = r.requestBuffer
  } catch (_e) {
    // njs 0.7.9 cannot read a body that nginx has put into a file.
    return refuse(r, 'body_too_large', '')
  }
  if (body === undefined || body.length === 0) return refuse(r, 'body_missing', '')
  let text
  try {
    // A byte order mark is kept, and refused as what it is: something before the message.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch (_e) {
    return refuse(r, 'body_not_utf8', '')
  }
  return read(r, reader.open(text, r.variables.gatehouse_client_responses === 'on'))
}

// Over HTTP/2 a body needs no header that announces it.
function hasBody(r) {
  const length = r.headersIn['Content-Length']
  if ((length !== undefined && length !== '0') || r.headersIn['Transfer-Encoding'] !== undefined) return true
  try {
    return r.requestBuffer !== undefined && r.requestBuffer.length > 0
  } catch (_e) {
    return true
  }
}

// Outside of the handler an exception would close the connection without an answer.
function read(r, state) {
  try {
    proceed(r, state)
  } catch (e) {
    r.error('the reader failed: ' + e)
    unavailable(r, 'internal_error', '')
  }
}

function proceed(r, state) {
  if (!reader.proceed(state, STEPS_AT_ONCE)) {
    // Not 0: nginx would run that timer in the same turn, before any other connection.
    setTimeout(read, 1, r, state)
    return
  }
  const call = reader.result(state)
  if (call.refused !== undefined) return refuse(r, call.refused, call.id)
  if (call.response) return respond(r, call.id)
  const said = r.headersIn
  decide(r, call, mirror.mirrorProblem(call, said['Mcp-Protocol-Version'], said['Mcp-Method'], said['Mcp-Name']))
}

// The answer of a client to what the MCP server has asked it. It calls nothing, so the right to the server at all is enough.
function respond(r, id) {
  const version = r.headersIn['Mcp-Protocol-Version']
  if (mirror.isMirrored(version)) return refuse(r, 'response_not_allowed', id)
  const says = r.headersIn['Mcp-Method'] !== undefined || r.headersIn['Mcp-Name'] !== undefined
  if (says || (version !== undefined && version.indexOf(',') !== -1)) return refuse(r, 'header_mismatch', id)
  passUnlessLate(r, id)
}

// JSON-RPC 2.0 section 5: the id where it is not known.
const UNREAD = 'null'

// The call of a request whose headers may be trusted. Of two headers of a name the MCP server could take the other one.
function believe(r) {
  const raw = r.rawHeadersIn
  const seen = {}
  for (let i = 0; i < raw.length; i += 1) {
    const name = raw[i][0].toLowerCase()
    if (name.startsWith('mcp-') && seen[name] === true) return refuse(r, 'header_mismatch', UNREAD)
    seen[name] = true
  }
  const call = mirror.fromHeaders(r.headersIn['Mcp-Method'], r.headersIn['Mcp-Name'])
  return call.refused === undefined ? decide(r, call, '') : refuse(r, call.refused, UNREAD)
}

function decide(r, call, problem) {
  const name = call.name === null ? null : encodeURIComponent(call.name)
  r.variables.gatehouse_method = call.method
  r.variables.gatehouse_tool = name === null ? '' : name
  if (problem !== '') return refuse(r, problem, call.id)
  if (lists.isList(call.method)) {
    r.variables.gatehouse_list = 'call'
    r.variables.gatehouse_list_id = call.id
  }
  const set = ' ' + (r.variables.gatehouse_allow || '') + ' '
  if (isYoung(r) && reader.tokens(call).some((word) => set.indexOf(' ' + word + ' ') !== -1)) return pass(r)
  const question = call.name === null ? { method: call.method } : { method: call.method, name: call.name }
  r.variables.gatehouse_call = Buffer.from(JSON.stringify(question)).toString('base64url')
  ask(r, call.id)
}

function isYoung(r) {
  return Number(r.variables.request_time) < YOUNG
}

// What calls nothing needs no more than the first answer, which must still be true.
function passUnlessLate(r, id) {
  if (isYoung(r)) return pass(r)
  ask(r, id)
}

// The set does not say yes, or does not any more: the validator has the word, and its words are the answer.
function ask(r, id) {
  r.subrequest('/_gatehouse/validate', { method: 'GET' }, (answer) => {
    const said = answer.headersOut
    if (answer.status === 204 && said['X-Server-Name'] === r.variables.gatehouse_server) {
      if (r.variables.gatehouse_list === 'call') takeSet(r, said['X-Mcp-Allow'])
      return pass(r)
    }
    const reason = said['X-Gatehouse-Reason'] || ''
    if (answer.status !== 401 && answer.status !== 403) return unavailable(r, reason, id)
    r.variables.gatehouse_reason = reason
    if (said['WWW-Authenticate']) r.headersOut['WWW-Authenticate'] = said['WWW-Authenticate']
    answerWith(r, answer.status, answer.status === 401 ? -32001 : -32003, reason, said['X-Gatehouse-Message'] || '', id)
  })
}

// What a list may show, where the first answer had no room for all that the caller may do.
function takeSet(r, set) {
  // Never empty: it goes before the set of the first answer.
  r.variables.gatehouse_list_allow = ' ' + (set || '')
  if (set !== undefined) return
  r.variables.gatehouse_reason = 'list_set_too_long'
  r.error(
    'what the caller may use on ' + r.variables.gatehouse_server + ' is more than fits: ' + r.variables.gatehouse_method + ' shows nothing'
  )
}

function unavailable(r, reason, id) {
  r.variables.gatehouse_reason = reason || 'validator_unavailable'
  r.headersOut['Retry-After'] = '1'
  answerWith(r, 503, -32000, r.variables.gatehouse_reason, 'The decision cannot be made now. Try again shortly.', id)
}

// Sends the request on to the MCP server, by one of the ways in server.conf.
function pass(r) {
  r.variables.gatehouse_pass = '1'
  r.internalRedirect(wayOf(r))
}

// Answers that may hold a list are filtered; everything else has no filter at all, which would cost streams memory.
function wayOf(r) {
  const v = r.variables
  const isResumed = r.method === 'GET' && r.headersIn['Last-Event-ID'] !== undefined
  // Who has a session by its header speaks Streamable HTTP, whatever the path is called.
  const isOld = r.method === 'GET' && r.uri.endsWith('/sse') && r.headersIn['Mcp-Session-Id'] === undefined
  if (isOld && (!isResumed || r.uri === '/' + v.gatehouse_server + '/sse')) return '@gatehouse_sse'
  // Such a stream may bring the answer to an earlier request.
  if (isResumed) v.gatehouse_list = 'resumed'
  if (v.gatehouse_list_filter === 'off') v.gatehouse_list = ''
  return v.gatehouse_list ? '@gatehouse_list' : '@gatehouse_proxy'
}

function notFound(r) {
  delete r.headersOut.Location
  return refuse(r, 'not_found', '')
}

function refuse(r, reason, id) {
  const refusal = REFUSALS[reason]
  r.variables.gatehouse_reason = reason
  if (refusal[0] === 405) r.headersOut.Allow = 'GET, POST, DELETE'
  answerWith(r, refusal[0], refusal[1], reason, refusal[2], id)
}

// The id is the client's own JSON text, checked by the reader; everything else comes from tables or is quoted here.
function answerWith(r, status, code, reason, message, id) {
  const plain = { reason: reason, message: message }
  const error = { code: code, message: message, data: { reason: reason } }
  r.headersOut['Content-Type'] = 'application/json'
  r.headersOut['Cache-Control'] = 'no-store'
  // As in answer.conf.
  r.headersOut['X-Content-Type-Options'] = 'nosniff'
  r.headersOut['Content-Security-Policy'] = "default-src 'none'; frame-ancestors 'none'"
  r.headersOut['X-Request-Id'] = r.variables.gatehouse_request_id
  cors.tell(r)
  r.return(status, id === '' ? JSON.stringify(plain) : '{"jsonrpc":"2.0","id":' + id + ',"error":' + JSON.stringify(error) + '}')
}

export default { gate, notFound }
