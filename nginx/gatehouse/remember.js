// What the validator has answered to the first question: told to the location that asks, and a yes written down for the next ones.
// Only with the files of gatehouse-dict/.

// Longest that anything is remembered, in seconds: the key of a decision is good for a minute.
const LONGEST = 60

// Header filter of the question. It runs before a byte of the body is read, which its sender may draw out for longer than the answer is good.
function answered(r) {
  const v = r.variables
  // To the second one careful.js listens itself.
  if (v.gatehouse_call) return
  v.gatehouse_user = v.upstream_http_x_user || ''
  v.gatehouse_username = v.upstream_http_x_username || ''
  v.gatehouse_client_id = v.upstream_http_x_client_id || ''
  v.gatehouse_scopes = v.upstream_http_x_scopes || ''
  v.gatehouse_groups = v.upstream_http_x_groups || ''
  v.gatehouse_auth_method = v.upstream_http_x_auth_method || ''
  v.gatehouse_server_name = v.upstream_http_x_server_name || ''
  v.gatehouse_cors = v.upstream_http_access_control_allow_origin || ''
  v.gatehouse_allow = v.upstream_http_x_mcp_allow || ''
  const seconds = secondsOf(v.upstream_http_x_accel_expires)
  if (r.status === 204 && seconds > 0 && v.gatehouse_user && v.gatehouse_server_name === v.gatehouse_server)
    write(r.rawVariables.gatehouse_decision_key.toString('base64url'), textOf(v), seconds)
}

// For how long the validator lets it be remembered, 0 where it does not.
function secondsOf(expires) {
  return expires !== undefined && /^[0-9]{1,9}$/.test(expires) ? Math.min(Number(expires), LONGEST) : 0
}

// In the order in which remember.conf reads it. No header has a line break in it.
function textOf(v) {
  return [
    v.gatehouse_user,
    v.gatehouse_username,
    v.gatehouse_client_id,
    v.gatehouse_scopes,
    v.gatehouse_groups,
    v.gatehouse_auth_method,
    v.gatehouse_server_name,
    v.gatehouse_cors,
    v.gatehouse_allow
  ].join('\n')
}

// The key is that of recall.js.
function write(key, text, seconds) {
  const decisions = ngx.shared.gatehouse
  try {
    // Not over an older one: njs before 0.9.7 could make room by freeing the very value that it replaces.
    decisions.delete(key)
    decisions.set(key, text, seconds * 1000)
  } catch (_e) {
    // There is no room for it: the validator is asked again.
  }
}

export default { answered }
