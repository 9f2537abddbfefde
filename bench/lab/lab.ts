/** What all points share: a folder, the callers' key, the MCP server, and the end of everything that was started. */
import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/demo/ports.ts'
import type { Options } from '../options.ts'
import { type Backend, startBackend } from './backend.ts'
import { type Cores, findCores } from './cores.ts'
import { type Credentials, firstOf, makeCredentials } from './credentials.ts'
import { jwkOf, makeSecrets, type Secrets } from './identity.ts'

export interface Lab {
  options: Options
  cores: Cores
  folder: string
  /** A folder in memory, as /run is, for what nginx keeps there; an ordinary one where there is no such place. */
  memory: string
  secrets: Secrets
  jwksUrl: string
  backend: Backend
  /** The value of the Authorization header of the one caller who comes again and again. */
  authorization: string
  /** That caller's session, as a Cookie header has it. */
  cookie: string
  /** Fresh tokens, `options.tokens` of them; signed when they are asked for first. */
  tokens(): Promise<Credentials>
  /** Tells a person what goes on. */
  say(text: string): void
  /** Registers what must end with the run. */
  finally(stop: () => Promise<void>): void
  /** Empties all logs, which grow by megabytes a second. */
  emptyLogs(): void
}

/** Runs something in a laboratory, and clears it away afterwards, whatever happens. */
export async function withLab<T>(options: Options, say: (text: string) => void, work: (lab: Lab) => Promise<T>): Promise<T> {
  const stops: Array<() => Promise<void>> = []
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const memory = mkdtempSync(join(placeInMemory() ?? tmpdir(), 'gatehouse-bench-'))
  const clear = (): void => {
    for (const path of [folder, memory]) rmSync(path, { recursive: true, force: true })
  }
  process.once('exit', clear)
  try {
    return await work(await open(options, say, { folder, memory }, stops))
  } finally {
    for (const stop of stops.reverse()) await stop()
    clear()
  }
}

/** See statfs(2). */
const TMPFS = 0x01021994

/** @returns undefined where this system has none */
export function placeInMemory(): string | undefined {
  const isMemory = (path: string): boolean => {
    try {
      return statfsSync(path).type === TMPFS
    } catch {
      return false
    }
  }
  return ['/dev/shm', tmpdir()].find(isMemory)
}

async function open(
  options: Options,
  say: (text: string) => void,
  { folder, memory }: Pick<Lab, 'folder' | 'memory'>,
  stops: Array<() => Promise<void>>,
): Promise<Lab> {
  const cores = findCores()
  const secrets = makeSecrets()
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 })
  const keys = await serveKeys(secrets)
  stops.push(keys.close)
  const backend = await startBackend(join(folder, 'backend'), await freePort(), cores.others)
  stops.push(backend.stop)
  let tokens: Promise<Credentials> | undefined
  const sign = async (): Promise<Credentials> => {
    say(`signing ${options.tokens} tokens`)
    return makeCredentials('token', options.tokens, folder)
  }
  return {
    options,
    cores,
    folder,
    memory,
    secrets,
    jwksUrl: keys.url,
    backend,
    authorization: firstOf(await makeCredentials('token', 1, folder)),
    cookie: firstOf(await makeCredentials('cookie', 1, folder)),
    tokens: () => {
      tokens ??= sign()
      return tokens
    },
    say,
    finally: (stop) => stops.push(stop),
    emptyLogs: () => emptyLogs(folder),
  }
}

/** The key document of the user pool. Whoever needs it asks once at the start. */
async function serveKeys(secrets: Secrets): Promise<{ url: string; close(): Promise<void> }> {
  const document = JSON.stringify({ keys: [jwkOf(secrets)] })
  const server = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(document))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function emptyLogs(folder: string): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/access\.json$|\.log$/.test(path) && statSync(join(folder, path)).size > 0) truncateSync(join(folder, path))
  }
}
