/** The local stack for tests of `gatehouse doctor`: its settings with changes, and what the command says to them. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '../../src/doctor/finding.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'
import * as assert from '../support/assert.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { root } from '../support/gateway.ts'
import { type Ended, type Home, makeHome } from './command.ts'

export const FILES = ['.env', '.env.user', '.env.agent', '.env.agent-readonly'] as const
export type Name = (typeof FILES)[number]
/** Null takes a variable away. */
export type Changes = Partial<Record<Name, Record<string, string | null>>>

export const OTHER_KEY = 'c0ffee7a0c93be4826d15f1d0a7c4e8b29361f7a0c93be4826d15f1d0a7c4e8b'

export interface Told extends Ended {
  findings: Finding[]
  failures: Finding[]
}

export interface DoctorStack {
  demo: Demo
  home: Home
  /** The main file of the stack's NGINX. */
  conf: string
  /** The stack's settings files with changes, as arguments. */
  settings(changes?: Changes, names?: readonly Name[]): string[]
  /** Runs the command; NGINX is looked at in the stack's files unless the arguments say otherwise. */
  examine(args: readonly string[], env?: Record<string, string>): Promise<Told>
  /** A file with a session of a user in these groups. */
  sessionOf(groups: string[], seconds: number, key?: string): Promise<string>
  /** The shipped policy with a change, as a setting. */
  scopesWith(from: string | RegExp, to: string): Record<string, string>
  /** The stack's NGINX with a change, as arguments. */
  nginxWith(from: string, to: string): string[]
  close(): Promise<void>
}

export const show = (findings: readonly Finding[]): string =>
  findings.map(({ check, evidence, remedy }) => `${check}: ${evidence} → ${remedy}`).join('\n')

export async function startDoctorStack(): Promise<DoctorStack> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-'))
  const home = makeHome()
  const demo = await startDemo()
  const conf = join(demo.folder, 'nginx/conf/example.conf')
  const changed = (from: string, to: string, pattern: string | RegExp, text: string): string => {
    assert.match(readFileSync(from, 'utf8'), pattern)
    writeFileSync(
      to,
      readFileSync(from, 'utf8').replace(pattern, () => text),
    )
    return to
  }
  return {
    demo,
    home,
    conf,
    settings: (changes = {}, names = FILES) =>
      names.flatMap((name) => ['--env-file', writeSettings(join(folder, name), demo.settings(name), changes[name])]),
    examine: async (args, env = {}) => {
      const nginx = args.some((arg) => arg.includes('-nginx')) ? [] : ['--nginx-config', conf]
      const ended = await home.gatehouse(['doctor', '--json', ...args, ...nginx], { SCOPES_FILE: join(root, 'scopes.yml'), ...env })
      const { findings } = JSON.parse(ended.stdout) as { findings: Finding[] }
      return { ...ended, findings, failures: findings.filter(({ status }) => status === 'failure') }
    },
    sessionOf: async (groups, seconds, key = demo.settings('.env').SECRET_KEY as string) => {
      const made = await sealSession(createSealer([key]), { username: 'rosa', clientId: 'demoweb', groups }, Date.now() / 1000, seconds)
      const path = join(folder, `session-${groups.join('-')}-${seconds}`)
      writeFileSync(path, `${made?.seal}\n`)
      return path
    },
    scopesWith: (from, to) => ({ SCOPES_FILE: changed(join(root, 'scopes.yml'), join(folder, 'changed.yml'), from, to) }),
    nginxWith: (from, to) => ['--nginx-config', changed(conf, join(demo.folder, 'nginx/conf/changed.conf'), from, to)],
    close: async () => {
      home.remove()
      rmSync(folder, { recursive: true, force: true })
      await demo.close()
    },
  }
}

function writeSettings(path: string, own: Record<string, string>, changes: Record<string, string | null> = {}): string {
  const values = Object.entries({ ...own, ...changes }).filter(([, value]) => value !== null)
  writeFileSync(path, values.map(([key, value]) => `${key}="${value}"\n`).join(''))
  chmodSync(path, 0o600)
  return path
}
