/** One run of `gatehouse doctor`: what it looks at, and what a person or a script is told. */
import { statSync } from 'node:fs'
import { createAsk } from '../doctor/ask.ts'
import { diagnosis } from '../doctor/diagnose.ts'
import type { Finding } from '../doctor/finding.ts'
import type { SavedSession } from '../doctor/identity.ts'
import { type NginxConfig, type NginxSource, readNginx, wordsOf } from '../doctor/nginx_source.ts'
import { patiently } from '../doctor/patient_ask.ts'
import type { SettingsFile } from '../doctor/profile.ts'
import { homeFolder } from '../home.ts'
import type { Environment } from '../settings.ts'
import { cookieFile, readCookie } from './cookie_file.ts'
import type { DoctorOptions } from './doctor.ts'
import { asLines, asSummary } from './doctor_text.ts'
import { readEach, readEnvFile } from './env.ts'
import { CommandError, EXIT } from './exit.ts'
import { whileWaiting } from './waiting.ts'

/** Exit codes beyond mean something else to a shell. */
const MOST = 100

/** @returns the number of failures @throws {CommandError} or {ConfigError} */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const files = readFiles(options.envFile, process.env)
  const nginx = await whileWaiting('reading the configuration of NGINX', readNginxConfig(options))
  const session = readSession(options.cookieFile)
  const world = { ask: patiently(createAsk(Date.now)), now: Date.now }
  const all: Finding[] = []
  for (const { doing, run } of diagnosis({ files, environment: process.env, nginx, session }, world)) {
    const findings = await whileWaiting(doing, run())
    all.push(...findings)
    if (!options.json) process.stdout.write(asLines(findings))
  }
  const failures = all.filter(({ status }) => status === 'failure').length
  process.stdout.write(options.json ? `${asJson(all, failures)}\n` : asSummary(all))
  return Math.min(failures, MOST)
}

function asJson(findings: readonly Finding[], failures: number): string {
  const warnings = findings.filter(({ status }) => status === 'warning').length
  return JSON.stringify({ ok: failures === 0, failures, warnings, findings })
}

/** Each file by itself; without one, the environment is all there is. */
function readFiles(paths: readonly string[], environment: Environment): SettingsFile[] {
  if (paths.length === 0) {
    const isSet = ['COGNITO_USER_POOL_ID', 'REGISTRY_URL', 'MCP_REGISTRY_URL', 'COGNITO_CLIENT_ID'].some((name) =>
      environment[name]?.trim(),
    )
    if (!isSet) throw new CommandError(EXIT.usage, 'There is nothing to look at. Name settings: gatehouse doctor --env-file .env')
    return [{ path: null, variables: environment, mode: null }]
  }
  return readEach(paths, (path) => ({ path, variables: readEnvFile(path), mode: statSync(path).mode }))
}

async function readNginxConfig({ nginx, nginxConfig }: DoctorOptions): Promise<{ config: NginxConfig; isAsked: boolean }> {
  if (nginx === false) return { config: { kind: 'unwanted' }, isAsked: false }
  return { config: await readNginx(sourceOf(nginx, nginxConfig)), isAsked: nginx !== undefined || nginxConfig !== undefined }
}

function sourceOf(command: string | undefined, file: string | undefined): NginxSource {
  if (command !== undefined && file !== undefined) throw new CommandError(EXIT.usage, 'Give either --nginx or --nginx-config, not both.')
  if (file !== undefined) return { kind: 'file', path: file }
  if (command === undefined) return { kind: 'installed' }
  const words = wordsOf(command)
  if (words === null) throw new CommandError(EXIT.usage, 'A quote in --nginx is not closed.')
  return { kind: 'command', words }
}

/** Who names a file expects a session in it; the default one may be there or not. */
function readSession(given: string | undefined): SavedSession | null {
  if (given === undefined && homeFolder() === null) return null
  const path = cookieFile(given)
  const saved = readCookie(path)
  if (saved === null && given !== undefined) throw new CommandError(EXIT.usage, `There is no session in ${path}. Run: gatehouse login`)
  return saved === null ? null : { path, value: saved.value, name: saved.name, host: saved.host, isAsked: given !== undefined }
}
