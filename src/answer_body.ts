/** Bodies of answers from elsewhere: read at once, not beyond what they may hold, and not beyond their time. */

export interface Bounds {
  /** Bytes, unpacked. */
  most: number
  /**
   * The signal that `fetch` has, once more: once an answer has begun, `fetch` holds it weakly, and after the next collection of garbage an
   * answer that never ends would be waited for forever (seen in Node 20, where a redirect is an error).
   */
  signal: AbortSignal | null | undefined
}

/**
 * The body of an answer.
 * @throws {Error} what the signal says, that the answer is too large, or why it was cut off
 */
export async function readBody(response: Response, { most, signal }: Bounds): Promise<Buffer> {
  const reader = response.body?.getReader()
  if (reader === undefined) return Buffer.alloc(0)
  const stop = (): void => void reader.cancel().catch(() => {})
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length
      if (size > most) throw new Error(`the answer is larger than ${most} bytes`)
      chunks.push(next.value)
    }
    // A body that is given up ends like any other.
    signal?.throwIfAborted()
    return Buffer.concat(chunks)
  } catch (error) {
    stop()
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** Bytes: three tokens of the longest that are looked at. */
const MOST_OF_TOKENS = 512 * 1024

/** The answer of a token endpoint with its body in memory: more than tokens could fill is refused before it fills that. */
export async function readTokenAnswer(response: Response, signal: Bounds['signal']): Promise<Response> {
  const body = await readBody(response, { most: MOST_OF_TOKENS, signal })
  const { status, headers } = response
  return new Response([101, 204, 205, 304].includes(status) ? null : body, { status, headers })
}
