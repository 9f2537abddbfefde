// The headers that repeat what a message says (MCP 2026-07-28, Streamable HTTP): Mcp-Method and Mcp-Name, beside MCP-Protocol-Version.
// Pure: see call.js.

import call from './call.js'

// How a header begins that holds a name in base64.
const ENCODED = '=?base64?'

// Whether a protocol version repeats in headers what its messages say, as it does since 2026-07-28; undefined is none.
function isMirrored(version) {
  return version !== undefined && /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(version) && version >= '2026-07-28'
}

// Whether the headers of such a version may be believed without the body: it is a date and nothing more.
function isTrusted(version) {
  return isMirrored(version) && version.length === 10
}

// The call that the headers name (MCP 2026-07-28, Streamable HTTP): as of result(), but without an id. Each is there once or undefined.
function fromHeaders(methodHeader, nameHeader) {
  if (methodHeader === undefined) return { refused: 'header_mismatch', id: '' }
  if (!call.isMethod(methodHeader)) return { refused: 'method_invalid', id: '' }
  if (!call.isNamed(methodHeader)) return { method: methodHeader, name: null, id: '' }
  if (nameHeader === undefined) return { refused: 'header_mismatch', id: '' }
  const name = nameHeader.startsWith(ENCODED) ? decodedName(nameHeader) : nameHeader
  if (name === null || (name === nameHeader && /[^ -~]/.test(name))) return { refused: 'header_mismatch', id: '' }
  return call.isName(name) ? { method: methodHeader, name: name, id: '' } : { refused: 'name_invalid', id: '' }
}

// The text of =?base64?TEXT?=, null where it is no UTF-8 or not written in the one way that base64 has for it.
function decodedName(header) {
  if (!header.endsWith('?=') || header.length < ENCODED.length + 2) return null
  const text = header.slice(ENCODED.length, -2)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (_e) {
    return null
  }
}

// Whether the headers that repeat the body say the same (MCP 2026-07-28, Streamable HTTP): '' or the reason why not.
// Values are as received, undefined where a header is missing.
function mirrorProblem(message, version, methodHeader, nameHeader) {
  // Two versions: which one counts is anybody's guess.
  if (version !== undefined && version.indexOf(',') !== -1) return 'header_mismatch'
  const mirrored = isMirrored(version)
  if (methodHeader === undefined ? mirrored : methodHeader !== message.method) return 'header_mismatch'
  if (message.name === null) return ''
  if (nameHeader === undefined) return mirrored ? 'header_mismatch' : ''
  const encoded = ENCODED + Buffer.from(message.name).toString('base64') + '?='
  const plain = !/[^ -~]/.test(message.name) && !message.name.startsWith(ENCODED)
  return nameHeader === encoded || (plain && nameHeader === message.name) ? '' : 'header_mismatch'
}

export default { isMirrored, isTrusted, fromHeaders, mirrorProblem }
