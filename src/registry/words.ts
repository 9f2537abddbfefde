/** Text cut into the words that are searched. Names such as `get_currentTime` are texts too. */

/** Words that a question is made of, and that tell no tool from another. */
const EMPTY_WORDS = new Set(
  (
    'a about an and any are as at be by can could do does for from give had has have how i if in into is it its let me my of on or our ' +
    'please shall should some tell than that the their them then there these they this to us want was we were what when where which ' +
    'who whom whose why will with would you your'
  ).split(' '),
)

/** Longer ones are no words, and looking for what is like them costs. */
const MAX_WORD = 40
/** Shortest that is left of a word. */
const MIN_STEM = 4

/** Words that people and authors of tools use for the same thing; the first of them stands for all. */
const SYNONYMS = [
  'search find lookup',
  'list show display',
  'create make add',
  'delete remove erase',
  'update change edit modify',
  'restart reboot',
  'email mail',
  'image picture photo',
  'folder directory',
].map((group) => group.split(' ').map(stemOf))

const standIns = new Map(SYNONYMS.flatMap(([first = '', ...others]) => others.map((other) => [other, first] as const)))

/** Words in lower case, without accents; where a name changes to a capital or between letters and digits, a new one begins. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}+/gu, '')
  const apart = plain.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
  return apart.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? []
}

/** The form in which a word is compared, without the commonest English endings; null for one that says nothing. */
export function rootOf(word: string): string | null {
  if (word.length > MAX_WORD || EMPTY_WORDS.has(word)) return null
  const stem = stemOf(word)
  return standIns.get(stem) ?? stem
}

function stemOf(word: string): string {
  const one = singular(word)
  return shorter(one, /(?:ing|ed)$/, MIN_STEM) ?? shorter(one, /(?:ion|e)$/, MIN_STEM + 1) ?? one
}

function singular(word: string): string {
  if (word.length < MIN_STEM || !word.endsWith('s') || /(?:ss|us|is)$/.test(word)) return word
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  return /(?:s|x|z|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1)
}

function shorter(word: string, ending: RegExp, least: number): string | null {
  const rest = word.replace(ending, '')
  return rest !== word && rest.length >= least ? rest : null
}
