// The larger patterns of the JSON reader. Written by code, because they hold themselves again and again, and compiled only where one is
// needed, once for a request: what stands at the top of a module is compiled anew for each.

// How many levels of containers a run and a whole container reach into.
const RUN_LEVELS = 5
const WHOLE_LEVELS = 16

const STRING = '"[^"\\\\\\x00-\\x1f]*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\\\\x00-\\x1f]*)*"'

// The patterns of runs: items or members with up to RUN_LEVELS levels of containers in them. Each value must be followed by a comma or by the
// end of its container, so that no number is cut in two, and there is one way only to read a text: a second one would be tried for every
// value that follows. Each level holds the one below it twice, which keeps the pattern small enough for njs.
let compiledRuns = null
let compiledWhole = null

function runs() {
  if (compiledRuns === null) compiledRuns = compileRuns()
  return compiledRuns
}

function whole() {
  if (compiledWhole === null) compiledWhole = compileWhole()
  return compiledWhole
}

function compileRuns() {
  const ws = '[ \\t\\n\\r]*'
  const whole = '-?(?:0|[1-9][0-9]*)(?![0-9.eE])'
  const fraction = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)'
  const atom = STRING + '|' + whole + '|' + fraction + '|true|false|null'
  function items(value) {
    return '(?:' + value + ws + '(?:,' + ws + '(?!\\])|(?=\\])))'
  }
  function members(value) {
    return '(?:' + STRING + ws + ':' + ws + value + ws + '(?:,' + ws + '(?!\\})|(?=\\})))'
  }
  let value = '(?:' + atom + ')'
  for (let level = 0; level < RUN_LEVELS; level += 1) {
    value = '(?:\\{' + ws + members(value) + '*\\}|\\[' + ws + items(value) + '*\\]|' + atom + ')'
  }
  return { items: new RegExp('^' + items(value) + '*'), members: new RegExp('^' + members(value) + '*') }
}

// The pattern of one whole container: brackets in pairs with JSON's words and separators between them in any order. It reaches deeper than
// runs for its size, because a level holds the one below it once. No word can give a part of itself to the next one: a text without the last
// bracket would be tried in every division.
function compileWhole() {
  const number = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE+-])'
  const word = STRING + '|[,:]|[ \\t\\n\\r]+(?![ \\t\\n\\r])|' + number + '|true|false|null'
  let container = '[\\[{](?:' + word + ')*[\\]}]'
  for (let level = 1; level < WHOLE_LEVELS; level += 1) container = '[\\[{](?:' + word + '|' + container + ')*[\\]}]'
  return new RegExp('^(?:' + container + ')?')
}

export default { runs, whole, RUN_LEVELS, WHOLE_LEVELS }
