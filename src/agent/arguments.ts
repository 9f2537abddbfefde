/** Arguments of a tool, as they are typed on a command line: `key=value`, each value of the type that the tool's schema gives the key. */
import { type JsonSchema, type JsonType, type Property, propertiesOf, takesOthers } from './schema.ts'

export type Arguments = { ok: true; value: Record<string, unknown> } | { ok: false; problems: string[] }

/** @param schema null when it is not known: values that read as JSON are taken as such */
export function readPairs(pairs: readonly string[], schema: JsonSchema | null): Arguments {
  const properties = schema === null ? [] : propertiesOf(schema)
  const problems: string[] = []
  const value: Record<string, unknown> = {}
  for (const pair of pairs) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (name === undefined || text === undefined) {
      problems.push(`"${pair}" is no argument. Example: ${properties[0]?.name ?? 'key'}=value`)
      continue
    }
    const property = properties.find((one) => one.name === name)
    if (Object.hasOwn(value, name)) problems.push(`"${name}" is given twice`)
    else if (property === undefined && schema !== null && !takesOthers(schema)) {
      problems.push(`"${name}" is no argument of this tool; it has: ${properties.map((one) => one.name).join(', ')}`)
    } else {
      const read = property === undefined ? { value: readAny(text) } : readAs(property, text)
      if ('problem' in read) problems.push(read.problem)
      else Object.defineProperty(value, name, { value: read.value, enumerable: true, configurable: true, writable: true })
    }
  }
  problems.push(...missing(value, properties))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value }
}

/** All of them as one JSON object. */
export function readJson(text: string, schema: JsonSchema | null): Arguments {
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, problems: ['--json takes a JSON object, such as \'{"key":"value"}\''] }
  }
  const problems = missing(value as Record<string, unknown>, schema === null ? [] : propertiesOf(schema))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: value as Record<string, unknown> }
}

const missing = (value: Record<string, unknown>, properties: readonly Property[]): string[] =>
  properties
    .filter(({ name, required }) => required && !Object.hasOwn(value, name))
    .map(({ name, description }) => `"${name}" is missing${description === '' ? '' : `: ${description}`}`)

function readAs(property: Property, text: string): { value: unknown } | { problem: string } {
  const { name, types, values } = property
  if (values !== null) {
    const found = values.find((one) => (typeof one === 'string' ? one : JSON.stringify(one)) === text)
    return found === undefined
      ? { problem: `"${name}" must be one of ${values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ')}` }
      : { value: found }
  }
  if (types.size === 0) return { value: readAny(text) }
  // What may be a text is one: nobody types quotes around a name.
  if (types.has('string')) return { value: text }
  const value = parse(text)
  if (value !== undefined && [...types].some((type) => isOf(type, value))) return { value }
  return { problem: `"${name}" must be ${[...types].map((type) => PHRASES[type] ?? type).join(' or ')}` }
}

const PHRASES: Partial<Record<JsonType, string>> = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a JSON list',
}

function isOf(type: JsonType, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'null':
      return value === null
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return typeof value === type
  }
}

function readAny(text: string): unknown {
  const value = parse(text)
  return value === undefined ? text : value
}

/** Undefined when it is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
