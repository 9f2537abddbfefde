/** What the tests of remembered decisions have at hand: requests, how often the validator was asked about each, and the folder's files. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, type Gateway } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import type { Answer } from '../support/raw.ts'
import { http } from './table.ts'

export interface Call {
  /** Method and path. */
  line?: string
  /** Header lines besides those of a message. */
  headers: readonly string[]
  /** Null for none. */
  body?: string | null
  host?: string
}

let numbered = 0

/** The bytes of a call under an id that the validator's log will name. */
export function bytesOf({ line = 'POST /currenttime/mcp', headers, body = call('now'), host = 'localhost' }: Call): {
  id: string
  bytes: Buffer
} {
  numbered += 1
  const id = `decision-${process.pid}-${numbered}-end`
  const message = body === null ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]
  return { id, bytes: http(`${line} HTTP/1.1`, [`Host: ${host}`, ...message, ...headers, `X-Request-Id: ${id}`], body ?? '') }
}

export interface Outcome {
  status: number
  /** Questions to the validator. */
  asked: number
  /** Who the MCP server was told it is; '' where it was not reached. */
  user: string
  answer: Answer | undefined
}

/** Sends the calls one after the other. */
export async function make(gateway: Gateway, calls: readonly Call[]): Promise<Outcome[]> {
  const sent: Array<{ id: string; answer: Answer | undefined }> = []
  for (const one of calls) {
    const { id, bytes } = bytesOf(one)
    const [answer] = await gateway.raw(bytes)
    sent.push({ id, answer })
  }
  return outcomes(gateway, sent)
}

/** The validator writes its log every 100 ms, and in order: what it was asked before a stranger came is in it when the stranger is. */
async function logged(gateway: Gateway): Promise<void> {
  const { id, bytes } = bytesOf({ line: 'GET /currenttime/mcp', headers: [], body: null })
  const [answer] = await gateway.raw(bytes)
  if (answer?.status === 401) await until('the validator has written its log', () => gateway.validator.output().includes(id), 5000)
  else await sleep(150)
}

/** What became of calls that have been answered. */
export async function outcomes(gateway: Gateway, sent: ReadonlyArray<{ id: string; answer: Answer | undefined }>): Promise<Outcome[]> {
  await logged(gateway)
  const lines = gateway.validator.output().split('\n')
  return sent.map(({ id, answer }) => ({
    status: answer?.status ?? 0,
    asked: lines.filter((line) => line.includes(`"request_id":"${id}"`) && line.includes('"msg":"decision"')).length,
    user: userOf(gateway, id),
    answer,
  }))
}

function userOf({ currenttime, mcpgw }: Gateway, id: string): string {
  const headers = [...currenttime.received, ...mcpgw.received].find(({ rawHeaders }) => rawHeaders.includes(id))?.rawHeaders ?? []
  return headers[headers.indexOf('X-User') + 1] ?? ''
}

/** `status questions`, and who was told to the MCP server. */
export const inShort = ({ status, asked, user }: Outcome): string => `${status} ${asked}${user === '' ? '' : ` ${user}`}`

const minute = (): string => new Date().toISOString().slice(0, 16)

/** A key is good for a minute: what was done across the end of one is done once more. */
export async function inOneMinute(work: () => Promise<void>): Promise<void> {
  const began = minute()
  try {
    await work()
  } catch (error) {
    if (minute() === began) throw error
    await work()
  }
}

/** The folder in which NGINX keeps what it remembers. */
export const folderOf = (gateway: Gateway): string => join(gateway.folder, 'decisions')

/** Every file there. NGINX takes some away meanwhile. */
export const filesOf = (gateway: Gateway): string[] =>
  readdirSync(folderOf(gateway), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folderOf(gateway), name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)

/** Calls until the time is over, without a pause longer than 50 ms; gives when each began, in milliseconds since 1970. */
export async function poll(gateway: Gateway, one: Call, until: () => boolean): Promise<Array<Outcome & { at: number }>> {
  const sent: Array<{ id: string; answer: Answer | undefined; at: number }> = []
  while (!until()) {
    const { id, bytes } = bytesOf(one)
    const at = Date.now()
    const [answer] = await gateway.raw(bytes)
    sent.push({ id, answer, at })
    await sleep(50)
  }
  const seen = await outcomes(gateway, sent)
  return seen.map((outcome, index) => ({ ...outcome, at: sent[index]?.at ?? 0 }))
}
