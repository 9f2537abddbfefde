/** The executable as a test runs it: with an environment of its own and a home that is thrown away. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../support/gateway.ts'
import { until } from '../support/process.ts'

export const executable = join(root, 'bin/gatehouse')

export interface Ended {
  code: number
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcessWithoutNullStreams
  stdout(): string
  stderr(): string
  /** Resolves with what the pattern finds on standard error. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  ended: Promise<Ended>
}

const children = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** Starts a program; its standard input is open until the test ends it. */
export function run(command: string, args: readonly string[], env: Record<string, string | undefined>): Running {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env } })
  children.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const deadline = setTimeout(() => child.kill('SIGKILL'), 30_000)
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code) => {
      clearTimeout(deadline)
      children.delete(child)
      done({ code: code ?? -1, stdout, stderr })
    })
  })
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    await until(`${command} says ${pattern}`, () => {
      if (child.exitCode !== null && !pattern.test(stderr)) throw new Error(`it ended (${child.exitCode}): ${stderr}`)
      return pattern.test(stderr)
    })
    return pattern.exec(stderr) as RegExpExecArray
  }
  return { child, stdout: () => stdout, stderr: () => stderr, said, ended }
}

export interface Home {
  folder: string
  cookieFile: string
  jar: string
  /** What the stand-in for `xdg-open` was called with, when it was. */
  opened(): { args: string[]; parent: string } | null
  /** Environment in which a browser can be opened. */
  display: Record<string, string>
  start(args: readonly string[], env?: Record<string, string>): Running
  gatehouse(args: readonly string[], env?: Record<string, string>, input?: string): Promise<Ended>
  remove(): void
}

export function makeHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-home-'))
  const record = join(folder, 'opened')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const opener = join(bin, 'xdg-open')
  writeFileSync(opener, `#!/bin/sh\n{ readlink /proc/$PPID/exe; printf '%s\\n' "$@"; } > '${record}.new'\nmv '${record}.new' '${record}'\n`)
  chmodSync(opener, 0o755)
  const cookieFile = join(folder, '.mcp/session_cookie')
  const start: Home['start'] = (args, env = {}) => run(executable, args, { HOME: folder, ...env })
  return {
    folder,
    cookieFile,
    jar: `${cookieFile}.jar`,
    opened: () => {
      if (!existsSync(record)) return null
      const [parent = '', ...args] = readFileSync(record, 'utf8').trimEnd().split('\n')
      return { args, parent }
    },
    display: { DISPLAY: ':9', PATH: `${bin}:${process.env.PATH}` },
    start,
    gatehouse: (args, env, input = '') => {
      const running = start(args, env)
      running.child.stdin.on('error', () => {}).end(input)
      return running.ended
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The address that a login shows for the browser. */
export const addressFrom = async (running: Running): Promise<string> => (await running.said(/^ {2}(https?:\S+)$/m))[1] as string
