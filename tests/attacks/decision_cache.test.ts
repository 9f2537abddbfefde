/** Decisions that NGINX remembers: each for the caller, the server and the kind of request that it was made for, and for nothing else. */
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { attackSuite } from './attack_suite.ts'
import { DECISION_CASES, type DecisionCase } from './decision_cases.ts'
import { bytesOf, inOneMinute, inShort, make, outcomes } from './decisions.ts'
import { mutate } from './mutate.ts'
import { bearer, cookie, startWorld, type World } from './world.ts'

const remembered = attackSuite('remembered decisions')
let world: World

remembered.before(async () => {
  world = await startWorld({ env: { DECISION_CACHE_SECONDS: '60' } })
})
remembered.after(() => world?.gateway.close())

/** What is not as it should be; '' when all of it is. */
async function differences({ calls, seen }: DecisionCase, w: World): Promise<string> {
  w.gateway.reset()
  const got = (await make(w.gateway, await calls(w))).map(inShort)
  const right = got.length === seen.length && seen.every((one, at) => (typeof one === 'string' ? one === got[at] : one.test(got[at] ?? '')))
  return right ? '' : `saw ${got.join(', ')} instead of ${seen.join(', ')}`
}

for (const one of DECISION_CASES) {
  remembered(`${one.id} ${one.name}`, () =>
    inOneMinute(async () => {
      const problem = await differences(one, world)
      if (problem !== '') throw new Error(problem)
    }),
  )
}

remembered('one connection that several callers share', () =>
  inOneMinute(async () => {
    world.gateway.reset()
    const agent = bearer(await world.token({ jti: `shared-${Date.now()}` }))
    const lines = [[agent], [cookie(await world.seal())], [], [agent], ['Authorization: Bearer x'], [cookie('x')], [agent], []]
    const calls = lines.map((headers) => bytesOf({ headers }))
    const answers = await world.gateway.raw(Buffer.concat(calls.map(({ bytes }) => bytes)), { answers: calls.length })
    const seen = await outcomes(
      world.gateway,
      calls.map(({ id }, at) => ({ id, answer: answers[at] })),
    )
    const expected = ['200 1 agent', '200 1 rosa', '401 1', '200 0 agent', '401 1', '401 1', '200 0 agent', '401 1']
    assert.equal(seen.map(inShort), expected)
  }),
)

remembered('240 nothing that a client says about caches has any effect', () =>
  inOneMinute(async () => {
    const agent = bearer(await world.token({ jti: `says-${Date.now()}` }))
    const said = ['Cache-Control: no-cache, no-store', 'Cache-Control: max-age=0', 'Cache-Control: only-if-cached, max-stale=9999']
    said.push('Pragma: no-cache', 'If-None-Match: *', 'If-Modified-Since: Tue, 01 Jan 2030 00:00:00 GMT', 'Range: bytes=0-0')
    said.push('If-Match: x', 'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT', 'X-Accel-Expires: 3600', 'Vary: *', 'Expires: 0')
    const [first, ...known] = await make(world.gateway, [{ headers: [agent] }, ...said.map((line) => ({ headers: [agent, line] }))])
    assert.is(first && inShort(first), '200 1 agent')
    assert.equal(
      known.map(({ status, asked }) => `${status} ${asked}`),
      said.map(() => '200 0'),
    )
    const strangers = await make(
      world.gateway,
      said.map((line) => ({ headers: [line] })),
    )
    assert.equal(
      strangers.map(inShort),
      said.map(() => '401 1'),
    )
  }),
)

/** Each takes away one thing that the cases above rest on, and the name of the case that must see it. */
const MUTATIONS: Array<[name: string, seenBy: string, file: string, from: string | RegExp, to: string]> = [
  [
    'a key without the server',
    'another server that is open to them',
    'http.conf',
    '$gatehouse_server $gatehouse_minute',
    '$gatehouse_minute',
  ],
  ['a key without Origin', 'a foreign Origin', 'location.conf', '\\n$http_origin"', '"'],
  ['a key without the method', 'another HTTP method', 'http.conf', 'default "$request_method ', 'default "'],
  ['a key of line ends', 'sessions and what stands beside them', 'location.conf', '"$http_authorization\\n$http_cookie', '"\\n'],
  ['a second question from memory', 'a tool outside of the set is asked', 'remember.conf', 'proxy_cache_bypass $gatehouse_call;', ''],
  [
    'refusals remembered',
    'nobody, same address',
    'remember.conf',
    / \$gatehouse_not_yes \$gatehouse_no_room;\nproxy_cache_valid any 0;/,
    ';\nproxy_cache_valid any 5;',
  ],
  ['nothing remembered', 'the same call again', 'remember.conf', 'proxy_cache gatehouse;', 'proxy_cache off;'],
]

for (const [name, seenBy, file, from, to] of MUTATIONS) {
  remembered(`"${seenBy}" sees ${name}`, async () => {
    const configure = (conf: string): void => mutate(join(conf, 'gatehouse', file), from, to)
    const mutant = await startWorld({ env: { DECISION_CACHE_SECONDS: '60' }, configure })
    try {
      const one = DECISION_CASES.find((candidate) => candidate.name.startsWith(seenBy)) as DecisionCase
      assert.is.not(await differences(one, mutant), '')
    } finally {
      await mutant.gateway.close()
    }
  })
}

remembered.run()
