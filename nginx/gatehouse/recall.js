// What is remembered of who asks now. Only with the files of gatehouse-dict/: njs runs this file for each request.

function known(r) {
  // Keys of a dictionary are text, and a digest is none.
  const found = ngx.shared.gatehouse.get(r.rawVariables.gatehouse_decision_key.toString('base64url'))
  if (found) r.variables.gatehouse_known = found
}

export default { known }
