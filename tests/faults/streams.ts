/** Event streams that are held open through a gateway, and what becomes of them. */
import { request } from 'node:http'

export interface Stream {
  /** Pieces that came so far. */
  pieces(): number
  /** Why it is no stream, or no more: a status, the end; null while it is open. */
  ended(): string | null
  close(): void
}

/** Opens one; resolves when its first event came, or when there is none. */
export function openStream(port: number, authorization: string, patience = 3000): Promise<Stream> {
  let pieces = 0
  let ended: string | null = null
  return new Promise((begun) => {
    const headers = { authorization, accept: 'text/event-stream' }
    const outgoing = request({ host: '127.0.0.1', port, path: '/currenttime/mcp', headers, agent: false })
    const stream: Stream = { pieces: () => pieces, ended: () => ended, close: () => outgoing.destroy() }
    const end = (why: string): void => {
      ended ??= why
      begun(stream)
    }
    const timer = setTimeout(() => outgoing.destroy(new Error('no event in time')), patience)
    outgoing.on('response', (answer) => {
      if (answer.statusCode !== 200) end(`status ${answer.statusCode}`)
      answer.on('data', () => {
        clearTimeout(timer)
        pieces += 1
        begun(stream)
      })
      answer.on('end', () => end('it has ended'))
      answer.on('error', (error) => end(error.message))
    })
    outgoing.on('error', (error) => end(error.message))
    outgoing.on('close', () => clearTimeout(timer))
    outgoing.end()
  })
}
