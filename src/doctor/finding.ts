/** What a check has found out. */

export type Status = 'ok' | 'warning' | 'failure' | 'skipped'

/** The checks, in the order in which they are made. Stable: scripts may rely on the names. */
export const CHECKS = [
  'environment',
  'secret-key',
  'policy',
  'pool',
  'discovery',
  'keys',
  'clock',
  'domain',
  'app-client',
  'callback-url',
  'sign-out-url',
  'login-scopes',
  'mcp-scopes',
  'agent-scopes',
  'nginx',
  'gateway',
  'server',
  'mcp-sign-in',
  'path-tricks',
  'spoofed-headers',
  'secret-key-match',
  'agent-access',
  'session',
] as const

export type Check = (typeof CHECKS)[number]

export interface Finding {
  check: Check
  status: Status
  /** What was seen. Never a secret. */
  evidence: string
  /** What to do; null when there is nothing to do. */
  remedy: string | null
}

export const ok = (check: Check, evidence: string): Finding => ({ check, status: 'ok', evidence, remedy: null })
export const warning = (check: Check, evidence: string, remedy: string): Finding => ({ check, status: 'warning', evidence, remedy })
export const failure = (check: Check, evidence: string, remedy: string): Finding => ({ check, status: 'failure', evidence, remedy })
/** Not judged, and why. */
export const skipped = (check: Check, evidence: string, remedy: string | null = null): Finding => ({
  check,
  status: 'skipped',
  evidence,
  remedy,
})
