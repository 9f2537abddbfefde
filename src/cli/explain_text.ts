/** An explanation for a person. */
import { SOME_CLIENT } from '../policy/assumed.ts'
import type { Explanation, Place } from '../policy/explanation.ts'
import type { Remedy } from '../policy/remedies.ts'
import { harmless, paint } from './policy_paint.ts'
import { nameOf } from './policy_source.ts'

/** Width of the labels, in characters. */
const LABEL = 11
/** Most groups, entries and scopes that are named on a line or in a list. */
const MAX_NAMED = 12

export function explanationText(explanation: Explanation, notes: readonly string[], file: string): string {
  const sections = [
    verdict(explanation),
    block('Asked', [[explanation.server, explanation.method, explanation.name].filter((word) => word !== null).join(' ')]),
    block('Caller', caller(explanation)),
    block('Groups', groupLines(explanation)),
    block('Token', tokenLines(explanation)),
    block('Scopes', explanation.identity === null ? [] : [names(explanation.scopes)]),
    block('Allowed by', some(explanation.allowed_by.map((place) => `${placeText(place)}${from(place.groups)}`))),
    block('Nearest', nearestLines(explanation)),
    block('Opened by', openerLines(explanation)),
    block('Challenge', explanation.challenge === null ? [] : [explanation.challenge]),
    block('Hint', explanation.hints),
    block('Note', notes),
    remedyLines(explanation.remedies, file),
  ]
  return `${sections.flat().join('\n')}\n`
}

function verdict({ allowed, status, reason, message }: Explanation): string[] {
  if (allowed) return [paint('green', 'allowed')]
  return [`${paint('red', 'refused')}: ${status} ${reason}`, harmless(message ?? '')]
}

/** Lines under one label; nothing where there is nothing to say. */
const block = (label: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => `${(index === 0 ? label : '').padEnd(LABEL)}${harmless(line)}`)

const names = (list: readonly string[]): string => {
  if (list.length === 0) return 'none'
  return `${list.slice(0, MAX_NAMED).join(', ')}${list.length > MAX_NAMED ? ` and ${list.length - MAX_NAMED} more` : ''}`
}

const some = (lines: readonly string[]): string[] =>
  lines.length > MAX_NAMED ? [...lines.slice(0, MAX_NAMED), `and ${lines.length - MAX_NAMED} more`] : [...lines]

function caller({ identity }: Explanation): string[] {
  if (identity === null) return ['not known: the credential is not good']
  const means = identity.auth_method === 'jwt' ? 'an access token' : 'a session'
  if (identity.kind === 'agent') return [`the agent ${identity.user}, by ${means}`]
  return [`the user ${identity.user}, by ${means}${identity.client_id === SOME_CLIENT ? '' : ` of the app client ${identity.client_id}`}`]
}

function groupLines({ identity, groups }: Explanation): string[] {
  if (groups.length === 0) return identity?.kind === 'user' ? ['none'] : []
  return some(groups.map(groupLine))
}

function groupLine({ name, mapped, scopes, ui_scopes, unknown_scopes }: Explanation['groups'][number]): string {
  if (!mapped) return `${name} → not in scopes.yml`
  const pages = ui_scopes.length > 0 ? `; of the web pages: ${names(ui_scopes)}` : ''
  const unknown = unknown_scopes.length > 0 ? `; nowhere defined: ${names(unknown_scopes)}` : ''
  return `${name} → ${scopes.length > 0 ? names(scopes) : 'no scope of the gate'}${pages}${unknown}`
}

function tokenLines({ token_scopes, identity, narrowed }: Explanation): string[] {
  if (token_scopes === null) return []
  const known = token_scopes.filter((scope) => scope.known).map(({ name }) => name)
  const unknown = token_scopes.filter((scope) => !scope.known).map(({ name }) => name)
  const lines = [`carries ${names(known)}`]
  if (unknown.length > 0) lines.push(`carries besides, not in scopes.yml: ${names(unknown)}`)
  if (identity?.kind === 'user') lines.push(narrowed ? 'narrows what the groups give to these' : 'does not narrow what the groups give')
  return lines
}

const placeText = ({ scope, index, line }: Place): string => `${scope}[${index}]${line === null ? '' : `, line ${line}`}`
const from = (groups: readonly string[]): string => (groups.length > 0 ? `, from ${names(groups)}` : '')

function nearestLines({ nearest, method, name, reason }: Explanation): string[] {
  if (reason === 'server_not_allowed') return ['no scope that is held has an entry for this server']
  return some(
    nearest.map((place) => {
      const lacks = place.lacks.map((lack) => (lack === 'method' ? `the method ${method}` : `the name ${name}`))
      return `${placeText(place)}: names the server, but ${lacks.length > 1 ? 'neither' : 'not'} ${lacks.join(' nor ')}`
    }),
  )
}

function openerLines({ would_open, reason, identity }: Explanation): string[] {
  const asksForMore = identity !== null && reason?.endsWith('_not_allowed') === true
  if (would_open.length === 0) return asksForMore ? ['no scope of the policy'] : []
  return some(
    would_open.map(({ scope, groups, entries }) => {
      const [entry] = entries
      return `${entry === undefined ? scope : placeText(entry)}; ${groups.length > 0 ? `groups ${names(groups)}` : 'no group gives it'}`
    }),
  )
}

function remedyLines(remedies: readonly Remedy[], file: string): string[] {
  if (remedies.length === 0) return []
  const lines = remedies.flatMap(({ text, line, yaml }, index) => {
    const place = line === null ? '' : ` (${nameOf(file)}:${line})`
    const sample =
      yaml === null
        ? []
        : [
            '',
            ...yaml
              .trimEnd()
              .split('\n')
              .map((row) => `       ${harmless(row)}`),
            '',
          ]
    return [`  ${index + 1}. ${harmless(text)}${place}`, ...sample]
  })
  return ['', paint('bold', remedies.length === 1 ? 'What to do' : 'What to do, one of'), ...lines]
}
