/** The calls that points make. */
import { ANSWER } from '../lab/backend.ts'
import type { Gate } from '../lab/gate.ts'
import type { Lab } from '../lab/lab.ts'
import type { Nginx } from '../lab/nginx.ts'
import type { Target } from '../measure.ts'

/** A call of a tool, 124 bytes and more as clients write it. */
export const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'now', arguments: { zone: 'Europe/Berlin' }, _meta: { progressToken: 1 } },
})
export const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })

/** A call of that length in bytes: the rest is one long argument. */
export function callOfLength(length: number): string {
  const frame = (text: string): string =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'now', arguments: { text } } })
  return frame('a'.repeat(length - frame('').length))
}

const ACCEPT = { Accept: 'application/json, text/event-stream' }

type Given = Partial<Target> & Pick<Target, 'name' | 'title'>

const base = (port: number, path: string): Omit<Target, 'name' | 'title' | 'processes'> => ({
  url: `http://127.0.0.1:${port}${path}`,
  headers: { ...ACCEPT },
  body: CALL,
  expect: { status: 200, holds: ANSWER },
  reachesBackend: true,
})

/** A call through the comparison NGINX, with the same token as through the gate. */
export function throughLimits(lab: Lab, limits: Nginx, path: string, given: Given): Target {
  const { headers, ...rest } = base(limits.port, path)
  return { ...rest, headers: { ...headers, Authorization: lab.authorization }, processes: { nginx: limits.worker }, ...given }
}

/** A call through the gate, by the caller of whom a header is given. */
export function throughGate(gate: Gate, headers: Record<string, string>, given: Given, path = '/currenttime/mcp'): Target {
  const { headers: usual, ...rest } = base(gate.port, path)
  const processes = { nginx: gate.worker, validator: gate.validator.pid }
  return { ...rest, headers: { ...usual, ...headers }, processes, ...given }
}
