// From the text of a request body to the call it makes: one JSON-RPC 2.0 message of MCP, and nothing that could be read in two ways.
// Pure: no request, no nginx. The same file runs in Node, where the tests read it too. Dialect and traps: see json.js.

import json from './json.js'

const MAX_PARAMS = 128
const MAX_NAME = 256
const MAX_ID = 256

const MESSAGE = 1
const PARAMS = 2

const COUNTS_POINTS = '\ud83d\ude00'.length === 1
const NAME_MEMBER = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' }

// Above what uses it: njs 0.7.9 reaches constants that stand before a function only.
const WATCHER = { container: container, key: key, value: value }

// Begins to read; takes whether the message may also be a response. Give the result to proceed().
function open(text, responses) {
  const reader = json.open(text, WATCHER)
  reader.responses = responses === true
  reader.key = ''
  reader.names = []
  reader.raw = {}
  return reader
}

function key(reader, text) {
  return reader.stack.length === MESSAGE ? messageKey(reader, text) : paramsKey(reader, text)
}

// A message has these members and no other. An escape could hide one that another parser sees.
function messageKey(reader, text) {
  const isAnswer = text === 'result' || text === 'error'
  if (isAnswer && !reader.responses) return 'response_not_allowed'
  if (!isAnswer && text !== 'jsonrpc' && text !== 'id' && text !== 'method' && text !== 'params') return 'member_unknown'
  if (reader.raw[text] !== undefined) return 'member_duplicated'
  reader.key = text
  return ''
}

// Parsers differ in which of two equal keys counts, and some match keys without regard to case.
function paramsKey(reader, text) {
  if (text.search(/[^ -~]|\\/) !== -1) return 'member_unknown'
  const folded = text.toLowerCase()
  if (text !== folded && (folded === 'name' || folded === 'uri' || folded === 'arguments')) return 'member_unknown'
  if (reader.names.includes(folded)) return 'member_duplicated'
  if (reader.names.length >= MAX_PARAMS) return 'body_too_complex'
  reader.names.push(folded)
  reader.key = 'params.' + text
  return ''
}

// Remembers the text of a value that decides; every other one has only been checked.
function value(reader, token) {
  if (reader.stack === '') return 'json_invalid'
  if (reader.stack.length === MESSAGE || reader.key === 'params.name' || reader.key === 'params.uri') reader.raw[reader.key] = token
  return ''
}

function container(reader, code) {
  if (reader.stack === '') {
    if (code === 91) return 'batch_not_allowed'
    reader.watched = MESSAGE
  } else if (reader.stack.length === MESSAGE) {
    if (reader.key === 'result' || reader.key === 'error') {
      reader.raw[reader.key] = code === 123 ? '{' : '['
      return ''
    }
    if (reader.key !== 'params') return 'member_invalid'
    if (code !== 123) return 'params_not_object'
    reader.raw.params = '{'
    reader.watched = PARAMS
  } else if (reader.key === 'params.name' || reader.key === 'params.uri') {
    return 'name_invalid'
  }
  return ''
}

// What was read: { method, name, id } with the id as JSON text, '' for a notification; { response, id } where one may be; or { refused, id }.
function result(reader) {
  const id = idOf(reader.raw.id)
  if (reader.refused !== '') return { refused: reader.refused, id: id || '' }
  if (reader.raw.result !== undefined || reader.raw.error !== undefined) return responseOf(reader, id)
  const reason = problemOf(reader, id)
  if (reason !== '') return { refused: reason, id: id || '' }
  const method = reader.raw.method.slice(1, -1).replace(/\\\//g, '/')
  const member = NAME_MEMBER[method]
  if (!isMethod(method)) return { refused: 'method_invalid', id: id }
  if (!isNamed(method)) return { method: method, name: null, id: id }
  const name = nameOf(reader.raw['params.' + member])
  return name === null ? { refused: 'name_invalid', id: id } : { method: method, name: name, id: id }
}

// JSON-RPC 2.0 section 5, MCP: the id of the request, and either a result or an error, which are objects.
function responseOf(reader, id) {
  const raw = reader.raw
  if (raw.jsonrpc !== '"2.0"') return { refused: 'jsonrpc_invalid', id: id || '' }
  if (id === null || id === '') return { refused: 'id_invalid', id: '' }
  const isOne = raw.result === undefined ? raw.error === '{' : raw.error === undefined && raw.result === '{'
  return isOne && raw.method === undefined && raw.params === undefined
    ? { response: true, id: id }
    : { refused: 'response_invalid', id: id }
}

function problemOf(reader, id) {
  if (reader.raw.jsonrpc !== '"2.0"') return 'jsonrpc_invalid'
  if (id === null) return 'id_invalid'
  if (reader.raw.params !== undefined && reader.raw.params !== '{') return 'params_not_object'
  const method = reader.raw.method
  return method === undefined || method.charCodeAt(0) !== 34 ? 'method_invalid' : ''
}

// MCP: an id is a string or an integer, never null.
function idOf(token) {
  if (token === undefined) return ''
  if (token.length > MAX_ID) return null
  return token.charCodeAt(0) === 34 || token.search(/[^0-9-]/) === -1 ? token : null
}

// The value of a name's token, or null when it is none to decide on. Counted in code points, which njs and Node agree on.
function nameOf(token) {
  if (token === undefined || token.charCodeAt(0) !== 34 || token.length > 12 * MAX_NAME + 2) return null
  // Nearly all of them are plain, and need none of what follows.
  if (token.length > 2 && token.length <= MAX_NAME + 2 && token.slice(1, -1).search(/[^ !#-[\]-~]/) === -1) return token.slice(1, -1)
  if (token.indexOf('\\u') !== -1 && hasLoneSurrogate(token)) return null
  const name = JSON.parse(token)
  return isName(name) ? name : null
}

function hasLoneSurrogate(token) {
  // Without the other escapes first: after an escaped backslash "ud800" is plain text.
  const surrogates = token.replace(/\\[^u]/g, '').replace(/\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/g, '')
  return surrogates.search(/\\u[dD][89a-fA-F]/) !== -1
}

function isMethod(method) {
  return method.search(/[^A-Za-z0-9_.$/-]/) === -1 && method.length <= MAX_NAME && method !== ''
}

// Of a text without lone surrogates.
function isName(name) {
  if (name === '' || name.search(/[\x00-\x1f\x7f-\x9f]/) !== -1) return false
  // As njs counts them. Elsewhere a length is no less.
  if (name.length <= MAX_NAME || COUNTS_POINTS) return name.length <= MAX_NAME
  const points = encodeURIComponent(name)
    .replace(/%[89AB][0-9A-F]/g, '')
    .replace(/%[0-9A-F][0-9A-F]/g, 'x').length
  return points <= MAX_NAME
}

// Reads a whole text at once.
function parse(text) {
  const reader = open(text)
  json.proceed(reader, Infinity)
  return result(reader)
}

// The word to look for in the set of what a caller may do, and the wildcard that does as well.
function tokens(call) {
  if (call.name === null) return [call.method, '*']
  return [call.method + '=' + encodeURIComponent(call.name), call.method + '=*']
}

// Whether a method is one that names what it uses.
function isNamed(method) {
  return typeof NAME_MEMBER[method] === 'string'
}

export default { parse, open, proceed: json.proceed, result, nameOf, isMethod, isName, isNamed, tokens }
