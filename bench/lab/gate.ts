/** The gate as it is shipped: nginx/example.conf with one worker, other addresses and limits that nobody meets, and a validator. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installNginx } from '../../src/demo/nginx.ts'
import { freePort } from '../../src/demo/ports.ts'
import { root } from '../root.ts'
import type { Lab } from './lab.ts'
import { type Nginx, onCores, prepareFolder, type StartNginx } from './nginx.ts'
import { startValidator, type Validator } from './validator.ts'

export interface Gate extends Nginx {
  validator: Validator
  /** Where NGINX remembers decisions. */
  decisions: string
}

export interface GateOptions {
  /** Of the folder. */
  name: string
  policy: string
  env?: Record<string, string>
  /** The port of the MCP server behind `mcpgw`, when it is not the usual one. */
  otherBackend?: number
  /** What else than addresses and workers is different from the shipped files; a point that needs it says so. */
  edits?: readonly Edit[]
  /** Default: with a worker on the measured core. */
  start?: StartNginx
}

/** One place in one of the files below nginx/. */
export interface Edit {
  file: string
  from: string
  to: string
}

export async function startGate(lab: Lab, options: GateOptions): Promise<Gate> {
  const folder = prepareFolder(join(lab.folder, options.name))
  mkdirSync(folder, { recursive: true })
  const { secretKey } = lab.secrets
  const validator = await startValidator({ ...options, folder, secretKey, jwksUrl: lab.jwksUrl }, lab.cores.others)
  const port = await freePort()
  const addresses = {
    gateway: `127.0.0.1:${port}`,
    validator: `127.0.0.1:${validator.port}`,
    currenttime: `127.0.0.1:${lab.backend.port}`,
    mcpgw: `127.0.0.1:${options.otherBackend ?? lab.backend.port}`,
  }
  // In memory, as the shipped folder is: a file on a disk costs several times as much.
  const decisions = join(lab.memory, options.name)
  const args = installNginx(join(root, 'nginx'), folder, addresses, { limits: 'shipped', decisions })
  raiseLimits(join(folder, 'conf/gatehouse'))
  for (const edit of [ONE_WORKER, ...(options.edits ?? [])]) applyEdit(join(folder, 'conf'), edit)
  const nginx = await (options.start ?? onCores(lab.cores.measured))(args, folder, port)
  const stop = async (): Promise<void> => {
    await nginx.stop()
    await validator.stop()
  }
  lab.finally(stop)
  return { ...nginx, validator, decisions, stop }
}

/** They are looked at as shipped, but one client is to ask as fast as it can. nginx counts no more than 65,535 requests at once. */
function raiseLimits(folder: string): void {
  replaceAll(join(folder, 'limits.conf'), /(?<= rate=)\d+(?=r\/s;)/g, '1000000')
  // To nginx all that it finds in one turn comes in the same millisecond.
  replaceAll(join(folder, 'limited.conf'), /(?<=^limit_req .* burst=)\d+/gm, '100000')
  replaceAll(join(folder, 'limited.conf'), /(?<=^limit_conn \w+ +)\d+(?=;)/gm, '65535')
}

function replaceAll(path: string, from: RegExp, to: string): void {
  const text = readFileSync(path, 'utf8')
  if (!from.test(text)) throw new Error(`${path} must hold what ${from} finds`)
  writeFileSync(path, text.replace(from, to))
}

const ONE_WORKER: Edit = { file: 'example.conf', from: 'worker_processes auto;', to: 'worker_processes 1;' }

function applyEdit(folder: string, edit: Edit): void {
  const path = join(folder, edit.file)
  writeFileSync(path, replaceOnce(readFileSync(path, 'utf8'), edit))
}

/** @throws Error when the text does not hold it exactly once: the shipped file has changed */
export function replaceOnce(text: string, { file, from, to }: Edit): string {
  const parts = text.split(from)
  if (parts.length !== 2) throw new Error(`nginx/${file} must hold "${from}" once, holds it ${parts.length - 1} times`)
  return parts.join(to)
}
