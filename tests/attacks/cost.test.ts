/** What an attack costs those who must answer it, in time of their processors: other programs on the machine make no difference. */
import * as assert from '../support/assert.ts'
import { workersOf } from '../support/gateway.ts'
import { type Answer, send } from '../support/raw.ts'
import { attackSuite } from './attack_suite.ts'
import { costOf, within } from './costs.ts'
import { deep } from './explain.ts'
import { http, NOW, postTo, searchLogs } from './table.ts'
import { bearer, cookie, startWorld, type World } from './world.ts'

const costs = attackSuite('what attacks cost')
let world: World
costs.before(async () => {
  world = await startWorld()
  // Both have done their work once before it is measured, and the validator has loaded what it loads late.
  assert.is((await fetch(`http://127.0.0.1:${world.gateway.validatorPort}/health`)).status, 200)
  for (let times = 0; times < 30; times += 1) await world.gateway.raw(postTo('/currenttime/mcp', [world.agent]))
})
costs.after(() => world?.gateway.close())

const validator = (): number[] => [world.gateway.validator.child.pid as number]
const workers = (): number[] => workersOf(world.gateway.nginx)

const nothingReached = (): void => assert.is(world.gateway.currenttime.received.length + world.gateway.mcpgw.received.length, 0)
costs.before.each(() => world.gateway.reset())

const direct = (lines: readonly string[]): Promise<Answer[]> =>
  send(
    world.gateway.validatorPort,
    http('GET /validate HTTP/1.1', ['Host: x', 'X-Mcp-Server: currenttime', 'X-Mcp-Http-Method: GET', ...lines]),
  )

costs('62 10 MB of rubbish straight to the validator cost it less than 50 ms', async () => {
  const lines = [bearer('A'.repeat(10 * 1024 * 1024))]
  within(await costOf(3, validator(), () => direct(lines)), 50, 0, 400, 401, 431)
})

for (const [size, limit] of [
  [16 * 1024, 5],
  [64 * 1024, 5],
  [1024 * 1024, 5],
] as const) {
  for (const [what, token] of [
    ['of one letter', 'A'.repeat(size)],
    ['of dots', '.'.repeat(size)],
    ['with the beginning of a token', `${'eyJhbGciOiJSUzI1NiJ9.'.repeat(size / 21)}`],
  ] as const) {
    costs(`181 a token of ${size / 1024} KB, ${what}, straight to the validator costs it less than ${limit} ms`, async () => {
      within(await costOf(20, validator(), () => direct([bearer(token)])), limit, 0, 400, 401, 431)
    })
  }
}

costs('181 a token of 8 KB is decided on in less than 5 ms', async () => {
  const lines = [bearer(await world.token({ filler: 'x'.repeat(5200) }))]
  assert.ok((lines[0] as string).length > 7500)
  within(await costOf(20, validator(), () => world.gateway.raw(postTo('/currenttime/mcp', lines))), 5, 200)
})

for (const size of [4, 8, 15, 64]) {
  costs(`198 a session cookie of ${size} KB costs the validator less than 5 ms, and NGINX too`, async () => {
    const bytes = postTo('/currenttime/mcp', [cookie('Fe26.2*'.repeat((size * 1024) / 7))])
    for (const pids of [validator(), workers()]) within(await costOf(20, pids, () => world.gateway.raw(bytes)), 5, 400, 401)
    nothingReached()
  })
}

for (const [what, line] of [
  ['around nothing', `Cookie: ${' \t'.repeat(7000)}`],
  ['inside of a name', `Cookie: a${' '.repeat(15_000)}b=1`],
  ['inside of a value', `Cookie: mcp_gateway_session=a${'\t'.repeat(15_000)}b`],
  ['before each of many', `Cookie: ${`${' '.repeat(90)}a=b;`.repeat(150)}`],
] as const) {
  costs(`198 three cookie headers of 15 KB with blanks ${what} cost the validator less than 5 ms, and NGINX too`, async () => {
    const bytes = postTo('/currenttime/mcp', [line, line, line])
    for (const pids of [validator(), workers()]) within(await costOf(10, pids, () => world.gateway.raw(bytes)), 5, 401)
    nothingReached()
  })
}

costs('198 a cookie header of 110 KB of blanks straight to the validator costs it less than 5 ms', async () => {
  within(await costOf(5, validator(), () => direct([`Cookie: a${' '.repeat(110_000)}b=1`])), 5, 401)
})

const TINY = (count: number): string => NOW.replace('{}', `{"a":[${'[1],'.repeat(count)}1]}`)
for (const [what, body] of [
  ['5,000 deep', deep(5000)],
  ['200,000 deep', deep(200_000)],
  ['200,000 brackets', '['.repeat(200_000)],
  ['200,000 braces', '{"a":'.repeat(200_000)],
  ['200,000 quotes', NOW.replace('{}', `{"a":"${'\\"'.repeat(200_000)}"`)],
  ['20,000 brackets behind the name', NOW.replace('"now"', `"now","_meta":${'['.repeat(20_000)}`)],
  ['10,000 tiny values that end badly', `${TINY(10_000)}x`],
] as const) {
  costs(`102 a body with ${what} costs less than 50 ms`, async () => {
    const bytes = postTo('/currenttime/mcp', [world.agent], body)
    within(await costOf(5, [...workers(), ...validator()], () => world.gateway.raw(bytes)), 50, 400, 413)
    nothingReached()
  })
}

costs('no secret in any log, and no worker has crashed', () => searchLogs(world))
costs.run()
