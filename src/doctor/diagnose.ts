/** All checks in their order, each with what the ones before have found out. */
import type { Pool } from '../cognito/pool.ts'
import type { Environment } from '../settings.ts'
import { checkUnused, examineAgentScopes } from './agent_scopes.ts'
import { checkAgreement } from './agreement.ts'
import { checkLoginClient, examineAgentClient } from './app_client.ts'
import type { World } from './ask.ts'
import { examineCallbacks } from './callback_urls.ts'
import { checkClock, skewOf } from './clock.ts'
import { checkDomain } from './domain.ts'
import { checkFiles, checkProfile } from './environment.ts'
import { type Finding, skipped } from './finding.ts'
import { askForNothing, checkServer, examineGateway } from './gateway.ts'
import { checkAgentAccess, checkSession, type SavedSession } from './identity.ts'
import { checkLoginScopes } from './login_scopes.ts'
import { examineNginx } from './nginx.ts'
import type { NginxConfig } from './nginx_source.ts'
import { examinePolicy, serversOf, type UsablePolicy } from './policy.ts'
import { examinePool, type PoolFacts } from './pool.ts'
import { type Profile, profilesOf, type SettingsFile } from './profile.ts'
import { scrub } from './scrub.ts'
import { checkKeyMatch } from './secret_key.ts'
import { checkSignOutUrl } from './sign_out_url.ts'
import { checkHeaders, checkPaths } from './tricks.ts'

export interface Subject {
  files: readonly SettingsFile[]
  /** Of the process. */
  environment: Environment
  nginx: { config: NginxConfig; isAsked: boolean }
  session: SavedSession | null
}

interface Run {
  world: World
  subject: Subject
  profiles: Profile[]
  policy: UsablePolicy | null
  pools: Map<string, PoolFacts>
  /** Domains that gave no answer. */
  away: Set<string>
  /** Agents' tokens. */
  tokens: Map<Profile, string>
  /** Servers behind the gate by the configuration of NGINX; null when it is not known. */
  gated: string[] | null
}

/** A group of checks; `doing` says what takes the time. */
export interface Step {
  doing: string
  run(): Promise<Finding[]>
}

/** The steps, to be run one after the other: each leaves behind what later ones need. */
export function diagnosis(subject: Subject, world: World): Step[] {
  const profiles = profilesOf(subject.files, subject.environment)
  const run: Run = { world, subject, profiles, policy: null, pools: new Map(), away: new Set(), tokens: new Map(), gated: null }
  const step = (doing: string, work: (run: Run) => Promise<Finding[]>): Step => ({
    doing,
    run: async () => scrub(await work(run), secretsOf(run)),
  })
  return [
    step('reading the settings', readSettings),
    step('asking the user pool', askPools),
    step('asking the domain of the pool', askDomains),
    step('trying the login', tryLogins),
    step('getting the tokens of agents', getTokens),
    step('reading the configuration of NGINX', readNginxConfig),
    step('asking the gateway', askGateways),
  ]
}

/** What must be in no finding, wherever it comes from. */
const secretsOf = ({ profiles, tokens, subject }: Run): string[] => [
  ...profiles.flatMap(({ secretKeys, client }) => [...secretKeys, client?.secret ?? '']),
  ...tokens.values(),
  subject.session?.value ?? '',
]

async function readSettings(run: Run): Promise<Finding[]> {
  const { subject, profiles } = run
  const findings = [...checkFiles(subject.files, subject.environment), ...profiles.flatMap(checkProfile), ...checkAgreement(profiles)]
  const path = scopesFileOf(run)
  if (path === null) return findings
  const examined = examinePolicy(path)
  run.policy = examined.policy
  return [...findings, ...examined.findings]
}

/** Where a user or an agent is there may be no policy. */
function scopesFileOf({ profiles, subject }: Run): string | null {
  const gateway = profiles.find(({ role }) => role === 'gateway')
  if (gateway === undefined) return subject.environment.SCOPES_FILE?.trim() || null
  return gateway.env.SCOPES_FILE?.trim() || 'scopes.yml'
}

/** A pool that several files name alike is asked once. */
async function askPools({ profiles, pools, world }: Run): Promise<Finding[]> {
  const derivable = profiles.filter(({ issuerIsKnown }) => issuerIsKnown)
  const known = new Map<string, Pool>(derivable.flatMap((profile) => profile.pools.map((pool) => [keyOf(pool), pool] as const)))
  await Promise.all([...known].map(async ([key, pool]) => pools.set(key, await examinePool(pool, world))))
  const facts = [...known.keys()].flatMap((key) => pools.get(key) ?? [])
  const unknown = profiles.filter(({ issuerIsKnown, pools: own }) => !issuerIsKnown && own.length > 0)
  const notes = unknown.map(({ name }) =>
    skipped('pool', `the issuer of the pool in ${name} cannot be derived`, `Set COGNITO_ISSUER in ${name}.`),
  )
  if (facts.length === 0) return notes
  const skews = facts.flatMap((one) => one.skews)
  return [...notes, ...facts.flatMap(({ findings }) => findings), checkClock(skews, 'Cognito')]
}

const keyOf = ({ id, issuers, jwksUrls }: Pool): string => [id, ...issuers, ...jwksUrls].join(' ')
const factsOf = ({ pools }: Run, { pools: [pool] }: Profile): PoolFacts | undefined =>
  pool === undefined ? undefined : pools.get(keyOf(pool))
const tokenEndpointOf = (run: Run, profile: Profile): string | null => factsOf(run, profile)?.tokenEndpoint ?? null

/** Several files of one pool have the same domain. */
async function askDomains(run: Run): Promise<Finding[]> {
  const withDomain = run.profiles.filter(({ domain, client }) => domain !== null && client !== null)
  const distinct = withDomain.filter(({ domain }, index) => withDomain.findIndex((other) => other.domain === domain) === index)
  return Promise.all(
    distinct.map(async (profile) => {
      const finding = await checkDomain(profile, tokenEndpointOf(run, profile), run.world)
      if (finding.status === 'failure') run.away.add(profile.domain as string)
      return finding
    }),
  )
}

/** One trouble is to be told once. */
const unasked = ({ name, domain }: Profile): Finding =>
  skipped('app-client', `the client of ${name} cannot be tried without the domain ${domain}`)

async function tryLogins(run: Run): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const profile of run.profiles) {
    const { role, client, domain, secretKeys } = profile
    // Who has no SECRET_KEY logs in by way of the gateway, with its client.
    const logsIn = role === 'gateway' || (role === 'user' && secretKeys.length > 0)
    if (!logsIn || client === null || domain === null) continue
    if (run.away.has(domain)) {
      findings.push(unasked(profile))
      continue
    }
    findings.push(await checkLoginClient(profile, client, tokenEndpointOf(run, profile), run.world))
    const callbacks = await examineCallbacks(profile, client, run.world)
    findings.push(...callbacks.findings)
    if (role === 'gateway') findings.push(await checkSignOutUrl(profile, client, run.world))
    findings.push(await checkLoginScopes(profile, client, callbacks.registered, run.world))
  }
  return findings
}

async function getTokens(run: Run): Promise<Finding[]> {
  const findings: Finding[] = []
  const granted: (readonly string[])[] = []
  for (const profile of run.profiles) {
    const { role, client, domain } = profile
    if (role !== 'agent' || client === null || client.secret === null || domain === null) continue
    if (run.away.has(domain)) {
      findings.push(unasked(profile))
      continue
    }
    const { finding, token } = await examineAgentClient(profile, client, tokenEndpointOf(run, profile), run.world)
    findings.push(finding)
    if (token === null) continue
    run.tokens.set(profile, token)
    const grants = await examineAgentScopes(profile, token, factsOf(run, profile)?.keys ?? null, run.policy, run.world.now)
    findings.push(...grants.findings)
    if (grants.scopes !== null) granted.push(grants.scopes)
  }
  return run.policy === null ? findings : [...findings, ...checkUnused(run.policy, granted)]
}

async function readNginxConfig(run: Run): Promise<Finding[]> {
  const { subject, policy, profiles } = run
  const gateway = profiles.find(({ role }) => role === 'gateway') ?? null
  // Who looks at a user's or an agent's settings alone is not at the gateway.
  if (gateway === null && !subject.nginx.isAsked) return []
  const { findings, servers } = examineNginx(subject.nginx.config, policy === null ? [] : serversOf(policy), gateway, subject.nginx.isAsked)
  run.gated = servers
  return findings
}

async function askGateways(run: Run): Promise<Finding[]> {
  const gateways = [...new Set(run.profiles.flatMap(({ gateway }) => gateway ?? []))]
  const findings: Finding[] = []
  for (const gateway of gateways) findings.push(...(await askOneGateway(run, gateway)))
  return findings
}

async function askOneGateway(run: Run, gateway: string): Promise<Finding[]> {
  const { world, profiles, policy, subject, tokens } = run
  const { findings, isThere, answer } = await examineGateway(gateway, world)
  if (!isThere || answer === null) return findings
  const skew = skewOf(answer)
  const own = profiles.filter((profile) => profile.gateway === gateway)
  const issuers = own.flatMap(({ pools, issuerIsKnown }) => (issuerIsKnown ? pools.flatMap((pool) => pool.issuers) : []))
  const names = policy === null ? [] : serversOf(policy)
  const servers = [...new Set([...names, ...(run.gated ?? [])])]
  const nothing = await askForNothing(gateway, world)
  const answers = await Promise.all(servers.map((server) => checkServer({ gateway, server, issuers, nothing }, world)))
  const there = servers.filter((_server, index) => answers[index]?.status !== 'skipped')
  findings.push(...(skew === null ? [] : [checkClock([skew], gateway)]), ...answers)
  findings.push(await checkPaths({ gateway, servers: there, nothing }, world))
  if (there.length > 0) findings.push(await checkHeaders({ gateway, servers: there, nothing }, world))
  for (const profile of own) {
    if (profile.role !== 'agent') findings.push(await checkKeyMatch(profile, gateway, skew, world))
    const token = tokens.get(profile)
    if (token !== undefined) findings.push(await checkAgentAccess(profile, gateway, token, world))
  }
  const person =
    own.find(({ role }) => role === 'user') ?? (subject.session?.isAsked ? own.find(({ role }) => role === 'gateway') : undefined)
  if (subject.session !== null && person !== undefined) findings.push(await checkSession(subject.session, person, gateway, policy, world))
  return findings
}
