/** Whether the settings of gateway, users and agents fit each other. */
import { readClientIds } from '../config_cognito.ts'
import { SettingsReader } from '../settings.ts'
import { type Finding, failure, ok } from './finding.ts'
import type { Profile } from './profile.ts'

/** Compares every other profile with the gateway's. */
export function checkAgreement(profiles: readonly Profile[]): Finding[] {
  const gateway = profiles.find(({ role }) => role === 'gateway')
  if (gateway === undefined) return []
  return profiles.filter((profile) => profile !== gateway).flatMap((other) => compare(gateway, other))
}

function compare(gateway: Profile, other: Profile): Finding[] {
  const findings: Finding[] = []
  const pool = other.pools[0]?.id
  if (pool !== undefined && gateway.pools.length > 0 && !gateway.pools.some(({ id }) => id === pool)) {
    const evidence = `${other.name} names the pool ${pool}; ${gateway.name} accepts ${gateway.pools.map(({ id }) => id).join(', ')}`
    findings.push(
      failure('pool', evidence, 'Tokens of another pool are refused (token_issuer). Name the same COGNITO_USER_POOL_ID in both.'),
    )
  }
  if (gateway.gateway !== null && other.gateway !== null && gateway.gateway !== other.gateway) {
    const name = other.role === 'agent' ? 'MCP_REGISTRY_URL' : 'REGISTRY_URL'
    const evidence = `${name} in ${other.name} leads to ${other.gateway}, but the gateway of ${gateway.name} is ${gateway.gateway}`
    findings.push(failure('environment', evidence, 'Scheme, host and port must be the same: 127.0.0.1 is not localhost.'))
  }
  return [...findings, ...compareKeys(gateway, other), ...compareClients(gateway, other)]
}

function compareKeys(gateway: Profile, other: Profile): Finding[] {
  const [key] = other.secretKeys
  if (key === undefined || gateway.secretKeys.length === 0) return []
  if (gateway.secretKeys.includes(key)) return [ok('secret-key-match', `${other.name} and ${gateway.name} have the same SECRET_KEY`)]
  const remedy = `Sessions made with it are refused (session_malformed). Copy SECRET_KEY from ${gateway.name}, or remove it: then the gateway seals.`
  return [failure('secret-key-match', `SECRET_KEY in ${other.name} is not that of ${gateway.name}`, remedy)]
}

function compareClients(gateway: Profile, { role, name, client }: Profile): Finding[] {
  const allowed = readClientIds(new SettingsReader(gateway.env))
  // Nobody is allowed: that is reported as a missing setting. A user's session does not depend on it.
  if (role !== 'agent' || client === null || allowed === null || allowed.size === 0 || allowed.has(client.id)) return []
  const evidence = `the app client ${client.id} of ${name} is not in ALLOWED_CLIENT_IDS of ${gateway.name}`
  return [
    failure(
      'agent-access',
      evidence,
      `Its tokens are refused (token_client). Add ${client.id} to ALLOWED_CLIENT_IDS, and restart the gateway.`,
    ),
  ]
}
