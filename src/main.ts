/** The validator as a process: environment in, a listening server out, signals obeyed. */
import { existsSync, lstatSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:http'
import { type AddressInfo, createConnection } from 'node:net'
import { dirname } from 'node:path'
import { readConfig } from './config.ts'
import type { Listen } from './config_listen.ts'
import { fitHeap } from './engine.ts'
import { createLog } from './log.ts'
import type { Figures } from './metrics/figures.ts'
import type { Environment } from './settings.ts'
import { StartError } from './start_error.ts'
import { end, toldToStop } from './stopping.ts'
import { createValidator } from './validator.ts'
import { version } from './version.ts'

/** Milliseconds that requests in flight have to finish after SIGTERM. */
const DRAIN = 4500
/** Longer than NGINX keeps an idle connection (60 s), so that it is never the validator that closes first. */
const KEEP_ALIVE = 75_000

/**
 * Runs the validator until SIGTERM or SIGINT, then lets requests finish and ends the process.
 * @throws {ConfigError} for an unusable environment; {StartError} when the policy cannot be loaded or the address cannot be used
 */
export async function runValidator(env: Environment): Promise<void> {
  const config = readConfig(env)
  const log = createLog(config.logLevel)
  const { server, figures, start, stop } = await createValidator(config, log)
  server.keepAliveTimeout = KEEP_ALIVE
  server.headersTimeout = KEEP_ALIVE + 1000
  const stopped = toldToStop()
  let metrics: Server | null = null
  try {
    metrics = config.metricsListen && (await serveMetrics(figures, config.metricsListen))
    if (metrics) log.info({ listen: describe(metrics) }, 'metrics')
    // Keys first: NGINX asks whoever listens, and would wait for one that cannot decide yet instead of asking the next.
    await start()
    await listen(server, config.listen, 'VALIDATOR_LISTEN')
  } catch (error) {
    // The store would be looked for again and again, by a process that serves nobody.
    metrics?.close()
    await stop()
    throw error
  }
  fitHeap()
  log.info({ listen: describe(server), gateway: config.gateway, pools: config.pools.map(({ id }) => id) }, 'listening')
  await stopped
  log.info('draining')
  await close(server)
  // Last, so that the end is seen too.
  if (metrics) await close(metrics)
  await stop()
  log.info('stopped')
  end()
}

/** Loaded only where it is used. */
async function serveMetrics(figures: Figures, where: Listen): Promise<Server> {
  const [{ createMetricsServer }, { createRegistry }] = await Promise.all([import('./metrics/server.ts'), import('./metrics/registry.ts')])
  const server = createMetricsServer(createRegistry(figures, version()))
  await listen(server, where, 'METRICS_LISTEN')
  // By itself it is nothing to go on for.
  server.unref()
  return server
}

/** @param setting that names the address */
async function listen(server: Server, where: Listen, setting: string): Promise<void> {
  if (where.kind === 'unix') {
    checkFolder(dirname(where.path), setting)
    await removeDeadSocket(where.path)
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new StartError(explain(error, where, setting))))
    if (where.kind === 'unix') server.listen({ path: where.path, writableAll: true }, resolve)
    else server.listen(where.port, where.host, resolve)
  })
}

function explain(error: NodeJS.ErrnoException, where: Listen, setting: string): string {
  const name = where.kind === 'unix' ? where.path : `${where.host}:${where.port}`
  if (error.code === 'EADDRINUSE') return `${name} is in use by another process. Stop it, or set ${setting} to another address.`
  return `Cannot listen on ${name}: ${error.code}. Set ${setting} to an address that this user may use.`
}

/** By itself the system says EACCES, as if the folder were there. */
function checkFolder(folder: string, setting: string): void {
  if (existsSync(`${folder}/.`)) return
  throw new StartError(`The folder ${folder} does not exist, or this user may not enter it. Make it, or set ${setting} to another address.`)
}

/** A socket file outlives a killed process. It is removed only when nobody answers on it. */
async function removeDeadSocket(path: string): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return
  const dead = await new Promise<boolean>((resolve) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
  if (dead) unlinkSync(path)
}

function describe(server: Server): string {
  const address = server.address() as AddressInfo | string
  return typeof address === 'string' ? address : `${address.address}:${address.port}`
}

/** Stops accepting, closes idle connections, gives the others until the end of the drain. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), DRAIN)
    server.close(() => {
      clearTimeout(deadline)
      resolve()
    })
    server.closeIdleConnections()
  })
}
