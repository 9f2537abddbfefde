/** Explanations against the gate, on random policies. */

import { decide } from '../../src/gate/decide.ts'
import { assume, type Caller } from '../../src/policy/assumed.ts'
import type { PolicyFile } from '../../src/policy/entries.ts'
import { codeOf, explain } from '../../src/policy/explain.ts'
import type { Asked, Explanation } from '../../src/policy/explanation.ts'
import type { Remedy } from '../../src/policy/remedies.ts'
import { parseYaml } from '../../src/scopes/yaml.ts'
import * as assert from '../support/assert.ts'
import { createRandom, SEED } from '../support/random.ts'
import { suite } from '../support/suite.ts'
import { type Document, type Entry, load, randomCall, randomCaller, randomDocument, SERVERS } from './random_policy.ts'

const oracle = suite(`what is explained, against the gate (seed ${SEED})`)
const ROUNDS = 1500
const GATEWAY = 'https://mcp.example.com'

interface Case {
  document: Document
  source: PolicyFile
  caller: Caller
  asked: Asked
  explanation: Explanation
}

const cases: Case[] = []
oracle.before(async () => {
  const random = createRandom(SEED)
  for (let round = 0; round < ROUNDS; round += 1) {
    const document = randomDocument(random)
    const source = load(document)
    const caller = randomCaller(random)
    const asked = { server: random.pick([...SERVERS, 'Now', 'unheard-of']), call: randomCall(random) }
    const { gate, credential } = assume(caller, source.policy, GATEWAY)
    cases.push({ document, source, caller, asked, explanation: await explain(asked, credential, gate, source) })
  }
})

const told = ({ document, caller, asked }: Case): string => JSON.stringify({ document, caller, asked })
const scopeIn = (message: string): string | null => / It takes the scope (\S+?)(?:\.$|, which )/.exec(message)?.[1] ?? null
const verdict = ({ policy }: PolicyFile, scopes: readonly string[], { server, call }: Asked): boolean =>
  call === null ? policy.opens(scopes, server) : policy.permits(scopes, server, call)

oracle('the verdict, the reason and the scope are those of the gate', async () => {
  let allowed = 0
  for (const one of cases) {
    const { source, caller, asked, explanation } = one
    const { gate, credential } = assume(caller, source.policy, GATEWAY)
    const call = asked.call === null ? undefined : codeOf(asked.call)
    const decision = await decide({ ...credential, origin: undefined, server: asked.server, httpMethod: 'POST', call }, gate)
    assert.is(explanation.allowed, decision.kind === 'allow', told(one))
    assert.equal(explanation.scopes, decision.principal?.scopes, told(one))
    if (decision.kind === 'allow') allowed += 1
    else assert.equal([explanation.reason, explanation.challenge_scope], [decision.reason, decision.scope], told(one))
  }
  assert.ok(allowed > 100 && allowed < ROUNDS - 100, `${allowed} were allowed`)
})

oracle('an allowed call has entries that open it, each alone and by a held scope; a refused one has none', () => {
  for (const one of cases) {
    const { explanation, document, asked } = one
    assert.is(explanation.allowed_by.length > 0, explanation.allowed, told(one))
    for (const { scope, index } of explanation.allowed_by) {
      assert.ok(explanation.scopes.includes(scope), told(one))
      const alone = load({ group_mappings: {}, [scope]: [(document[scope] as Entry[])[index] as Entry] })
      assert.ok(verdict(alone, [scope], asked), told(one))
    }
  }
})

oracle('the scopes that would open it are all that would, each with the groups that give it', () => {
  for (const one of cases.filter(({ explanation }) => !explanation.allowed)) {
    const { explanation, source, asked } = one
    const expected = source.file.scopes.filter((scope) => verdict(source, [scope], asked))
    assert.equal(explanation.would_open.map(({ scope }) => scope).sort(), expected.sort(), told(one))
    assert.is(explanation.would_open[0]?.scope ?? null, scopeIn(explanation.message ?? ''), told(one))
    for (const { scope, groups, entries } of explanation.would_open) {
      const giving = source.policy.groups.filter((group) => source.policy.scopesOf([group]).includes(scope))
      assert.equal(groups, giving, told(one))
      assert.ok(entries.length > 0, told(one))
    }
  }
})

oracle('the challenge names the scope that another token of the same caller needs, and none where no token would do', () => {
  const seen = { agent: 0, user: 0, none: 0 }
  for (const one of cases.filter(({ explanation }) => !explanation.allowed)) {
    const { explanation, caller, source, asked } = one
    const given = caller.kind === 'agent' ? source.file.scopes : source.policy.scopesOf(caller.groups)
    const helpful = given.filter((scope) => verdict(source, [scope], asked))
    if (explanation.challenge_scope === null) assert.equal(helpful, [], told(one))
    else assert.ok(helpful.includes(explanation.challenge_scope.split(' ').at(-1) as string), told(one))
    const error = helpful.length > 0 ? 'insufficient_scope' : 'access_denied'
    assert.match(explanation.challenge ?? '', `error="${error}"`, told(one))
    seen[helpful.length === 0 ? 'none' : caller.kind === 'agent' ? 'agent' : 'user'] += 1
  }
  assert.ok(Math.min(...Object.values(seen)) > 20, JSON.stringify(seen))
})

oracle('groups come with what they give, and together with the token they make what is held', () => {
  for (const one of cases) {
    const { explanation, caller, source } = one
    const given = new Set(explanation.groups.flatMap(({ scopes }) => scopes))
    const carried = new Set(explanation.token_scopes?.filter(({ known }) => known).map(({ name }) => name))
    const all = source.file.scopes.filter((scope) => {
      if (caller.kind === 'agent') return carried.has(scope)
      return given.has(scope) && (!explanation.narrowed || carried.has(scope))
    })
    assert.equal([...explanation.scopes].sort(), all.sort(), told(one))
    const narrows = caller.kind === 'user_token' && caller.scopes.some((scope) => source.policy.narrows(scope))
    assert.is(explanation.narrowed, narrows, told(one))
    for (const { name, mapped } of explanation.groups) assert.is(mapped, source.policy.groups.includes(name))
  }
})

oracle('entries that are nearest are held, for the server, and lack something', () => {
  for (const one of cases) {
    const { explanation, document, asked } = one
    for (const { scope, index, lacks } of explanation.nearest) {
      const entry = (document[scope] as Entry[])[index] as Entry
      assert.ok(explanation.scopes.includes(scope) && ['*', asked.server].includes(entry.server), told(one))
      assert.ok(lacks.length > 0, told(one))
    }
  }
})

/** The document after somebody has done what a remedy says. */
function changed(document: Document, { kind, yaml, scope, index }: Remedy): Document {
  const parsed = parseYaml(yaml ?? '')
  const lines = ('document' in parsed ? parsed.document : {}) as Partial<Document>
  const after = structuredClone(document)
  for (const [group, scopes] of Object.entries(lines.group_mappings ?? {}))
    after.group_mappings[group] = [...(after.group_mappings[group] ?? []), ...scopes]
  const [entry] = (lines[scope] ?? []) as Entry[]
  const entries = [...((after[scope] ?? []) as Entry[])]
  if (entry !== undefined && kind === 'extend_entry') entries[index as number] = entry
  else if (entry !== undefined) entries.push(entry)
  after[scope] = entries
  return after
}

/** The caller after what is to be done in Cognito. */
function promoted(caller: Caller, { kind, scope, groups }: Remedy): Caller {
  const scopes = 'scopes' in caller ? [...caller.scopes, scope] : []
  if (caller.kind === 'agent') return kind === 'assign_scope' || kind === 'add_scope' ? { ...caller, scopes } : caller
  // YOUR-GROUP stands for one that is still to be chosen.
  const joined = kind === 'join_group' ? groups.slice(0, 1) : groups.filter((group) => group === 'YOUR-GROUP')
  const together = [...caller.groups, ...joined]
  return caller.kind === 'session' ? { ...caller, groups: together } : { ...caller, groups: together, scopes }
}

oracle('whoever does what one remedy says has opened the call', async () => {
  const seen = new Map<string, number>()
  for (const one of cases.filter(({ explanation }) => !explanation.allowed)) {
    const { explanation, document, caller, asked } = one
    assert.ok(explanation.remedies.length > 0, told(one))
    for (const remedy of explanation.remedies) {
      seen.set(remedy.kind, (seen.get(remedy.kind) ?? 0) + 1)
      const after = load(changed(document, remedy))
      const needsToken = remedy.kind !== 'extend_entry' && remedy.kind !== 'add_entry'
      const { gate, credential } = assume(needsToken ? promoted(caller, remedy) : caller, after.policy, GATEWAY)
      const again = await explain(asked, credential, gate, after)
      assert.ok(again.allowed, `${told(one)} ${JSON.stringify(remedy)}: ${again.reason}`)
    }
  }
  const kinds = ['add_entry', 'add_scope', 'assign_scope', 'extend_entry', 'join_group', 'map_group', 'request_scope']
  assert.equal([...seen.keys()].sort(), kinds, JSON.stringify([...seen]))
})

oracle.run()
