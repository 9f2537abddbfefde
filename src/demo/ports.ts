/** Ports of the local stack: which it may have, which are free, and the address that one gives. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { StartError } from '../start_error.ts'

export interface Ports {
  gateway: number
  cognito: number
  validator: number
  currenttime: number
  mcpgw: number
}

export const USUAL_GATEWAY = 8000

/** Ports that browsers and `fetch` ask nobody at: https://fetch.spec.whatwg.org/#port-blocking. */
export const BLOCKED: ReadonlySet<number> = new Set([
  ...[1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115],
  ...[117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587],
  ...[601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679],
  ...[6697, 10080],
])

/** Where clients reach a port of this machine; as they write it themselves, without the one that http has anyway. */
export const originOf = (port: number): string => new URL(`http://localhost:${port}`).origin

/** @throws {StartError} when no client would ask at this port, whoever listens there */
export function mustBeAskable(port: number): void {
  if (BLOCKED.has(port))
    throw new StartError(`port ${port} is one that browsers and MCP clients refuse to ask at. Choose another: GATEWAY_PORT=8001 make up`)
}

/** @throws {StartError} that says why the gateway cannot have this port, and names one that it could have */
export async function mustBeFree(port: number): Promise<void> {
  const code = await troubleAt(port)
  if (code !== null) throw new StartError(explain(port, code, await freeExample()))
}

/** @param code what the system said when the port was to be opened */
export function explain(port: number, code: string, other: number): string {
  const hint = `GATEWAY_PORT=${other} make up`
  if (code === 'EADDRINUSE') return `port ${port} is in use by another program. Stop it, or choose another: ${hint}`
  if (code === 'EACCES') return `port ${port} may not be opened by this user. Choose one above 1023: ${hint}`
  return `port ${port} of 127.0.0.1 cannot be opened (${code}). Choose another: ${hint}`
}

/** The usual ports for the usual gateway; any other stack keeps out of its way, also while both are starting. */
export async function choosePorts(gateway: number): Promise<Ports> {
  const usual = { cognito: 9000, validator: 8888, currenttime: 9001, mcpgw: 9002 }
  const chosen = await Promise.all(
    Object.entries(usual).map(async ([name, port]) => [name, gateway === USUAL_GATEWAY && (await isFree(port)) ? port : await freePort()]),
  )
  return { gateway, ...Object.fromEntries(chosen) } as Ports
}

/** Whether a port of 127.0.0.1 can be opened now. */
export const isFree = (port: number): Promise<boolean> => troubleAt(port).then((code) => code === null)

/** Below the ports that systems hand out by themselves: nobody is given it between this look and its use. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) return port
  }
  throw new StartError('no free port is left on 127.0.0.1')
}

/** One that is easy to remember, if there is any. */
async function freeExample(): Promise<number> {
  for (let port = USUAL_GATEWAY + 1; port < USUAL_GATEWAY + 100; port += 1) if (await isFree(port)) return port
  return freePort()
}

/** Opens the port of 127.0.0.1 for a moment. Gives what the system said against it, or null. */
function troubleAt(port: number): Promise<string | null> {
  return new Promise((done) => {
    const probe = createServer()
    probe.once('error', ({ code }: NodeJS.ErrnoException) => done(code ?? 'unknown error'))
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(null)))
  })
}
