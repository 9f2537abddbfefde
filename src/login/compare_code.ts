/** What a person compares: the terminal and the page that asks for consent show the same eight characters. */
import { createHash } from 'node:crypto'

/** Without characters that look alike. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** @param challenge the code challenge (RFC 7636 section 4.2) that the program at the terminal has made */
export function compareCode(challenge: string): string {
  const bytes = createHash('sha256').update(`gatehouse compare ${challenge}`).digest().subarray(0, 8)
  const text = [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
  return `${text.slice(0, 4)}-${text.slice(4)}`
}
