/** An HTTP client that sends exactly the bytes it is given, however wrong, and reads what comes back. */
import { connect } from 'node:net'
import { connect as connectSecurely } from 'node:tls'

export interface Answer {
  status: number
  headers: Record<string, string[]>
  body: string
}

export interface RawOptions {
  /** Milliseconds after which reading stops. */
  timeout?: number
  /** How many responses to wait for. */
  answers?: number
  /** Over TLS; whose certificate it is does not matter. */
  secure?: boolean
}

/**
 * Sends bytes to a port of the loopback; resolves with the responses that came back (possibly none, when the peer just closed).
 * @param bytes a string is sent as latin1, so that every byte can be written
 */
export function send(
  port: number,
  bytes: string | Buffer,
  { timeout = 5000, answers = 1, secure = false }: RawOptions = {},
): Promise<Answer[]> {
  return new Promise((done) => {
    let received = Buffer.alloc(0)
    const socket = secure ? connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1')
    const finish = (): void => {
      clearTimeout(timer)
      socket.destroy()
      done(parse(received).answers)
    }
    const timer = setTimeout(finish, timeout)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (parse(received).complete >= answers) finish()
    })
    socket.on('error', finish)
    socket.on('end', finish)
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  })
}

function parse(data: Buffer): { answers: Answer[]; complete: number } {
  const answers: Answer[] = []
  let complete = 0
  let text = data.toString('latin1')
  while (text !== '') {
    const end = text.indexOf('\r\n\r\n')
    if (end === -1) break
    const { status, headers } = parseHead(text.slice(0, end))
    const rest = text.slice(end + 4)
    const { body, next } = takeBody(rest, status, headers)
    text = next ?? ''
    if (status >= 100 && status < 200) continue
    answers.push({ status, headers, body })
    if (next === null) break
    complete += 1
  }
  return { answers, complete }
}

function parseHead(head: string): { status: number; headers: Record<string, string[]> } {
  const [first = '', ...lines] = head.split('\r\n')
  const headers: Record<string, string[]> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    headers[name] = [...(headers[name] ?? []), line.slice(colon + 1).trim()]
  }
  return { status: Number(first.split(' ')[1]), headers }
}

/** The body, and what follows it; null while it is not all there. */
function takeBody(text: string, status: number, headers: Record<string, string[]>): { body: string; next: string | null } {
  if (status < 200 || status === 204 || status === 304) return { body: '', next: text }
  const length = headers['content-length']?.[0]
  if (length !== undefined) {
    const size = Number(length)
    return text.length < size ? { body: text, next: null } : { body: text.slice(0, size), next: text.slice(size) }
  }
  if (!headers['transfer-encoding']) return { body: text, next: null }
  let body = ''
  let rest = text
  for (;;) {
    const line = rest.indexOf('\r\n')
    if (line === -1) return { body, next: null }
    const size = Number.parseInt(rest.slice(0, line), 16)
    if (rest.length < line + 2 + size + 2) return { body: body + rest.slice(line + 2), next: null }
    if (size === 0) return { body, next: rest.slice(line + 4) }
    body += rest.slice(line + 2, line + 2 + size)
    rest = rest.slice(line + 2 + size + 2)
  }
}
