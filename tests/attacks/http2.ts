/** What cases over HTTP/2 are made of. */
import type { OutgoingHttpHeaders } from 'node:http2'
import { freePort } from '../support/process.ts'
import type { Delivery } from './delivery.ts'
import { data, exchange, type Field, headers } from './frames.ts'
import { type Case, DELIVERED, NOW } from './table.ts'
import { request } from './tls.ts'
import type { World } from './world.ts'

export const port = await freePort()
export const OVER_TLS = { 'x-forwarded-port': String(port), 'x-forwarded-proto': 'https' }
export const delivered: Delivery = { ...DELIVERED, headers: OVER_TLS }

type Fields = (w: World) => Field[]

export const bearer = (w: World): Field => ['authorization', w.agent.slice('Authorization: '.length)]
export const REST: readonly Field[] = [['content-type', 'application/json']]
export const pseudo = (changes: Record<string, string> = {}): Field[] =>
  Object.entries({ ':method': 'POST', ':scheme': 'https', ':path': '/currenttime/mcp', ':authority': 'localhost', ...changes })
export const good = (w: World, changes: Record<string, string> = {}): Field[] => [...pseudo(changes), bearer(w), ...REST]

/** Frames of which the gate may make nothing. */
export const framed = (id: string, name: string, frames: (w: World) => readonly Buffer[], part: Partial<Case> = {}): Case => ({
  id,
  name,
  send: (w) => exchange(port, frames(w)),
  status: [0, 400],
  backend: 'nothing',
  ...part,
})

export const malformed = (id: string, name: string, fields: Fields, part: Partial<Case> = {}): Case =>
  framed(id, name, (w) => [headers(fields(w)), data(NOW)], { decisions: 0, ...part })

/** A request by a client that keeps to the rules. */
export const ordinary = (
  id: string,
  name: string,
  fields: (w: World) => OutgoingHttpHeaders | Promise<OutgoingHttpHeaders>,
  part: Partial<Case> = {},
  body: string | undefined = NOW,
): Case => ({
  id,
  name,
  send: async (w) => {
    const usual = { ':method': 'POST', ':path': '/currenttime/mcp', ':authority': 'localhost', 'content-type': 'application/json' }
    return request(port, { ...usual, ...(await fields(w)) }, body)
  },
  status: 200,
  backend: delivered,
  ...part,
})

export const token = (w: World): OutgoingHttpHeaders => ({ authorization: bearer(w)[1] })
