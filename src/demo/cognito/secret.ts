/** Comparing secrets, and making ones that nobody guesses. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Compares in a time that depends on neither the place of the first difference nor the lengths. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

/** An opaque value for a refresh token or a session. Amazon's are longer, and just as meaningless to a client. */
export function randomSecret(): string {
  return randomBytes(48).toString('base64url')
}
