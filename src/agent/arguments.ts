/** Arguments of a tool, as they are typed on a command line: `key=value`, each value of the type that the tool's schema gives the key; or JSON. */
import { isDeepStrictEqual } from 'node:util'
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
    const unknown = strangeness(name, schema, properties)
    if (Object.hasOwn(value, name)) problems.push(`"${name}" is given twice`)
    else if (unknown !== null) problems.push(unknown)
    else {
      const read = property === undefined ? { value: readAny(text) } : readAs(property, text)
      if ('problem' in read) problems.push(read.problem)
      else if (isInexact(read.value)) problems.push(inexact(name))
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
  const properties = schema === null ? [] : propertiesOf(schema)
  const problems = Object.entries(value).flatMap(([name, one]) => {
    const property = properties.find((known) => known.name === name)
    return (property === undefined ? strangeness(name, schema, properties) : mismatch(property, one)) ?? []
  })
  problems.push(...Object.entries(value).flatMap(([name, one]) => (isInexact(one) ? [inexact(name)] : [])))
  problems.push(...missing(value as Record<string, unknown>, properties))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: value as Record<string, unknown> }
}

/** Why a tool does not take an argument that it does not name, or null. */
function strangeness(name: string, schema: JsonSchema | null, properties: readonly Property[]): string | null {
  if (schema === null || takesOthers(schema) || properties.some((one) => one.name === name)) return null
  return `"${name}" is no argument of this tool; it has: ${properties.map((one) => one.name).join(', ')}`
}

const missing = (value: Record<string, unknown>, properties: readonly Property[]): string[] =>
  properties
    .filter(({ name, required }) => required && !Object.hasOwn(value, name))
    .map(({ name, description }) => `"${name}" is missing${description === '' ? '' : `: ${description}`}`)

function readAs(property: Property, text: string): { value: unknown } | { problem: string } {
  const { types, values } = property
  if (values !== null) {
    const found = values.find((one) => asTyped(one) === text)
    return found === undefined ? { problem: expected(property) } : { value: found }
  }
  if (types.size === 0) return { value: readAny(text) }
  // What may be a text is one: nobody types quotes around a name.
  if (types.has('string')) return { value: text }
  const value = parse(text)
  if (value !== undefined && [...types].some((type) => isOf(type, value))) return { value }
  return { problem: expected(property) }
}

/** What is wrong with a value, or null. What is within lists and objects is left to the server. */
function mismatch(property: Property, value: unknown): string | null {
  const { types, values } = property
  if (values !== null) return values.some((one) => isDeepStrictEqual(one, value)) ? null : expected(property)
  return types.size === 0 || [...types].some((type) => isOf(type, value)) ? null : expected(property)
}

const asTyped = (value: unknown): string | undefined => (typeof value === 'string' ? value : JSON.stringify(value))

const expected = ({ name, types, values }: Property): string =>
  values === null
    ? `"${name}" must be ${[...types].map((type) => PHRASES[type] ?? type).join(' or ')}`
    : `"${name}" must be one of ${values.map(asTyped).join(', ')}`

const PHRASES: Partial<Record<JsonType, string>> = {
  string: 'a text',
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

/** Whether a number that was read as a double is another one than was typed, or may be (RFC 8259 section 6), anywhere within. */
function isInexact(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
  return typeof value === 'object' && value !== null && Object.values(value).some(isInexact)
}

const inexact = (name: string): string => `"${name}" has a number that cannot be sent as it was typed: it is too large`

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
