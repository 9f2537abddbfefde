/** deploy/cognito/template.yml as CloudFormation would read it, for given parameters. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, parseDocument, type ScalarTag, visit } from 'yaml'
import { root } from '../support/gateway.ts'
import type { Client, Described } from './described.ts'

type Fields = Record<string, unknown>
export interface Resource {
  Type: string
  DependsOn?: string | string[]
  Condition?: string
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
  Properties: Fields
}
export interface Template {
  Parameters: Record<string, { Default?: string; AllowedPattern?: string; AllowedValues?: unknown[]; Type: string }>
  Conditions: Fields
  Resources: Record<string, Resource>
  Outputs: Record<string, { Value: unknown }>
}

const scalar = (name: string, key: string): ScalarTag => ({ tag: `!${name}`, resolve: (text: string) => ({ [key]: text }) })
const list = (name: string) => ({
  tag: `!${name}`,
  collection: 'seq' as const,
  resolve: (value: { toJSON(): unknown }) => ({ [`Fn::${name}`]: value }) as never,
})

/** CloudFormation reads YAML 1.1, where OFF is false. */
const parsed: Document = parseDocument(readFileSync(join(root, 'deploy/cognito/template.yml'), 'utf8'), {
  version: '1.1',
  customTags: (tags) => [...tags, scalar('Ref', 'Ref'), scalar('Sub', 'Fn::Sub'), ...['If', 'Not', 'Equals'].map(list)],
})
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const { toJSON } = value as { toJSON?: () => unknown }
  if (toJSON) return plain(toJSON.call(value))
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
}
export const template = plain(parsed.toJS()) as Template
export const problems: readonly unknown[] = [...parsed.errors, ...parsed.warnings]

/** CloudFormation refuses a template with one. */
export function countAliases(): number {
  let aliases = 0
  visit(parsed, { Alias: () => void aliases++ })
  return aliases
}

const NOTHING = Symbol('AWS::NoValue')

/** The resources that come to be, their functions worked out; a reference to a resource becomes its name. */
export function evaluate(parameters: Record<string, string>): Record<string, Resource> {
  const given = new Map(Object.entries(template.Parameters).map(([name, { Default }]) => [name, parameters[name] ?? Default]))
  const holds = (name: string): boolean => value(template.Conditions[name]) === true
  const functions: Record<string, (argument: never) => unknown> = {
    Ref: (name: string) => (name === 'AWS::NoValue' ? NOTHING : given.has(name) ? given.get(name) : name),
    'Fn::Sub': (text: string) => text.replace(/\$\{(\w+)\}/g, (_all, name: string) => String(given.get(name))),
    'Fn::If': ([name, yes, no]: [string, unknown, unknown]) => value(holds(name) ? yes : no),
    'Fn::Equals': ([one, other]: unknown[]) => value(one) === value(other),
    'Fn::Not': ([one]: unknown[]) => value(one) !== true,
  }
  const value = (from: unknown): unknown => {
    if (Array.isArray(from)) return from.map(value).filter((one) => one !== NOTHING)
    if (typeof from !== 'object' || from === null) return from
    const [[name = '', argument] = []] = Object.entries(from)
    if (Object.keys(from).length === 1 && functions[name]) return functions[name](argument as never)
    const entries = Object.entries(from).map(([key, one]) => [key, value(one)])
    return Object.fromEntries(entries.filter(([, one]) => one !== NOTHING))
  }
  const there = Object.entries(template.Resources).filter(([, { Condition }]) => Condition === undefined || holds(Condition))
  return Object.fromEntries(there.map(([name, one]) => [name, { ...one, Properties: value(one.Properties) as Fields }]))
}

const dependsOn = ({ DependsOn = [] }: Resource): string[] => [DependsOn].flat()

export function describeTemplate(parameters: Record<string, string>): Described {
  const resources = evaluate(parameters)
  const ofType = (type: string) => Object.entries(resources).filter(([, one]) => one.Type === `AWS::Cognito::${type}`)
  const of = (name: string): Fields => resources[name]?.Properties ?? {}
  const identifierOf = (name: string): string => String(of(name).Identifier)
  const client = (name: string): Client => describeClient(of(name), dependsOn(resources[name] as Resource).map(identifierOf))
  const styled = ofType('ManagedLoginBranding').filter(([, { Properties }]) => Properties.UseCognitoProvidedValues === true)
  const admin = of('Admin')
  return {
    pool: describePool(of('UserPool')),
    clients: { web: client('WebClient'), cli: client('CliClient'), agent: client('AgentClient') },
    servers: Object.fromEntries(
      ofType('UserPoolResourceServer').map(([, { Properties }]) => [
        Properties.Identifier as string,
        (Properties.Scopes as Fields[]).map(({ ScopeName }) => ScopeName),
      ]),
    ),
    groups: ofType('UserPoolGroup').map(([, { Properties }]) => Properties.GroupName),
    styles: styled.map(([, { Properties }]) => String(Properties.ClientId).replace('Client', '').toLowerCase()),
    domain: {
      prefix: of('Domain').Domain,
      version: of('Domain').ManagedLoginVersion,
      after: dependsOn(resources.Domain as Resource).map((name) => name.replace('Style', '').toLowerCase()),
    },
    admin: resources.Admin && {
      name: admin.Username,
      by: admin.DesiredDeliveryMediums,
      attributes: Object.fromEntries((admin.UserAttributes as Fields[]).map(({ Name, Value }) => [Name, Value])),
      group: of(String(of('AdminInGroup').GroupName)).GroupName,
    },
    outputs: Object.keys(template.Outputs),
  }
}

function describePool(pool: Fields): Fields {
  const { UsernameConfiguration, Schema, UserAttributeUpdateSettings, AccountRecoverySetting, AdminCreateUserConfig, Policies } =
    pool as Record<string, Fields>
  const [recovery = {}] = (AccountRecoverySetting?.RecoveryMechanisms ?? []) as Fields[]
  const [attribute = {}] = Schema as unknown as Fields[]
  return {
    name: pool.UserPoolName,
    tier: pool.UserPoolTier,
    protection: pool.DeletionProtection,
    aliases: pool.AliasAttributes,
    caseSensitive: UsernameConfiguration?.CaseSensitive,
    required: attribute.Required === true ? attribute.Name : null,
    verified: pool.AutoVerifiedAttributes,
    verifiedBefore: UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate,
    recovery: recovery.Name,
    byAdminOnly: AdminCreateUserConfig?.AllowAdminCreateUserOnly,
    password: Object.values((Policies?.PasswordPolicy ?? {}) as Fields),
    mfa: pool.MfaConfiguration,
    hasAuthenticator: pool.EnabledMfas !== undefined,
  }
}

function describeClient(client: Fields, after: string[]): Client {
  const { TokenValidityUnits = {}, RefreshTokenRotation } = client as Record<string, Fields>
  return {
    hasSecret: client.GenerateSecret,
    isOAuth: client.AllowedOAuthFlowsUserPoolClient,
    flows: client.AllowedOAuthFlows,
    scopes: client.AllowedOAuthScopes,
    callbackUrls: client.CallbackURLs,
    signOutUrls: client.LogoutURLs,
    providers: client.SupportedIdentityProviders,
    authFlows: client.ExplicitAuthFlows,
    revocation: client.EnableTokenRevocation,
    existenceErrors: client.PreventUserExistenceErrors,
    readAttributes: client.ReadAttributes,
    validity: [
      [client.AccessTokenValidity, TokenValidityUnits.AccessToken],
      [client.IdTokenValidity, TokenValidityUnits.IdToken],
      [client.RefreshTokenValidity, TokenValidityUnits.RefreshToken],
    ],
    rotation: RefreshTokenRotation && [RefreshTokenRotation.Feature, RefreshTokenRotation.RetryGracePeriodSeconds],
    after,
  }
}
