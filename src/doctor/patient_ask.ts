/** Questions that wait where a limit lets only so many through (docs/limits.md): a refusal for that says nothing about the rest. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ask, isTrouble, TOO_MANY } from './ask.ts'

/** Seconds that one question waits at the most. */
const PATIENCE = 20

/** @param pause for so many milliseconds */
export function patiently(ask: Ask, pause: (milliseconds: number) => Promise<unknown> = sleep): Ask {
  return async (question) => {
    for (let waited = 0; ; ) {
      const answer = await ask(question)
      // RFC 9110 section 10.2.3: seconds, or a date, which nobody here sends.
      const [, seconds] = /^(\d{1,5})$/.exec(isTrouble(answer) || answer.status !== 429 ? '' : (answer.headers['retry-after'] ?? '')) ?? []
      if (seconds === undefined) return answer
      waited += Math.max(1, Number(seconds))
      if (waited > PATIENCE) return { trouble: TOO_MANY }
      await pause(Math.max(1, Number(seconds)) * 1000)
    }
  }
}
