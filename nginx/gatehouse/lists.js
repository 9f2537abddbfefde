// What a list answer of an MCP server shows: of its tools, prompts, resources and templates only those that the caller may use.
// Pure: no request, no nginx. The same file runs in Node, where the tests read it too. Dialect and traps: see json.js.
//
// Items are cut out of the text as it stands; nothing is written anew, so numbers, escapes and the order of members stay as they were.
// A text that two parsers could read in two ways is not shown at all.

import items from './items.js'
import json from './json.js'

// Steps for one text: a list of 300 usual tools takes half of them. The dearest take some 30 ms, after which an nginx worker is back with its
// other connections.
const MAX_STEPS = 5000

const MESSAGE = 1
const RESULT = 2
const LIST = 3
const ITEM = 4

const METHODS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']

const MESSAGE_KEYS = ['id', 'result']
const RESULT_KEYS = items.LISTS.concat(['cacheScope', 'content', 'contents', 'messages'])
// Members that results of calls have, and lists never.
const NO_LIST = ['content', 'contents', 'messages']
// All of them, by how they read in small letters.
const NAMES = {}
MESSAGE_KEYS.concat(RESULT_KEYS, items.SUBJECTS).forEach((name) => {
  NAMES[name.toLowerCase()] = name
})

const PRIVATE = '"private"'
const AMBIGUOUS = 'list_unreadable'

// Above what uses it: njs 0.7.9 reaches constants that stand before a function only.
const WATCHER = { container: container, key: key, value: value, closed: closed, whole: whole }

// Whether a method asks for a list.
function isList(method) {
  return METHODS.includes(method)
}

// The words of a set of what a caller may do, for looking them up.
function wordsOf(set) {
  const words = {}
  const all = set.split(' ')
  for (let i = 0; i < all.length; i += 1) words[all[i]] = true
  return words
}

// Takes the text of one message and
//   method      of the list that it answers, or '' where it may answer anything: then what has the shape of a list is one
//   words       what the caller may do: see wordsOf()
//   budget      { left }: the steps that may be taken, of which those that were are taken away
//   scoped      whether the protocol knows cacheScope, whose absence some clients take for "public" (MCP 2026-07-28, caching)
// Gives { text, id } with what may be shown, null where the text cannot be read, and the id as JSON text, '' without one.
function shown(text, method, words, scoped, budget) {
  const reader = json.open(text, WATCHER)
  reader.own = METHODS.includes(method) ? items.LISTS[METHODS.indexOf(method)] : ''
  reader.words = words
  reader.id = ''
  reader.key = ''
  reader.seen = { 1: [], 2: [], 4: [] }
  reader.inside = 0
  reader.found = false
  reader.other = false
  reader.edits = []
  const isRead = json.proceed(reader, Math.min(MAX_STEPS, budget.left)) && reader.refused === ''
  budget.left -= reader.steps
  if (!isRead) return { text: null, id: reader.id }
  if (!reader.found || (reader.own === '' && reader.other)) return { text: text, id: reader.id }
  if (scoped && !reader.seen[RESULT].includes('cacheScope')) {
    edit(reader, reader.inside, reader.inside, '"cacheScope":' + PRIVATE + ',')
  }
  return { text: edited(text, reader.edits), id: reader.id }
}

function edit(reader, from, to, text) {
  reader.edits.push({ from: from, to: to, text: text })
}

function edited(text, edits) {
  const pieces = []
  let at = 0
  edits.sort((a, b) => a.from - b.from || a.to - b.to)
  for (let i = 0; i < edits.length; i += 1) {
    pieces.push(text.slice(at, edits[i].from), edits[i].text)
    at = edits[i].to
  }
  pieces.push(text.slice(at))
  return pieces.join('')
}

function key(reader, text) {
  const depth = reader.stack.length
  const plain = text.indexOf('\\') === -1 ? text : JSON.parse('"' + text + '"')
  const name = NAMES[folded(plain)]
  reader.key = ''
  if (typeof name !== 'string' || !isLookedFor(reader, name)) return ''
  // Twice, or in other letters, which some parsers take for the same.
  if (plain !== name || reader.seen[depth].includes(name)) {
    if (depth !== ITEM) return AMBIGUOUS
    reader.item.hidden = true
  }
  reader.seen[depth].push(name)
  reader.key = name
  if (NO_LIST.includes(name)) reader.other = true
  return ''
}

// Some parsers take a long s for an s, too.
function folded(key) {
  const small = key.toLowerCase()
  return small.indexOf('\u017f') === -1 ? small : small.split('\u017f').join('s')
}

function isLookedFor(reader, name) {
  switch (reader.stack.length) {
    case MESSAGE:
      return MESSAGE_KEYS.includes(name)
    case RESULT:
      return RESULT_KEYS.includes(name)
    default:
      return name === reader.kind.subject
  }
}

function value(reader, token) {
  if (reader.stack === '') return AMBIGUOUS
  switch (reader.stack.length) {
    case MESSAGE:
      if (reader.key === 'id') reader.id = token
      return reader.key === 'result' && reader.own !== '' ? AMBIGUOUS : ''
    case RESULT:
      return resultValue(reader, token)
    case LIST:
      reader.items.push({ from: reader.from, to: reader.at, shown: false })
      return ''
    default:
      if (reader.key === reader.kind.subject) reader.item.token = token
      return ''
  }
}

function resultValue(reader, token) {
  if (reader.key === 'cacheScope') edit(reader, reader.from, reader.at, PRIVATE)
  if (reader.key !== reader.own || reader.own === '') return ''
  // An empty list, as some servers write it.
  if (token !== 'null') return AMBIGUOUS
  reader.found = true
  return ''
}

function container(reader, code) {
  const depth = reader.stack.length
  if (depth === 0) {
    reader.watched = MESSAGE
    return code === 123 ? '' : AMBIGUOUS
  }
  if (depth === MESSAGE && reader.key === 'result') return openResult(reader, code)
  if (depth === RESULT && items.LISTS.includes(reader.key)) return openList(reader, code)
  if (depth === RESULT && reader.key === 'cacheScope') return AMBIGUOUS
  if (depth === LIST) {
    // An array among the items has no name.
    reader.item = { from: reader.from, to: 0, token: '', hidden: code !== 123 }
    reader.seen[ITEM] = []
    // Should it be too large to be seen as a whole, or doubtful.
    reader.watched = ITEM
    reader.whole = true
    return ''
  }
  reader.whole = true
  return ''
}

function openResult(reader, code) {
  if (code !== 123) {
    reader.whole = true
    return reader.own === '' ? '' : AMBIGUOUS
  }
  reader.inside = reader.from + 1
  reader.watched = RESULT
  return ''
}

function openList(reader, code) {
  if (code !== 91) {
    reader.whole = true
    return reader.key === reader.own ? AMBIGUOUS : ''
  }
  reader.kind = items.kindOf(reader.key)
  reader.items = []
  reader.found = true
  reader.watched = LIST
  return ''
}

// Whether a container is one that needs no closer look. An item must say plainly what it is called.
function whole(reader, text, value) {
  if (reader.stack.length !== LIST) return true
  const item = reader.item
  if (!item.hidden) {
    const token = items.nameIn(reader.kind, text, value)
    if (token === '') return false
    item.token = token
  }
  reader.watched = LIST
  finish(reader)
  return true
}

function closed(reader) {
  if (reader.stack.length === RESULT) reader.edits = reader.edits.concat(items.cutsOf(reader.items))
  if (reader.stack.length === LIST) finish(reader)
}

function finish(reader) {
  const item = reader.item
  item.to = reader.at
  item.shown = !item.hidden && items.mayUse(reader.kind, reader.words, item.token)
  reader.items.push(item)
}

export default { isList, wordsOf, shown }
