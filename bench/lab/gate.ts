/** The gate as it is shipped: nginx/example.conf with one worker and other addresses, and a validator. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installNginx } from '../../src/demo/nginx.ts'
import { freePort } from '../../src/demo/stack.ts'
import { root } from '../root.ts'
import type { Lab } from './lab.ts'
import { type Nginx, prepareFolder, startNginx } from './nginx.ts'
import { startValidator, type Validator } from './validator.ts'

export interface Gate extends Nginx {
  validator: Validator
  folder: string
}

export interface GateOptions {
  /** Of the folder. */
  name: string
  policy: string
  env?: Record<string, string>
  /** The port of the MCP server behind `mcpgw`, when it is not the usual one. */
  otherBackend?: number
  /** What else than addresses and workers is different from the shipped file; a point that needs it says so. */
  change?(text: string): string
}

export async function startGate(lab: Lab, options: GateOptions): Promise<Gate> {
  const folder = prepareFolder(join(lab.folder, options.name))
  mkdirSync(folder, { recursive: true })
  const { secretKey } = lab.secrets
  const validator = await startValidator({ ...options, folder, secretKey, jwksUrl: lab.jwksUrl }, lab.cores.others)
  const port = await freePort()
  const args = installNginx(join(root, 'nginx'), folder, {
    gateway: `127.0.0.1:${port}`,
    validator: `127.0.0.1:${validator.port}`,
    currenttime: `127.0.0.1:${lab.backend.port}`,
    mcpgw: `127.0.0.1:${options.otherBackend ?? lab.backend.port}`,
  })
  const file = join(folder, 'conf/example.conf')
  const text = replaceOnce(readFileSync(file, 'utf8'), 'worker_processes auto;', 'worker_processes 1;')
  writeFileSync(file, options.change?.(text) ?? text)
  const nginx = await startNginx(args, folder, port, lab.cores.measured)
  const stop = async (): Promise<void> => {
    await nginx.stop()
    await validator.stop()
  }
  lab.finally(stop)
  return { ...nginx, validator, folder, stop }
}

/** @throws Error when the text does not hold it exactly once: the shipped file has changed */
export function replaceOnce(text: string, from: string, to: string): string {
  const parts = text.split(from)
  if (parts.length !== 2) throw new Error(`nginx/example.conf must hold "${from}" once`)
  return parts.join(to)
}
