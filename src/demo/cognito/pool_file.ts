/** Reading a pool description that somebody wrote: every problem is reported at once, with its path. */
import { z } from 'zod'
import { type CognitoOptions, RESERVED_SCOPES } from './pool.ts'

const RESERVED = new Set(RESERVED_SCOPES)

/** Absolute, no fragment; plain http for loopback names alone (SetUserPoolClient CallbackURLs). */
function isCallback(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || text.includes('#')) return false
  return url.protocol !== 'http:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

const text = z.string().min(1)
const callback = text
  .max(1024)
  .refine(isCallback, 'must be an absolute URL without a fragment; http only for localhost, 127.0.0.1 and [::1]')
const privateKey = z.looseObject({ kty: z.literal('RSA'), kid: text, n: text, e: text, d: text })

/** Patterns: API_ResourceServerType, API_ResourceServerScopeType, API_CreateGroup. */
const resourceServer = z.strictObject({
  identifier: z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/, 'must be 1 to 256 visible characters without " and \\'),
  scopes: z.array(
    z.string().regex(/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}$/, 'must be 1 to 256 visible characters without ", \\ and /'),
  ),
})

const user = z.strictObject({
  username: text.max(128),
  password: text,
  email: z.email(),
  groups: z.array(z.string().regex(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u, 'must be 1 to 128 characters without spaces')),
})

const client = z
  .strictObject({
    id: z.string().regex(/^[\w+]{1,128}$/, 'must be 1 to 128 letters, digits, _ and +'),
    secret: text.optional(),
    flows: z.array(z.enum(['code', 'client_credentials'])).min(1),
    scopes: z.array(text).min(1),
    callbackUrls: z.array(callback).max(100),
    logoutUrls: z.array(callback).max(100),
    accessTokenSeconds: z.int().min(1).max(86400).optional(),
  })
  .superRefine((value, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (!value.flows.includes('client_credentials')) return
    if (value.flows.length > 1) problem('flows', 'client_credentials cannot be mixed with another flow')
    if (value.secret === undefined) problem('secret', 'a client with client_credentials needs one')
    const reserved = value.scopes.filter((scope) => RESERVED.has(scope))
    if (reserved.length > 0) problem('scopes', `client_credentials takes custom scopes only, not ${reserved.join(', ')}`)
  })

const options = z
  .strictObject({
    host: text.optional(),
    port: z.int().min(0).max(65535),
    poolId: z.string().regex(/^[a-z]{2}-(gov-)?[a-z]+-\d_[a-zA-Z0-9]+$/, 'must look like us-east-1_Name'),
    users: z.array(user),
    clients: z.array(client),
    resourceServers: z.array(resourceServer),
    keys: z.strictObject({ id: privateKey, access: privateKey }).optional(),
  })
  .superRefine((value, context) => {
    const known = new Set([
      ...RESERVED,
      ...value.resourceServers.flatMap((server) => server.scopes.map((scope) => `${server.identifier}/${scope}`)),
    ])
    for (const [index, { scopes }] of value.clients.entries()) {
      for (const [place, scope] of scopes.entries()) {
        if (known.has(scope)) continue
        context.addIssue({ code: 'custom', path: ['clients', index, 'scopes', place], message: `no resource server defines "${scope}"` })
      }
    }
    for (const [path, names] of [
      ['clients', value.clients.map((one) => one.id)],
      ['users', value.users.map((one) => one.username)],
      ['resourceServers', value.resourceServers.map((one) => one.identifier)],
    ] as const) {
      const twice = names.filter((name, index) => names.indexOf(name) !== index)
      if (twice.length > 0) context.addIssue({ code: 'custom', path: [path], message: `named twice: ${[...new Set(twice)].join(', ')}` })
    }
  })

/**
 * Checks a pool description.
 * @param source JSON
 * @returns the options, or every problem found, each as `path: message`; a value is never repeated since it may be a secret
 */
export function parsePool(source: string): { options: CognitoOptions } | { problems: string[] } {
  let data: unknown
  try {
    data = JSON.parse(source)
  } catch {
    return { problems: ['not valid JSON'] }
  }
  const result = options.safeParse(data)
  if (result.success) return { options: result.data }
  return { problems: result.error.issues.map((issue) => `${pathOf(issue.path)}: ${issue.message}`) }
}

function pathOf(path: PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
  return steps.join('').replace(/^\./, '') || 'pool'
}
