/** Reading variables one by one, and collecting what is wrong with them. */

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
  constructor(env: Environment) {
    this.env = env
  }

  text(name: string): string | undefined {
    return this.env[name]?.trim() || undefined
  }

  list(name: string): string[] {
    return (this.text(name) ?? '').split(/[\s,]+/).filter((item) => item !== '')
  }

  /** Reports a missing or wrong variable: what is wrong, and an example that would do. User and password of a quoted URL are left out. */
  wrong(name: string, what: string, example: string): void {
    this.problems.push(`${name} ${what.replace(/\/\/[^"]*@/g, '//…@')}. Example: ${name}=${example}`)
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
