/** Requests whose length is told in one way or another. */
import { type Case, DELIVERED, http, NOW, postTo } from './table.ts'
import type { World } from './world.ts'

export const LINE = 'POST /currenttime/mcp HTTP/1.1'
export const HEAD = ['Host: localhost', 'Content-Type: application/json']
export const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
export const CHUNKED = `${chunk(NOW)}0\r\n\r\n`
export const hidden = (w: World): Buffer => postTo('/mcpgw/mcp', [w.admin])

export interface Framing {
  line?: string
  body?: string | Buffer | ((w: World) => string | Buffer)
  status?: number | readonly number[]
}

/** A call whose length is told by these lines. */
export const refused = (
  id: string,
  name: string,
  lines: readonly string[],
  { line = LINE, body = NOW, status = [400, 501] }: Framing = {},
): Case => ({
  id,
  name,
  send: (w) => http(line, [...HEAD, w.agent, ...lines], typeof body === 'function' ? body(w) : body),
  status,
  backend: 'nothing',
})

export const same = (id: string, name: string, lines: readonly string[], body: string = NOW): Case => ({
  id,
  name,
  send: (w) => http(LINE, [...HEAD, w.agent, ...lines], body),
  status: 200,
  backend: DELIVERED,
})
