/** A script that fails in the middle of an answer with a list must not let the list through. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { call, message, post, startGateway } from '../support/gateway.ts'
import { attackSuite } from './attack_suite.ts'

/** Lines that break the filter, each put behind the text that must be in the file. */
const FAILURES: readonly (readonly [name: string, file: string, after: string, line: string])[] = [
  ['throws at the head', 'listing.js', 'function begin(r) {', "throw new Error('broken')"],
  ['does nothing at the head', 'listing.js', 'function begin(r) {', 'return'],
  ['throws at the body', 'listing.js', 'function filter(r, data, flags) {', "throw new Error('broken')"],
  ['does nothing at the body', 'listing.js', 'function filter(r, data, flags) {', 'return'],
  ['throws in the list', 'lists.js', 'function shown(text, method, words, scoped, budget) {', "throw new Error('broken')"],
  ['throws in an item', 'items.js', 'function mayUse(kind, words, token) {', "throw new Error('broken')"],
  ['gives nothing', 'lists.js', 'function shown(text, method, words, scoped, budget) {', 'return undefined'],
  ['gives something else', 'lists.js', 'function shown(text, method, words, scoped, budget) {', 'return {}'],
  ['calls itself for ever', 'items.js', 'function mayUse(kind, words, token) {', 'return mayUse(kind, words, token)'],
  ['knows everything', 'lists.js', 'function wordsOf(set) {', "return 'tools/call=drop'"],
]
const LIST = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"drop"}]}}'

const broken = attackSuite('a filter that fails')
for (const [name, script, after, line] of FAILURES) {
  broken(`110 ${name}: no list gets through`, async () => {
    const gateway = await startGateway({
      configure: (conf) => {
        const file = join(conf, 'gatehouse', script)
        const text = readFileSync(file, 'utf8')
        assert.is(text.split(after).length, 2, `${script} must hold "${after}" once`)
        writeFileSync(file, text.replace(after, `${after}\n${line}\n`))
      },
    })
    try {
      const headers = { Authorization: `Bearer ${await gateway.issuer.token()}` }
      for (const [type, body] of [
        ['application/json', LIST],
        ['text/event-stream', `data: ${LIST}\n\n`],
      ] as const) {
        gateway.currenttime.answer = (_request, response) => response.writeHead(200, { 'content-type': type }).end(body)
        const answers = await gateway.raw(post('/currenttime/mcp', message('tools/list'), headers), { timeout: 1000 })
        assert.not.match(JSON.stringify(answers), 'drop')
        const [other] = await gateway.raw(post('/currenttime/mcp', call('now'), headers))
        assert.is(other?.body, body, 'what has no filter is still served')
      }
    } finally {
      await gateway.close()
    }
  })
}
broken.run()
