/** What an MCP client calls itself. Nobody vouches for it. */

/** Characters. */
const LONGEST = 64
/** So much is looked at: what is piled upon one letter takes its square of time to put in order. */
const READ = 512
/** Controls, halves of characters, what reorders, hides or breaks lines. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
/** Quotation marks end what the page quotes; the braille blank is a space to the eye. */
const QUOTES = /["“”„‟«»‹›\u2800]/gu
/** More than two marks on one letter reach into the lines around it. */
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu

/** The name as it may stand in a page or a log line: one line, visible, at most 64 characters. Null when nothing is left of it. */
export function cleanClientName(text: string): string | null {
  const line = text
    .slice(0, READ)
    .normalize('NFKC')
    .replace(/[\t\n\v\f\r\p{Zs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(QUOTES, ' ')
    .replace(INVISIBLE, '')
    // What it has kept apart comes together. A name that is clean must stay as it is: the id of a client is made of it.
    .normalize('NFKC')
    .replace(PILED_MARKS, '$1')
  const name = [...line.replace(/ +/g, ' ').trim()].slice(0, LONGEST).join('').trim()
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : null
}
