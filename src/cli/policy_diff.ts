/** `gatehouse policy diff`. */
import { type Change, type Changed, diffPolicies } from '../policy/diff.ts'
import { thingText } from '../policy/grid.ts'
import { CommandError, EXIT } from './exit.ts'
import { harmless, paint } from './policy_paint.ts'
import { loadPolicy } from './policy_source.ts'

/** @throws {CommandError} when a file cannot be used */
export async function diff(before: string, after: string, { json }: { json?: true }): Promise<void> {
  if (before === '-' && after === '-') throw new CommandError(EXIT.usage, 'only one of the two files can be standard input')
  const changes = diffPolicies(await loadPolicy(before), await loadPolicy(after))
  process.stdout.write(json ? `${JSON.stringify({ changes })}\n` : text(changes))
  if (changes.length > 0) process.exitCode = EXIT.failed
}

const TITLES = { group: 'Users, by group', scope: 'Agents, by scope' } as const
const SINCE = { both: '', new: ' (new)', gone: ' (gone)' } as const

function text(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nobody gains or loses anything.\n'
  const lines: string[] = []
  let title = ''
  let holder = ''
  for (const change of changes) {
    const { kind, name } = change.who
    if (title !== kind) lines.push(...(title === '' ? [] : ['']), paint('bold', TITLES[kind]))
    if (title !== kind || holder !== name) lines.push(`  ${harmless(name)}${SINCE[change.since]}`)
    title = kind
    holder = name
    lines.push(...changeLines(change))
  }
  return `${lines.join('\n')}\n`
}

function changeLines({ server, except, gained, lost }: Change): string[] {
  const place = server === '*' ? `every server${except.length > 0 ? ` but ${except.join(', ')}` : ''}` : server
  const line = (sign: string, things: readonly Changed[]): string => harmless(`    ${sign} ${place}: ${things.map(changedText).join(', ')}`)
  return [...(gained.length > 0 ? [paint('green', line('+', gained))] : []), ...(lost.length > 0 ? [paint('red', line('-', lost))] : [])]
}

const changedText = (thing: Changed): string => `${thingText(thing)}${thing.except.length > 0 ? ` but ${thing.except.join(' and ')}` : ''}`
