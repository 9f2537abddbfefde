/** The checks of each gateway that the settings lead to. */
import type { World } from './ask.ts'
import { checkClock, skewOf } from './clock.ts'
import { type Finding, skipped } from './finding.ts'
import { askForNothing, checkServer, examineGateway } from './gateway.ts'
import { checkAgentAccess, checkSession } from './identity.ts'
import { checkMcpSignIn } from './mcp_sign_in.ts'
import { serversOf } from './policy.ts'
import type { Profile } from './profile.ts'
import type { Run } from './run.ts'
import { checkKeyMatch } from './secret_key.ts'
import { checkHeaders, checkPaths } from './tricks.ts'

export async function askGateways(run: Run): Promise<Finding[]> {
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
  const authorities = authoritiesOf(gateway, own)
  const names = policy === null ? [] : serversOf(policy)
  const servers = [...new Set([...names, ...(run.gated ?? [])])]
  const nothing = await askForNothing(gateway, world)
  const answers = await Promise.all(servers.map((server) => checkServer({ gateway, server, authorities, nothing }, world)))
  const there = servers.filter((_server, index) => answers[index]?.status !== 'skipped')
  findings.push(...(skew === null ? [] : [checkClock([skew], gateway)]), ...answers)
  findings.push(...(await checkSignIn(gateway, own, world)))
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

/** Whom a server may name as the one that gives tokens: the gateway itself wherever users can log in, or the pool. */
function authoritiesOf(gateway: string, profiles: readonly Profile[]): string[] {
  const issuers = profiles.flatMap(({ pools, issuerIsKnown }) => (issuerIsKnown ? pools.flatMap((pool) => pool.issuers) : []))
  const own = profiles.find(({ role }) => role === 'gateway')
  if (own !== undefined) return own.mcp === null ? issuers : [gateway]
  return issuers.length === 0 ? [] : [gateway, ...issuers]
}

async function checkSignIn(gateway: string, profiles: readonly Profile[], world: World): Promise<Finding[]> {
  const own = profiles.find(({ role }) => role === 'gateway')
  if (own !== undefined && own.mcp === null)
    return [skipped('mcp-sign-in', `${own.name} has no COGNITO_CLIENT_ID: where nobody can log in, MCP clients cannot either`)]
  // Other settings than the gateway's do not tell where it fetches keys.
  const [pool] = own?.issuerIsKnown === true ? own.pools : []
  const jwksUrls = [...(pool?.jwksUrls ?? []), ...(pool?.issuers ?? []).map((issuer) => `${issuer}/.well-known/jwks.json`)]
  return checkMcpSignIn({ gateway, mcp: own?.mcp ?? null, jwksUrls }, world)
}
