/** Why an MCP server gave no result. */
import { type GatewayRefusal, isTrouble } from './refusal.ts'

export type Failure =
  | { kind: 'refused'; refusal: GatewayRefusal }
  /** No answer: what the operating system said. */
  | { kind: 'unreachable'; code: string }
  | { kind: 'timeout'; seconds: number }
  /** An answer that is none of an MCP server. */
  | { kind: 'status'; status: number }
  /** The server's own words: a JSON-RPC error, or what the SDK could not make sense of. */
  | { kind: 'server'; message: string }

export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: Failure }

export const done = <T>(value: T): Outcome<T> => ({ ok: true, value })
export const failed = <T>(failure: Failure): Outcome<T> => ({ ok: false, failure })

const verb = (refusal: GatewayRefusal): string => (isTrouble(refusal) ? 'cannot answer now' : 'refused')

/** One sentence. What others wrote is in it as they wrote it. */
export function inWords(failure: Failure): string {
  switch (failure.kind) {
    case 'refused':
      return `The gateway ${verb(failure.refusal)} (${failure.refusal.status} ${failure.refusal.reason}): ${failure.refusal.message}`
    case 'unreachable':
      return `It cannot be reached (${failure.code}).`
    case 'timeout':
      return `It gave no answer within ${failure.seconds} seconds.`
    case 'status':
      return `It gave no answer of an MCP server (status ${failure.status}).`
    case 'server':
      return `It answered with an error: ${failure.message}`
  }
}
