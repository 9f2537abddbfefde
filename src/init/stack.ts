/** What deploy/cognito has made at AWS: the outputs of its CloudFormation stack or of its Terraform module, as JSON. No secret is among them. */
import { regionOfPool } from '../cognito/pool.ts'

export interface Stack {
  UserPoolId: string
  Domain: string
  RegistryUrl: string
  WebClientId: string
  CliClientId: string
  AgentClientId: string
}

/** Ids become arguments of a command. */
const isClientId = (text: string): boolean => /^\w{1,128}$/.test(text)
const isText = (text: string): boolean => text !== ''

/** The outputs, each with what it must be. The other values are judged as settings. */
const OUTPUTS: Readonly<Record<keyof Stack, (value: string) => boolean>> = {
  UserPoolId: (value) => regionOfPool(value) !== null,
  Domain: isText,
  RegistryUrl: isText,
  WebClientId: isClientId,
  CliClientId: isClientId,
  AgentClientId: isClientId,
}
export const OUTPUT_NAMES = Object.keys(OUTPUTS) as (keyof Stack)[]

/** Of a stack that stands as its template says, be it after an update was taken back. */
const USABLE = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]

type Outputs = Map<string, unknown>
type Read<T> = T | { problem: string }

/**
 * Reads what `aws cloudformation describe-stacks --output json` or `terraform output -json` prints.
 * @returns the outputs, or what keeps them from being used; a value is not repeated
 */
export function readStack(text: string): Read<{ stack: Stack }> {
  const data = parse(text)
  const outputs = outputsOf(data)
  if ('problem' in outputs) return outputs
  const textOf = (name: keyof Stack): string => {
    const value = outputs.map.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  const missing = OUTPUT_NAMES.filter((name) => textOf(name) === '')
  if (missing.length > 0) return { problem: `lacks the output${plural(missing)} ${missing.join(', ')}; those of deploy/cognito have them` }
  const odd = OUTPUT_NAMES.filter((name) => !OUTPUTS[name](textOf(name)))
  if (odd.length > 0) return { problem: `has an output that cannot be right: ${odd.join(', ')}` }
  return { stack: Object.fromEntries(OUTPUT_NAMES.map((name) => [name, textOf(name)])) as unknown as Stack }
}

const plural = (names: readonly string[]): string => (names.length === 1 ? '' : 's')

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return null
  }
}

/** The two forms: a list of stacks with their outputs, or an object of outputs. */
function outputsOf(data: unknown): Read<{ map: Outputs }> {
  if (!isObject(data))
    return { problem: 'is not what aws cloudformation describe-stacks --output json, or terraform output -json, prints: no JSON object' }
  if (!('Stacks' in data)) return ofTerraform(data)
  const stacks = Array.isArray(data.Stacks) ? data.Stacks : []
  const [stack] = stacks
  if (stacks.length !== 1 || !isObject(stack)) return { problem: `holds ${stacks.length} stacks; name one with --stack-name` }
  const status = typeof stack.StackStatus === 'string' && /^[A-Z_]{1,60}$/.test(stack.StackStatus) ? stack.StackStatus : 'without a status'
  if (!USABLE.includes(status)) return { problem: unusable(status) }
  const outputs = Array.isArray(stack.Outputs) ? stack.Outputs.filter(isObject) : []
  return { map: new Map(outputs.map(({ OutputKey, OutputValue }) => [String(OutputKey), OutputValue])) }
}

function unusable(status: string): string {
  if (status.startsWith('DELETE')) return `is deleted, or about to be (${status})`
  if (status.endsWith('_IN_PROGRESS') && !status.includes('ROLLBACK')) return `is not finished (${status}): try again when it is`
  return `has failed (${status}): its events say why, by aws cloudformation describe-stack-events`
}

const ofTerraform = (data: Record<string, unknown>): { map: Outputs } => ({
  map: new Map(Object.entries(data).map(([name, output]) => [name, isObject(output) ? output.value : undefined])),
})
