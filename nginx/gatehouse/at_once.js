// What the JSON reader takes at once: the text that one pattern matches at the place where it stands, which counts for steps by its words.
// Pure: see json.js.

import patterns from './patterns.js'

// Levels of containers that a text may have: patterns reach into some of them.
const MAX_DEPTH = 128
// What looking for a run, or for a whole container, counts for; and how many words that a pattern reads count for a step.
const RUN_COST = 1
const WHOLE_COST = 5
const WORDS_A_STEP = 12
// Characters that a pattern is given. A number of so many is refused, by itself as in a run.
const WINDOW = 512
// Most containers end in the first one.
const WHOLE_WINDOWS = [1024, 8192]
// After how many steps it pays to compile the pattern of runs.
const RUN_AFTER = 500
// How often in a row a run may fail at a depth before it is only tried now and then.
const PATIENCE = 4
const RETRY = 32

const NUMBERS = /^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[ \t\n\r]*,[ \t\n\r]*)*/

// Takes what matches at the place where the reader stands; gives its text, or '' where nothing does: every pattern matches '' too, because for
// a match that fails njs 0.7.9 keeps up to 100 KB until the request ends.
function take(reader, pattern) {
  const found = pattern.exec(reader.text.slice(reader.at, reader.at + WINDOW))[0]
  reader.at += found.length
  return found
}

// The steps that a pattern's work on a text counts for: by its words and escapes, nearly, as engines count them at little cost.
function workOn(text) {
  const words = text.split(',').length + text.split('[').length + text.split('{').length
  return Math.floor((words + text.split('\\').length / 2) / WORDS_A_STEP)
}

// Takes a run of items or members; gives its text, or '' where there is none. Not in a small body, and seldom where runs have failed: what they
// would have to hold is longer than a window or nested deeper than they reach.
function run(reader, kind) {
  const depth = reader.stack.length
  if (reader.steps < RUN_AFTER || depth > MAX_DEPTH - patterns.RUN_LEVELS) return ''
  const misses = reader.misses[depth] || 0
  if (misses >= PATIENCE && misses % RETRY !== 0) {
    reader.misses[depth] = misses + 1
    return ''
  }
  const code = reader.text.charCodeAt(reader.at)
  const isNumbers = kind === 'items' && code >= 45 && code <= 57
  const taken = take(reader, isNumbers ? NUMBERS : patterns.runs()[kind])
  reader.misses[depth] = taken === '' ? misses + 1 : 0
  // What was read in vain counts too, but for a number that is the last one of its row.
  reader.steps += RUN_COST + workOn(taken !== '' || isNumbers ? taken : reader.text.slice(reader.at, reader.at + WINDOW))
  return taken
}

// The text of the container that begins here, or '' where that is too long or too deep for the pattern. Only its words are checked.
function container(reader) {
  if (reader.stack.length > MAX_DEPTH - patterns.WHOLE_LEVELS) return ''
  reader.steps += WHOLE_COST
  return within(reader, WHOLE_WINDOWS[0]) || within(reader, WHOLE_WINDOWS[1])
}

// The same for one that ends within so many characters.
function within(reader, window) {
  const piece = reader.text.slice(reader.at, reader.at + window)
  const found = patterns.whole().exec(piece)[0]
  reader.steps += found === '' ? 2 * workOn(piece) : workOn(found)
  return found
}

export default { take, run, container, MAX_DEPTH, WINDOW }
