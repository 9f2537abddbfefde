/**
 * Clients that have just been told to come back with more scopes. Some refresh their token then, which can bring no more than it had
 * (RFC 6749 section 6), and give up; the first 1.x releases of the MCP TypeScript SDK are among them. For a moment after a challenge they
 * are told that the token cannot be refreshed, and authorize anew.
 */
import { type EndedSessions, StoreUnavailable } from '../session/ended.ts'

export interface StepUps {
  /** Takes note of a challenge. */
  challenged(signIn: string): void
  /** Whether a refresh of this sign-in (`origin_jti`) is such an answer to a challenge. Once for each challenge. */
  isAnswer(signIn: string): Promise<boolean>
}

/** Seconds: clients act at once, and a refresh that only comes at about the same time must not be hindered for long. */
const MOMENT = 5

/** @param now seconds since 1970 */
export function createStepUps(ended: EndedSessions, now: () => number): StepUps {
  const note = (id: string): Promise<boolean> => ended.note(id, now() + MOMENT)
  const missed = (error: unknown): false => {
    if (!(error instanceof StoreUnavailable)) throw error
    return false
  }
  return {
    challenged: (signIn) => void note(`step up ${signIn}`).catch(missed),
    isAnswer: async (signIn) => {
      try {
        const due = await ended.has({ id: `step up ${signIn}`, username: '', issuedAt: Number.POSITIVE_INFINITY })
        return due && (await note(`stepped up ${signIn}`))
      } catch (error) {
        return missed(error)
      }
    },
  }
}
