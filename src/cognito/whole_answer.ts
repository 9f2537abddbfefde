/** An answer that is read at once, and not beyond what it may hold. */

/** Bytes: three tokens of the longest that are looked at. */
const MAX_ANSWER = 512 * 1024

/** The answer with its body in memory: more than tokens could fill is refused before it fills that. */
export async function readWhole(response: Response): Promise<Response> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER) throw new Error('the answer of the token endpoint is too long')
    chunks.push(chunk)
  }
  const { status, headers } = response
  return new Response([101, 204, 205, 304].includes(status) ? null : Buffer.concat(chunks), { status, headers })
}
