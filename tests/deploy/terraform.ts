/** deploy/cognito/terraform as Terraform would read it, for given variables. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/gateway.ts'
import type { Client, Described } from './described.ts'
import { type Block, literal, parseHcl } from './hcl.ts'

const folder = join(root, 'deploy/cognito/terraform')
export const files = readdirSync(folder).filter((name) => name.endsWith('.tf'))
const blocks = files.flatMap((name) => parseHcl(readFileSync(join(folder, name), 'utf8')).blocks)
const locals = blocks.find(({ type }) => type === 'locals')

export const named = (type: string, ...labels: string[]): Block[] =>
  blocks.filter((one) => one.type === type && labels.every((label, index) => one.labels[index] === label))
const resource = (type: string, name: string): Block => {
  const [block] = named('resource', `aws_cognito_${type}`, name)
  if (block === undefined) throw new Error(`there is no aws_cognito_${type}.${name}`)
  return block
}
export const inner = (block: Block, type: string): Block | undefined => block.blocks.find((one) => one.type === type)

/** The last part of `aws_cognito_TYPE.NAME`. */
const names = (expression = ''): string[] => [...expression.matchAll(/aws_cognito_\w+\.(\w+)/g)].map(([, name]) => name as string)

export function describeTerraform(variables: Record<string, string>): Described {
  const defaults = named('variable').map(({ labels: [name = ''], attributes }) => [name, literal(attributes.get('default'))])
  const given: Record<string, unknown> = { ...Object.fromEntries(defaults), ...variables }
  const value = (block: Block | undefined, name: string): unknown => {
    const expression = block?.attributes.get(name)
    const [, variable] = /^var\.(\w+)$/.exec(expression ?? '') ?? []
    if (variable !== undefined) return given[variable]
    if (expression?.startsWith('local.')) return literal(locals?.attributes.get(expression.slice('local.'.length)))
    return literal(expression?.replace(/\$\{var\.(\w+)\}/g, (_all, one: string) => String(given[one])))
  }
  const identifierOf = (name: string): string => String(value(resource('resource_server', name), 'identifier'))
  const client = (name: string): Client => {
    const block = resource('user_pool_client', name)
    return describeClient((at, of = block) => value(of, at), block, names(block.attributes.get('depends_on')).map(identifierOf))
  }
  const domain = resource('user_pool_domain', 'this')
  return {
    pool: describePool(value, given),
    clients: { web: client('web'), cli: client('cli'), agent: client('agent') },
    servers: Object.fromEntries(
      named('resource', 'aws_cognito_resource_server').map((one) => [
        value(one, 'identifier') as string,
        one.blocks.filter(({ type }) => type === 'scope').map((scope) => value(scope, 'scope_name')),
      ]),
    ),
    groups: named('resource', 'aws_cognito_user_group').map((one) => value(one, 'name')),
    styles: named('resource', 'aws_cognito_managed_login_branding')
      .filter((one) => value(one, 'use_cognito_provided_values') === true)
      .flatMap(({ attributes }) => names(attributes.get('client_id'))),
    domain: {
      prefix: value(domain, 'domain'),
      version: value(domain, 'managed_login_version'),
      after: names(domain.attributes.get('depends_on')),
    },
    admin: given.admin_email === '' ? undefined : describeAdmin(value, given),
    outputs: named('output').map(({ labels: [name = ''] }) => name),
  }
}

type Value = (block: Block | undefined, name: string) => unknown

function describeAdmin(value: Value, given: Record<string, unknown>): unknown {
  const user = resource('user', 'admin')
  const attributes = [...(user.attributes.get('attributes') ?? '').matchAll(/(\w+)\s*=\s*(\S+)/g)].map(([, name, one = '']) => {
    return [name as string, one === 'var.admin_email' ? given.admin_email : one]
  })
  const [group = ''] = names(resource('user_in_group', 'admin').attributes.get('group_name'))
  return {
    name: value(user, 'username'),
    by: value(user, 'desired_delivery_mediums'),
    attributes: Object.fromEntries(attributes),
    group: value(resource('user_group', group), 'name'),
  }
}

function describePool(value: Value, given: Record<string, unknown>): Record<string, unknown> {
  const pool = resource('user_pool', 'this')
  const schema = inner(pool, 'schema')
  const password = inner(pool, 'password_policy')
  const recovery = inner(pool, 'account_recovery_setting')
  return {
    name: value(pool, 'name'),
    tier: value(pool, 'user_pool_tier'),
    protection: value(pool, 'deletion_protection'),
    aliases: value(pool, 'alias_attributes'),
    caseSensitive: value(inner(pool, 'username_configuration'), 'case_sensitive'),
    required: value(schema, 'required') === true ? value(schema, 'name') : null,
    verified: value(pool, 'auto_verified_attributes'),
    verifiedBefore: value(inner(pool, 'user_attribute_update_settings'), 'attributes_require_verification_before_update'),
    recovery: recovery && value(inner(recovery, 'recovery_mechanism'), 'name'),
    byAdminOnly: value(inner(pool, 'admin_create_user_config'), 'allow_admin_create_user_only'),
    password: [...(password?.attributes.keys() ?? [])].map((name) => value(password, name)),
    mfa: value(pool, 'mfa_configuration'),
    hasAuthenticator: given.mfa !== 'OFF' && pool.blocks.some(({ labels }) => labels[0] === 'software_token_mfa_configuration'),
  }
}

function describeClient(value: (name: string, block?: Block) => unknown, block: Block, after: string[]): Client {
  const units = inner(block, 'token_validity_units') as Block
  const rotation = inner(block, 'refresh_token_rotation')
  return {
    hasSecret: value('generate_secret'),
    isOAuth: value('allowed_oauth_flows_user_pool_client'),
    flows: value('allowed_oauth_flows'),
    scopes: value('allowed_oauth_scopes'),
    callbackUrls: value('callback_urls'),
    signOutUrls: value('logout_urls'),
    providers: value('supported_identity_providers'),
    authFlows: value('explicit_auth_flows'),
    revocation: value('enable_token_revocation'),
    existenceErrors: value('prevent_user_existence_errors'),
    readAttributes: value('read_attributes'),
    validity: ['access_token', 'id_token', 'refresh_token'].map((name) => [value(`${name}_validity`), value(name, units)]),
    rotation: rotation && [value('feature', rotation), value('retry_grace_period_seconds', rotation)],
    after,
  }
}
