/** What came of a call that the model wanted, for the model, the user and the end. */
import { inWords, type Outcome } from './failure.ts'
import type { CallAnswer, ModelCall } from './models/model.ts'
import { type GatewayRefusal, isTrouble } from './refusal.ts'

export interface CallRecord {
  /** Empty when no server was asked. */
  server: string
  tool: string
  arguments: Record<string, unknown>
  outcome: 'done' | 'error' | 'refused'
  /** What the model is told. */
  text: string
  /** Null unless the gateway refused. */
  refusal: GatewayRefusal | null
}

/** Characters of an answer that the model is given. */
const MOST_TEXT = 40_000

/** @param outcome the tool's answer, or a sentence that says why no server was asked */
export function recordOf(
  server: string,
  { name: tool, input }: Pick<ModelCall, 'name' | 'input'>,
  outcome: Outcome<{ text: string; isError: boolean }> | { error: string },
): CallRecord {
  const record = { server, tool, arguments: input ?? {}, refusal: null }
  if ('error' in outcome) return { ...record, outcome: 'error', text: outcome.error }
  if (outcome.ok) return { ...record, outcome: outcome.value.isError ? 'error' : 'done', text: cut(outcome.value.text) }
  const { failure } = outcome
  if (failure.kind !== 'refused' || isTrouble(failure.refusal)) return { ...record, outcome: 'error', text: cut(inWords(failure)) }
  const { refusal } = failure
  const scope = refusal.scope === null ? '' : ` Missing scope: ${refusal.scope}.`
  return { ...record, outcome: 'refused', text: cut(`${inWords(failure)}${scope} Do not try it again; tell the user.`), refusal }
}

const cut = (text: string): string =>
  text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}\n[cut off after ${MOST_TEXT} characters]` : text

export const answerOf = (id: string, { text, outcome }: CallRecord): CallAnswer => ({ id, text, failed: outcome !== 'done' })
