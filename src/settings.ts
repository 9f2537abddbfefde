/** Reading variables one by one, and collecting what is wrong with them. */
import { readFileSync } from 'node:fs'

/**
 * Secrets, which may stand in a file instead, named by `NAME_FILE`: that is how Docker and Kubernetes hand them over, so that they
 * are in no process's environment.
 */
export const SECRETS = ['SECRET_KEY', 'COGNITO_CLIENT_SECRET', 'COGNITO_MCP_CLIENT_SECRET', 'SESSION_STORE_URL'] as const

export type Environment = Readonly<Record<string, string | undefined>>

/** Thrown for a configuration that cannot be used; the message lists every problem on a line of its own. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** Collects problems, so that one start shows all of them. */
export class SettingsReader {
  readonly problems: string[] = []
  private readonly env: Environment
  /** What the files of secrets said: read once each; null for a file, or a value, that cannot be used. */
  private readonly files = new Map<string, string | null>()
  constructor(env: Environment) {
    this.env = env
  }

  text(name: string): string | undefined {
    const value = this.env[name]?.trim() || undefined
    const file = isSecret(name) ? this.env[`${name}_FILE`]?.trim() : undefined
    if (file) return this.fromFile(name, file, value)
    const other = isSecret(name) || value === undefined ? undefined : runIn(name, value)
    return other === undefined ? value : this.refuse(name, other)
  }

  /** A value that may hold a secret is not told, whatever else is wrong with it. */
  private refuse(name: string, other: string): undefined {
    const what = `holds the line of ${other} too: a quote or a line break is missing before that`
    if (!this.files.has(name)) this.problems.push(`${name} ${what}. Example: ${name}=… on a line of its own`)
    this.files.set(name, null)
  }

  /** The content of a secret's file, without one final newline. What is wrong with it is told without the path too: it may be the secret itself. */
  private fromFile(name: string, path: string, value: string | undefined): string | undefined {
    const known = this.files.get(name)
    if (known !== undefined) return known ?? undefined
    const content = value === undefined ? readSecret(path) : { problem: `and ${name} are both set; one of them has to go` }
    if ('problem' in content) this.wrong(`${name}_FILE`, content.problem, `/run/secrets/${name.toLowerCase()}`)
    const text = 'text' in content ? content.text : null
    this.files.set(name, text)
    return text ?? undefined
  }

  /** Whether there is a value, or should have been one. */
  has(name: string): boolean {
    return this.text(name) !== undefined || this.files.has(name)
  }

  list(name: string): string[] {
    return (this.text(name) ?? '').split(/[\s,]+/).filter((item) => item !== '')
  }

  /** Reports a missing or wrong variable: what is wrong, and an example that would do. Of a quoted value is left out what may be a secret. */
  wrong(name: string, what: string, example: string): void {
    // That it cannot be used was told, and is the cause.
    if (this.files.get(name) === null) return
    this.problems.push(`${name} ${withoutSecret(withoutPassword(what))}. Example: ${name}=${example}`)
  }

  seconds(name: string, fallback: number, least: number, most: number): number {
    const text = this.text(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value
    this.wrong(name, `must be a whole number of seconds from ${least} to ${most}`, String(fallback))
    return fallback
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.text(name) ?? fallback
    const found = choices.find((choice) => choice === text)
    if (found === undefined) this.wrong(name, `must be one of ${choices.join(', ')}`, fallback)
    return found ?? fallback
  }
}

/**
 * The policy file that the settings name.
 * @throws {ConfigError} where the line of another setting has run into its name, which may hold a secret
 */
export function scopesFileOf(env: Environment): string {
  const reader = new SettingsReader(env)
  const file = reader.text('SCOPES_FILE') ?? 'scopes.yml'
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return file
}

/** Another setting's line within one, where a quote is missing; and a secret's, where the line break is. */
export const LINE = /[\r\n][ \t]*(?:export[ \t]+)?([A-Z_][A-Z0-9_]*)[ \t]*=/
/** Not where it stands in a URL or a path. */
const SECRET_LINE = /(?<![?&/;A-Z_-])([A-Z_]*(?:SECRET|PASSWORD|TOKEN|KEY|STORE_URL)[A-Z_]*)[ \t]*=/
/** They hold names and values of others. */
const PAIRS = /^OTEL_(?:.*_HEADERS|RESOURCE_ATTRIBUTES)$/

/** The name of the other setting. */
function runIn(name: string, value: string): string | undefined {
  return LINE.exec(value)?.[1] ?? (PAIRS.test(name) ? undefined : SECRET_LINE.exec(value)?.[1])
}

/** Without what stands before an @ in what is quoted, user and password of a URL, however it was written; and without what it asks with. */
function withoutPassword(what: string): string {
  return what
    .replace(/[/\\]+.*@/gs, '//…@')
    .replace(/"[^"/\\]*:[^"/\\]*@/g, '"…@')
    .replace(/(".*?[?#]).+"/s, '$1…"')
}

/** As long and as mixed as keys, secrets and tokens are; not a host, a path, or many times the same. */
const KEY = /[\w+=-]{30,}/g

/** Without what may be a secret that was pasted into the wrong place: its beginning says which one it is. */
export const withoutSecret = (text: string): string =>
  text.replace(/".*"/gs, (quoted) => quoted.replace(KEY, (run) => (new Set(run).size < 10 ? run : `${run.slice(0, 3)}…`)))

const isSecret = (name: string): boolean => (SECRETS as readonly string[]).includes(name)

function readSecret(path: string): { text: string } | { problem: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).replace(/\r?\n$/, '')
    return text.trim() === '' ? { problem: 'names a file that is empty' } : { text }
  } catch (error) {
    return { problem: `names a file that cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}` }
  }
}
