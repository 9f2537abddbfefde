import { NAMED } from '../../src/gate/call.ts'
import { type Change, type Changed, diffPolicies } from '../../src/policy/diff.ts'
import { type Holder, heldBy, thingText } from '../../src/policy/grid.ts'
import { KINDS } from '../../src/policy/rights.ts'
import * as assert from '../support/assert.ts'
import { createRandom, type Random, SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'
import { ALL_CALLS, type Document, type Entry, GROUPS, load, randomDocument, randomEntry, SCOPES, SERVERS } from './random_policy.ts'

const diff = suite(`who gains and who loses (seed ${SEED})`)

const HOLDERS: Holder[] = [
  ...GROUPS.map((name): Holder => ({ kind: 'group', name })),
  ...SCOPES.map((name): Holder => ({ kind: 'scope', name })),
]

/** Another document that has much in common, and often says the same in other words. */
function variant(random: Random, document: Document): Document {
  const after = structuredClone(document)
  const entries = after['a/x'] as Entry[]
  const change = random.below(6)
  if (change === 0) entries.push(randomEntry(random))
  if (change === 1) entries.push(...structuredClone(entries).reverse())
  if (change === 2) entries.pop()
  if (change === 3) after.group_mappings[random.pick(GROUPS)] = [random.pick(SCOPES)]
  if (change === 4) return randomDocument(random)
  for (const entry of entries) if (entry.methods !== '*') entry.methods.reverse()
  return after
}

/** Whether a change of a list says that this one was gained or lost. */
const says = (list: readonly Changed[], kind: string, name: string): boolean =>
  list.some((one) => one.kind === kind && (one.name === name || (one.name === '*' && !one.except.includes(name))))

const onServer = (changes: readonly Change[], who: Holder, server: string): Change | undefined =>
  changes
    .filter((change) => change.who.kind === who.kind && change.who.name === who.name)
    .find((change) => change.server === server || (change.server === '*' && !change.except.includes(server)))

diff('is empty exactly when the gate answers alike, and otherwise says for every call what changes', () => {
  const random = createRandom(SEED)
  let same = 0
  let changed = 0
  for (let round = 0; round < 250; round += 1) {
    const documents = randomDocument(random)
    const other = variant(random, documents)
    const [before, after] = [load(documents), load(other)]
    const changes = diffPolicies(before, after)
    let differences = 0
    for (const who of HOLDERS) {
      const [old, fresh] = [heldBy(who, before.policy), heldBy(who, after.policy)]
      for (const server of [...SERVERS, 'unheard-of']) {
        const change = onServer(changes, who, server)
        const check = (was: boolean, is: boolean, kind: string, name: string): void => {
          const message = JSON.stringify({ documents, other, who, server, kind, name, change })
          if (was !== is) differences += 1
          // What was had before may be part of "every tool" that is gained.
          if (!was) assert.is(says(change?.gained ?? [], kind, name), is, message)
          if (was && is) assert.not(says(change?.lost ?? [], kind, name), message)
          if (was && !is) assert.ok(says(change?.lost ?? [], kind, name), message)
        }
        check(before.policy.opens(old, server), after.policy.opens(fresh, server), 'server', '')
        for (const call of ALL_CALLS) {
          const named = NAMED.get(call.method)
          const [was, is] = [before.policy.permits(old, server, call), after.policy.permits(fresh, server, call)]
          check(was, is, named === undefined ? 'method' : KINDS[named], call.name ?? call.method)
        }
      }
    }
    assert.is(changes.length === 0, differences === 0, JSON.stringify({ documents, other, changes }))
    if (differences === 0) same += 1
    else changed += 1
  }
  assert.ok(same > 30 && changed > 30, `${same} alike, ${changed} not`)
})

const entry = (server: string, methods: string[] | '*', tools: string[] | '*' = []): Entry => {
  return { server, methods, tools, prompts: [], resources: [] }
}
const CALL = ['tools/call']
const show = ({ who, since, server, except, gained, lost }: Change): string => {
  const list = (things: readonly Changed[], sign: string): string[] =>
    things.map((thing) => `${sign}${thingText(thing)}${thing.except.map((name) => ` but ${name}`).join('')}`)
  const place = [server, ...except.map((name) => `but ${name}`)].join(' ')
  return `${who.kind} ${who.name}${since === 'both' ? '' : ` ${since}`} on ${place}: ${[...list(gained, '+'), ...list(lost, '-')].join(', ')}`
}

const TABLE: [string, Entry[], Entry[], string[]][] = [
  ['one more tool', [entry('now', CALL, ['a'])], [entry('now', CALL, ['a', 'b'])], ['now: +tool b']],
  ['every tool, in place of one', [entry('now', CALL, ['a'])], [entry('now', CALL, '*')], ['now: +every tool']],
  [
    'every tool, one of them by name too',
    [],
    [entry('now', CALL, ['a']), entry('now', CALL, '*')],
    ['now: +connect (GET, DELETE), +every tool'],
  ],
  ['one tool, in place of every one', [entry('now', CALL, '*')], [entry('now', CALL, ['a'])], ['now: -every tool but a']],
  ['the server at all', [], [entry('now', ['ping'])], ['now: +connect (GET, DELETE), +method ping']],
  ['an entry that only connects', [], [entry('now', [])], ['now: +connect (GET, DELETE)']],
  ['every server, in place of one', [entry('now', ['ping'])], [entry('*', ['ping'])], ['* but now: +connect (GET, DELETE), +method ping']],
  [
    'one server, in place of every one',
    [entry('*', CALL, '*'), entry('now', ['ping'])],
    [entry('now', CALL, ['a'])],
    ['now: -method ping, -every tool but a', '* but now: -connect (GET, DELETE), -every tool'],
  ],
  ['a tool whose method is not there', [entry('now', ['ping'])], [entry('now', ['ping'], ['a'])], []],
  ['the same in two entries', [entry('now', ['ping', 'tools/call'], ['a'])], [entry('now', ['ping']), entry('now', CALL, ['a'])], []],
]
for (const [what, before, after, expected] of TABLE) {
  diff(what, () => {
    const documents = [before, after].map((entries) => load({ group_mappings: { dev: ['t/x'] }, 't/x': entries }))
    const [old, fresh] = documents as [(typeof documents)[0], (typeof documents)[0]]
    const both = expected.flatMap((line) => [`group dev on ${line}`])
    assert.equal(diffPolicies(old, fresh).map(show), [...both, ...expected.map((line) => `scope t/x on ${line}`)])
  })
}

diff('groups and scopes that come and go', () => {
  const old = load({ group_mappings: { dev: ['t/x'], ops: ['t/x'] }, 't/x': [entry('now', ['ping'])] })
  const fresh = load({ group_mappings: { dev: ['t/y'], new: ['t/y'] }, 't/y': [entry('now', ['ping'])] })
  const all = 'connect (GET, DELETE)'
  assert.equal(diffPolicies(old, fresh).map(show), [
    `group ops gone on now: -${all}, -method ping`,
    `group new new on now: +${all}, +method ping`,
    `scope t/x gone on now: -${all}, -method ping`,
    `scope t/y new on now: +${all}, +method ping`,
  ])
})

diff.run()
