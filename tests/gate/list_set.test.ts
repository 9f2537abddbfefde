/** What NGINX is told about one list: what it needs of the set, and more of it than fits into every answer. */

import { LISTS, NAMED } from '../../src/gate/call.ts'
import { createPolicy, type Rule } from '../../src/gate/policy.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const rule = (opened: Partial<Rule>): Rule => ({
  scope: 't/x',
  server: 'now',
  methods: [],
  tools: [],
  prompts: [],
  resources: [],
  ...opened,
})
const policyOf = (...rules: Rule[]) => createPolicy(rules, ['t/x'], new Map())
const METHODS = ['tools/list', 'prompts/list', 'tools/call', 'prompts/get', 'resources/read']

const set = suite('the set of one list')
set('every list has a method that opens what it shows', () => {
  assert.equal([...LISTS.keys()].length, 4)
  for (const method of LISTS.values()) assert.ok(NAMED.has(method))
})
for (const [of, opened, expected] of [
  ['tools/call', { tools: ['a b', 'c'], prompts: ['p'] }, 'tools/call=a%20b tools/call=c'],
  ['prompts/get', { tools: ['a'], prompts: ['p'] }, 'prompts/get=p'],
  ['resources/read', { tools: ['a'], resources: '*' }, 'resources/read=*'],
  ['resources/read', { tools: '*' }, ''],
  [undefined, { tools: ['a'] }, 'tools/list prompts/list tools/call=a'],
] as const) {
  set(`${of ?? 'everything'} of ${JSON.stringify(opened)}`, () => {
    const policy = policyOf(rule({ methods: METHODS, ...opened }))
    assert.is(policy.allowSet(['t/x'], 'now', 4096, of), expected)
  })
}
set('a wildcard among methods opens no name', () => {
  assert.is(policyOf(rule({ methods: '*', tools: ['a'] })).allowSet(['t/x'], 'now', 4096, 'tools/call'), 'tools/call=a')
})
set('only what is wanted counts for its length', () => {
  const policy = policyOf(rule({ methods: METHODS, tools: ['a', 'b'], prompts: ['p'.repeat(200)] }))
  assert.is(policy.allowSet(['t/x'], 'now', 25, 'tools/call'), 'tools/call=a tools/call=b')
  assert.is(policy.allowSet(['t/x'], 'now', 24, 'tools/call'), null)
})
set.run()
