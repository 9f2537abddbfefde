/** Very many requests on few connections, and what NGINX takes for them. */
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Program } from '../support/process.ts'

/** A connection of NGINX ends after 1,000 requests. */
const A_CONNECTION = 1000
const AT_ONCE = 50
const CONNECTIONS = 8

/**
 * Sends requests, `AT_ONCE` of them before an answer is waited for; gives how often each status came.
 * @param next bytes of the request with this number; its answer must have the head end with an empty line, and its body no line like a status line
 */
export async function flood(port: number, count: number, next: (n: number) => string): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  let sent = 0
  const worker = async (): Promise<void> => {
    while (sent < count) {
      const first = sent
      sent += Math.min(A_CONNECTION, count - sent)
      await oneConnection(port, first, sent, next, (status) => statuses.set(status, (statuses.get(status) ?? 0) + 1))
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  return statuses
}

function oneConnection(
  port: number,
  first: number,
  end: number,
  next: (n: number) => string,
  told: (status: number) => void,
): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1')
    let asked = first
    let answered = first
    let rest = ''
    const more = (): void => {
      const until = Math.min(end, asked + AT_ONCE)
      let bytes = ''
      for (; asked < until; asked += 1) bytes += next(asked)
      socket.write(bytes)
    }
    socket.setNoDelay(true)
    socket.once('connect', more)
    socket.on('data', (chunk) => {
      const text = rest + chunk.toString('latin1')
      const cut = text.lastIndexOf('\n') + 1
      rest = text.slice(cut)
      for (const [, status] of text.slice(0, cut).matchAll(/HTTP\/1\.1 (\d\d\d) /g)) {
        told(Number(status))
        answered += 1
      }
      if (answered >= end) socket.end()
      else if (answered === asked) more()
    })
    socket.once('error', fail)
    socket.once('close', () => (answered >= end ? done() : fail(new Error(`${end - answered} answers are missing`))))
  })
}

const childrenOf = ({ child }: Program): string[] => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')

export interface Cost {
  /** Resident memory of its own, without what it shares with the other processes, in MB: the largest of all. */
  private: number
  /** Open files, the most of all. */
  descriptors: number
}

/** What the processes of NGINX hold now. */
export function costOf(nginx: Program): Cost {
  const all = childrenOf(nginx).map((pid) => {
    const [, anonymous] = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return { private: Number(anonymous) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length }
  })
  return { private: Math.max(...all.map((one) => one.private)), descriptors: Math.max(...all.map((one) => one.descriptors)) }
}
