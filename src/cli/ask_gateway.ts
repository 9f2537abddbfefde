/** Questions to the gateway, and what may be believed of its answers. */
import { isTrouble } from '../agent/refusal.ts'
import { readBody } from '../answer_body.ts'
import { CommandError, EXIT } from './exit.ts'
import { clean } from './words.ts'

export interface GatewayAnswer {
  status: number
  /** Empty when the answer is no JSON object. */
  body: Record<string, unknown>
}

/** The gateway did not answer, or not as a gateway does. */
export class GatewayAway extends CommandError {
  constructor(gateway: string, what: string) {
    super(EXIT.failed, `${gateway} gave no usable answer (${what}). Check REGISTRY_URL, and that the gateway runs.`)
  }
}

/** Milliseconds. */
const TIMEOUT = 15_000
const MAX_BYTES = 1024 * 1024

/**
 * Asks.
 * @param path begins with a slash
 * @throws {GatewayAway} for whatever is not an answer
 */
export async function askGateway(gateway: string, path: string, init: RequestInit): Promise<GatewayAnswer> {
  try {
    // A redirect would carry the credential to who knows where.
    const signal = AbortSignal.timeout(TIMEOUT)
    const response = await fetch(`${gateway}${path}`, { ...init, redirect: 'manual', signal })
    const body = await readBody(response, { most: MAX_BYTES, signal })
    return { status: response.status, body: parseObject(body.toString('utf8')) }
  } catch (error) {
    throw new GatewayAway(gateway, causeOf(error))
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** What the operating system or the library said, at the bottom of the chain of causes. */
function causeOf(error: unknown, found = 'no answer'): string {
  if (!(error instanceof Error)) return found
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT / 1000} seconds`
  const { code } = error as NodeJS.ErrnoException
  return causeOf(error.cause, typeof code === 'string' ? code : found === 'no answer' ? error.message : found)
}

/** The gateway's no, in its own words; an answer that has none is no answer of a gateway. */
export function gatewayRefusal(gateway: string, { status, body }: GatewayAnswer): CommandError {
  const said = [body.message, body.error_description].find(isText)
  if (said !== undefined && isTrouble({ status })) return new CommandError(EXIT.failed, `The gateway cannot answer now: ${clean(said)}`)
  if (said !== undefined) return new CommandError(EXIT.refused, `The gateway refused: ${clean(said)}`)
  const code = [body.reason, body.error].find(isText)
  return new GatewayAway(gateway, `status ${status}${code === undefined ? '' : `, ${clean(code)}`}`)
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
export const isListOfTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)
/** Seconds since 1970, within what a date can be. */
export const isTime = (value: unknown): value is number => Number.isFinite(value) && (value as number) > 0 && (value as number) < 1e11
