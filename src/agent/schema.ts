/** JSON Schema of a tool's input, as far as a caller needs to understand it. */

export type JsonSchema = Readonly<Record<string, unknown>>

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null'

/** `$ref` may lead in a circle. */
const MAX_DEPTH = 8
/** Schemas that one argument's type may be made of. */
const MOST_SCHEMAS = 256

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)

export interface Property {
  name: string
  required: boolean
  /** What values may be; empty when the schema does not say. */
  types: ReadonlySet<JsonType>
  /** The only values there are; null when the schema does not list them. */
  values: readonly unknown[] | null
  description: string
  /** Undefined when there is none. */
  fallback: unknown
}

/** The arguments that a tool names, the required ones first. */
export function propertiesOf(schema: JsonSchema): Property[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const named = isObject(schema.properties) ? Object.entries(schema.properties) : []
  const properties = named.map(([name, value]): Property => {
    const own = resolve(value, schema)
    return {
      name,
      required: required.has(name),
      types: typesOf(own, schema, new Set()),
      values: Array.isArray(own.enum) ? own.enum : 'const' in own ? [own.const] : null,
      description: typeof own.description === 'string' ? own.description : '',
      fallback: own.default,
    }
  })
  return properties.sort((a, b) => Number(b.required) - Number(a.required))
}

/** Whether a tool takes arguments that it does not name. */
export const takesOthers = (schema: JsonSchema): boolean =>
  schema.additionalProperties === true ||
  isObject(schema.additionalProperties) ||
  propertiesOf(schema).length === 0 ||
  ELSEWHERE.some((key) => key in schema)

/** Where arguments are named that `propertiesOf` does not know. */
const ELSEWHERE = ['patternProperties', '$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'dependentSchemas']

/** @param seen those looked into already: references may lead back, in more ways than can be followed */
function typesOf(schema: JsonSchema, root: JsonSchema, seen: Set<JsonSchema>): ReadonlySet<JsonType> {
  if (seen.has(schema) || seen.size >= MOST_SCHEMAS) return new Set()
  seen.add(schema)
  const { type } = schema
  if (typeof type === 'string') return new Set([type as JsonType])
  if (Array.isArray(type)) return new Set(type.filter((one): one is JsonType => typeof one === 'string'))
  if (Array.isArray(schema.enum)) return new Set(schema.enum.map(typeOf))
  if ('const' in schema) return new Set([typeOf(schema.const)])
  const found = (choices: unknown[]) => choices.map((one) => typesOf(resolve(one, root), root, seen))
  const choices = [schema.anyOf, schema.oneOf].filter(Array.isArray).flatMap(found)
  // One that does not say what it takes may take anything.
  if (choices.some(({ size }) => size === 0)) return new Set()
  const all = Array.isArray(schema.allOf) ? found(schema.allOf) : []
  return new Set([...choices, ...all].flatMap((types) => [...types]))
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : (typeof value as JsonType)
}

/** Follows references into the same schema (RFC 6901); what cannot be found says nothing. */
function resolve(value: unknown, root: JsonSchema): JsonSchema {
  let found = value
  for (let depth = 0; depth < MAX_DEPTH && isObject(found) && typeof found.$ref === 'string'; depth++) {
    const steps = found.$ref.startsWith('#/') ? found.$ref.slice(2).split('/') : ['']
    found = steps
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined), root)
  }
  return isObject(found) ? found : {}
}
