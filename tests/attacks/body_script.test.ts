/** A script that fails in the middle of a body must not let the request through. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { type Gateway, post, startGateway } from '../support/gateway.ts'
import { attackSuite } from './attack_suite.ts'
import { padded } from './explain.ts'

/** Lines that break the parser, each put behind the text that must be in call.js or json.js. */
const FAILURES: readonly (readonly [name: string, after: string, line: string])[] = [
  ['throws at the start', 'function open(text, responses) {', "throw new Error('broken')"],
  ['throws in the middle', 'function proceed(reader, steps) {', "if (reader.steps > 0) throw new Error('broken')"],
  ['throws at the end', 'function result(reader) {', "throw new Error('broken')"],
  ['throws nothing at all', 'function result(reader) {', 'throw undefined'],
  ['gives nothing', 'function result(reader) {', 'return undefined'],
  ['gives something else', 'function result(reader) {', 'return {}'],
  ['calls itself for ever', 'function result(reader) {', 'return result(reader)'],
]

/** More than the reader takes at once. */
const MANY_VALUES = padded('now', 200).replace('"pad"', `"many":[${'[[[[[[[[1]]]]]]]],'.repeat(400)}0],"pad"`)

const broken = attackSuite('a script that fails')
for (const [name, after, line] of FAILURES) {
  broken(`110 ${name}: no body gets through`, async () => {
    const gateway = await startGateway({
      configure: (conf) => {
        const files = ['call.js', 'json.js'].map((name) => join(conf, 'gatehouse', name))
        const [file, ...others] = files.filter((path) => readFileSync(path, 'utf8').split(after).length === 2)
        assert.ok(file !== undefined && others.length === 0, `one of the scripts must hold "${after}" once`)
        writeFileSync(file as string, readFileSync(file as string, 'utf8').replace(after, `${after}\n${line}\n`))
      },
    })
    try {
      await refusesAll(gateway)
    } finally {
      await gateway.close()
    }
  })
}
broken.run()

async function refusesAll(gateway: Gateway): Promise<void> {
  const authorization = `Bearer ${await gateway.issuer.token()}`
  const size = Buffer.byteLength(MANY_VALUES)
  for (const body of [MANY_VALUES, padded('delete_all', 1000), MANY_VALUES.replace('now', 'delete_all')]) {
    const [answer] = await gateway.raw(post('/currenttime/mcp', body, { Authorization: authorization }))
    const refusals = [400, 403, 413, 500, 503]
    assert.ok(refusals.includes(answer?.status ?? 0), `status ${answer?.status ?? 'none'} for ${size} bytes`)
    assert.is(gateway.currenttime.connections, 0)
    assert.is(gateway.mcpgw.connections, 0)
  }
  const [open] = await gateway.raw(`GET /currenttime/mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`)
  assert.is(open?.status, 200, 'what needs no parser is still served')
}
