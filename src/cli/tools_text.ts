/** A list of tools for people. */
import type { KnownTool } from '../agent/registry.ts'
import { type Property, propertiesOf } from '../agent/schema.ts'
import { oneLine } from './lines.ts'
import type { Listing } from './tools_list.ts'

const LONGEST = 200

/** Server by server, tool by tool, argument by argument. */
export function toolsInWords({ servers, tools }: Listing): string {
  const names = [...new Set([...servers.map(({ name }) => name), ...tools.map(({ server }) => server)])]
  if (names.length === 0) return 'There is no server that you may use.\n'
  const parts = names.map((name) => {
    const about = servers.find((server) => server.name === name)?.description ?? ''
    const own = tools.filter(({ server }) => server === name)
    const lines = own.length > 0 ? own.flatMap(toolInWords) : ['  no tools that you may call']
    return [`${name}${about === '' ? '' : `: ${oneLine(about, LONGEST)}`}`, ...lines].join('\n')
  })
  return `${parts.join('\n\n')}\n`
}

function toolInWords({ name, description, inputSchema }: KnownTool): string[] {
  const about = description === '' ? '' : `: ${oneLine(description, LONGEST)}`
  return [`  ${oneLine(name, LONGEST)}${about}`, ...propertiesOf(inputSchema).map((property) => `      ${propertyInWords(property)}`)]
}

function propertyInWords({ name, required, types, values, description, fallback }: Property): string {
  const kinds = values === null ? [...types].join(' or ') : `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`
  const notes = [kinds, required ? 'required' : '', fallback === undefined ? '' : `default ${JSON.stringify(fallback)}`]
  const about = description === '' ? '' : `: ${description}`
  return oneLine(`${name} (${notes.filter((note) => note !== '').join(', ')})${about}`, LONGEST)
}
