/** wrk, the load generator: how it is called and what it says. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is sent; the names of load.lua. */
export interface Load {
  url: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  /** File. */
  body: string
  connections: number
  seconds: number
  credentials?: { file: string; header: string; first: number; last: number; start?: number; again: boolean }
  paths?: string
  /** Milliseconds. */
  think?: number
}

export interface Told {
  microseconds: number
  requests: number
  bytes: number
  p50: number
  p99: number
  max: number
  connect: number
  read: number
  write: number
  status: number
  timeout: number
  usedUp: number
}

const NAMES = ['microseconds', 'requests', 'bytes', 'p50', 'p99', 'max', 'connect', 'read', 'write', 'status', 'timeout', 'usedUp'] as const
const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'load.lua')

/** The line that load.lua prints; null when there is none, or not a whole one. */
export function parseWrk(output: string): Told | null {
  const [, json] = /^BENCH (\{.*\})$/m.exec(output) ?? []
  if (json === undefined) return null
  try {
    const told = JSON.parse(json) as Record<string, unknown>
    return NAMES.every((name) => typeof told[name] === 'number') ? (told as unknown as Told) : null
  } catch {
    return null
  }
}

/**
 * Why a round does not count. A gate that refuses, or breaks off, must not pass for a fast one; where a refusal is what is measured, an
 * answer that is none must not either.
 * @param status of every right answer
 */
export function faultsOf(told: Told, status = 200): string[] {
  const wrong = status >= 400 ? told.requests - told.status : told.status
  const faults: [number, string][] = [
    [wrong, status >= 400 ? `answers that are no ${status}` : 'answers with a status of 400 or more'],
    [told.connect, 'connections that failed'],
    [told.read, 'answers that broke off'],
    [told.write, 'requests that broke off'],
    [told.timeout, 'answers that took more than 2 s'],
    [told.usedUp, 'requests after the last fresh credential'],
  ]
  const found = faults.flatMap(([count, what]) => (count !== 0 ? [`${count} ${what}`] : []))
  return told.requests === 0 ? ['no answer at all', ...found] : found
}

/** Of callers who think: wrk's clock ticks in milliseconds, and the requests of one thread would come in one burst a tick. */
const THREADS = 64

export const commandOf = ({ url, headers, connections, seconds, think }: Load): string[] => [
  ...[`-t${think === undefined ? 1 : Math.min(THREADS, connections)}`, `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT],
  ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
  url,
]

const settingsOf = ({ method, body, credentials, paths, think }: Load): Record<string, string> => ({
  LOAD_METHOD: method,
  LOAD_BODY: body,
  ...(credentials && {
    LOAD_CREDENTIALS: credentials.file,
    LOAD_HEADER: credentials.header,
    LOAD_FIRST: String(credentials.first),
    LOAD_LAST: String(credentials.last),
    LOAD_START: String(credentials.start ?? 1),
    LOAD_AGAIN: credentials.again ? '1' : '0',
  }),
  ...(paths === undefined ? {} : { LOAD_PATHS: paths }),
  ...(think === undefined ? {} : { LOAD_THINK: String(think) }),
})

/**
 * Runs wrk to its end.
 * @param pinned what goes before the command so that it runs on its own cores
 * @throws Error with its output when it tells nothing
 */
export function runWrk(load: Load, pinned: readonly string[]): Promise<Told> {
  const [command, ...args] = [...pinned, 'wrk', ...commandOf(load)] as [string, ...string[]]
  const child = spawn(command, args, { env: { PATH: process.env.PATH ?? '', ...settingsOf(load) }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => {
      const told = parseWrk(output)
      if (told === null) reject(new Error(`wrk tells nothing:\n${output}`))
      else resolve(told)
    })
  })
}
