/** What a refusal may come from besides: names that are written otherwise, methods in the wrong list. */
import { NAMED } from '../gate/call.ts'
import type { Opened } from '../gate/policy.ts'
import type { ScopesFile } from '../scopes/schema.ts'
import { type Entry, entriesOf, type PolicyFile } from './entries.ts'
import type { Asked } from './explanation.ts'

const members = (opened: Opened): readonly string[] => (opened === '*' ? [] : opened)
const twin = (wanted: string, names: Iterable<string>): string | undefined =>
  [...names].find((name) => name !== wanted && name.toLowerCase() === wanted.toLowerCase())

/** @param held the held entries for the server */
export function hintsFor(asked: Asked, held: readonly Entry[], groups: readonly string[], { file }: PolicyFile): string[] {
  const hints = groups
    .filter((group) => !file.groups.has(group))
    .flatMap((group) => {
      const other = twin(group, file.groups.keys())
      return other === undefined ? [] : [`The group "${group}" is written "${other}" in scopes.yml.`]
    })
  return [...hints, ...hintsOnCall(asked, held, file)]
}

function hintsOnCall({ server, call }: Asked, held: readonly Entry[], file: ScopesFile): string[] {
  const hints: string[] = []
  const entries = entriesOf(file)
  const servers = new Set(entries.map(({ rule }) => rule.server))
  if (!servers.has(server)) {
    const other = twin(server, servers)
    hints.push(`scopes.yml names no server "${server}"${other === undefined ? '' : `, but "${other}"`}.`)
  }
  if (call === null) return hints
  const { method, name } = call
  const kind = NAMED.get(method)
  const here = entries.filter(({ rule }) => rule.server === server || rule.server === '*')
  const otherMethod = twin(
    method,
    here.flatMap(({ rule }) => members(rule.methods)),
  )
  if (otherMethod !== undefined) hints.push(`The method is written "${otherMethod}" in scopes.yml.`)
  const otherName =
    kind &&
    twin(
      name ?? '',
      here.flatMap(({ rule }) => members(rule[kind])),
    )
  if (otherName !== undefined) hints.push(`"${name}" is written "${otherName}" in scopes.yml.`)
  for (const { rule, scope, index } of held) {
    if (rule.tools !== '*' && rule.tools.includes(method))
      hints.push(`${scope}[${index}] lists the method "${method}" among tools, where it opens a tool of that name and no method.`)
  }
  return hints
}
