// The items of a list: by what each is known, whether the caller may use it, and what is taken out of the text where some may not be seen.
// Pure: see json.js.

import call from './call.js'

const LISTS = ['tools', 'prompts', 'resources', 'resourceTemplates']
// By what an item is known, and the call that uses it: a template is one of many resources, opened by itself or by all of them.
const SUBJECTS = ['name', 'name', 'uri', 'uriTemplate']
const CALLS = ['tools/call', 'prompts/get', 'resources/read', 'resources/read']

const LETTER_ESCAPE = /\\u00[4-7][0-9a-fA-F]/

const kinds = {}

// How to look for the name of an item in the text of a list of this kind.
function kindOf(list) {
  if (kinds[list] === undefined) kinds[list] = compileKind(list)
  return kinds[list]
}

function compileKind(list) {
  const kind = LISTS.indexOf(list)
  const member = '"' + SUBJECTS[kind] + '"[ \\t\\n\\r]*:[ \\t\\n\\r]*("[^"\\\\]*(?:\\\\.[^"\\\\]*)*")'
  return {
    subject: SUBJECTS[kind],
    call: CALLS[kind],
    // Matches '' as well: see take() in at_once.js.
    first: new RegExp('^(?:\\{[ \\t\\n\\r]*' + member + ')?'),
    any: new RegExp(member)
  }
}

// The name of an item as it stands in its text, or '' where there could be two: of equal members parsers take the first or the last.
function nameIn(kind, text, value) {
  const keys = ' ' + Object.keys(value).join('  ').toLowerCase() + ' '
  if (keys.split(' ' + kind.subject.toLowerCase() + ' ').length !== 2) return ''
  let found = kind.first.exec(text)
  if (found[0] === '') {
    const at = text.search(kind.any)
    if (at === -1 || text.search(LETTER_ESCAPE) !== -1) return ''
    found = kind.any.exec(text.slice(at))
    if (text.slice(at + found[0].length).search(kind.any) !== -1) return ''
  }
  return value[kind.subject] === JSON.parse(found[1]) ? found[1] : ''
}

// Whether a name, as it stands in the text, is one that the caller could call with.
function mayUse(kind, words, token) {
  const name = token === '' ? null : call.nameOf(token)
  if (name === null) return false
  const tokens = call.tokens({ method: kind.call, name: name })
  return words[tokens[0]] === true || words[tokens[1]] === true
}

// Edits { from, to, text } that take out the items that are not shown: each with the comma after it, or before it where one that is shown stands before.
function cutsOf(items) {
  const cuts = []
  let last = null
  for (let i = 0; i < items.length; i += 1) {
    const item = items[i]
    if (item.shown) last = item
    else if (last !== null) cuts.push({ from: items[i - 1].to, to: item.to, text: '' })
    else cuts.push({ from: item.from, to: i + 1 < items.length ? items[i + 1].from : item.to, text: '' })
  }
  return cuts
}

export default { LISTS, SUBJECTS, kindOf, nameIn, mayUse, cutsOf }
