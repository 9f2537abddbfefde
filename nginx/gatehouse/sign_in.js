// Where a browser without a session is sent: the sign-in page, which brings it back here.

// Longest address that it is brought back to, in characters.
const LONGEST_NEXT = 256

function address(r) {
  const here = r.variables.request_uri
  return '/oauth2/?next=' + encodeURIComponent(here.length <= LONGEST_NEXT ? here : r.variables.uri)
}

export default { address }
