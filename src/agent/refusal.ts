/** The gateway's no, read from its answer: JSON with a reason, or a JSON-RPC error with one, and a challenge. */

export interface GatewayRefusal {
  status: number
  /** Stable, such as `name_not_allowed`. */
  reason: string
  /** One sentence. */
  message: string
  /** What would open it, space separated: to be asked for, or, for who cannot have it by asking, to be given. Null when nothing would. */
  scope: string | null
}

/** Nothing was decided about the caller: the gateway, or the server behind it, is in trouble or too busy. */
export const isTrouble = ({ status }: Pick<GatewayRefusal, 'status'>): boolean => status === 429 || status >= 500

const MAX_BYTES = 64 * 1024

/**
 * Reads an answer that is no success.
 * @returns null when it is not the gateway's
 */
export async function readRefusal(response: Response): Promise<GatewayRefusal | null> {
  const body = parse(await readStart(response))
  const { reason, message } = 'error' in body ? fromError(body.error) : body
  if (typeof reason !== 'string' || !/^[a-z_]{1,64}$/.test(reason)) return null
  const words = typeof message === 'string' ? message : ''
  const scope = scopeOf(response.headers.get('www-authenticate')) ?? scopeIn(words)
  return { status: response.status, reason, message: words, scope }
}

function fromError(error: unknown): Record<string, unknown> {
  const { message, data } = isObject(error) ? error : {}
  return { message, reason: isObject(data) ? data.reason : undefined }
}

/** RFC 6750 section 3: a scope holds neither quotes nor backslashes. */
function scopeOf(challenge: string | null): string | null {
  return /(?:^|[\s,])scope="([\x20\x21\x23-\x5b\x5d-\x7e]{1,4096})"/.exec(challenge ?? '')?.[1] ?? null
}

/** Where asking for a scope is no use, the challenge names none, and the sentence still does. */
function scopeIn(message: string): string | null {
  return /It takes the scope ([\x21\x23-\x5b\x5d-\x7e]{1,512}?)(?:\.$|, which )/.exec(message)?.[1] ?? null
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** No more than a refusal can be: the answer may be a hostile server's. */
async function readStart(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) return ''
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
