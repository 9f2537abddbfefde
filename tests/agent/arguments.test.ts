/** What is typed on a command line becomes what a tool's schema asks for, or a problem that names the argument. */

import { type Arguments, readJson, readPairs } from '../../src/agent/arguments.ts'
import type { JsonSchema } from '../../src/agent/schema.ts'
import { propertiesOf } from '../../src/agent/schema.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { within } from '../support/within.ts'

const args = suite('arguments of a tool')

const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Who it is' },
    count: { type: 'integer' },
    ratio: { type: 'number' },
    loud: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    where: { $ref: '#/$defs/Place' },
    maybe: { type: ['integer', 'null'] },
    either: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    level: { enum: ['low', 'high', 3] },
    free: {},
    loop: { $ref: '#/properties/loop' },
  },
  required: ['name'],
  $defs: { Place: { type: 'object' } },
}

const value = (read: Arguments): unknown => (read.ok ? read.value : read.problems)

for (const [pair, expected] of [
  ['name=Rosa', 'Rosa'],
  ['name=', ''],
  ['name=a=b', 'a=b'],
  ['name=12', '12'],
  ['name={"a":1}', '{"a":1}'],
  ['name=two\nlines', 'two\nlines'],
  ['count=12', 12],
  ['count=-1', -1],
  ['ratio=0.5', 0.5],
  ['ratio=1e3', 1000],
  ['loud=true', true],
  ['loud=false', false],
  ['tags=["a","b"]', ['a', 'b']],
  ['where={"city":"Oslo"}', { city: 'Oslo' }],
  ['maybe=null', null],
  ['maybe=4', 4],
  ['either=4', '4'],
  ['level=high', 'high'],
  ['level=3', 3],
  ['free=7', 7],
  ['free=seven', 'seven'],
  ['loop=x', 'x'],
] as Array<[string, unknown]>) {
  args(`${JSON.stringify(pair)} is ${JSON.stringify(expected)}`, () => {
    const [key = ''] = pair.split('=')
    const pairs = key === 'name' ? [pair] : ['name=x', pair]
    assert.equal((value(readPairs(pairs, SCHEMA)) as Record<string, unknown>)[key], expected)
  })
}

for (const [pair, problem] of [
  ['count=1.5', '"count" must be a whole number'],
  ['count=', '"count" must be a whole number'],
  ['ratio=many', '"ratio" must be a number'],
  ['ratio=NaN', '"ratio" must be a number'],
  ['loud=yes', '"loud" must be true or false'],
  ['tags=a,b', '"tags" must be a JSON list'],
  ['tags={}', '"tags" must be a JSON list'],
  ['where=[]', '"where" must be a JSON object'],
  ['where=null', '"where" must be a JSON object'],
  ['maybe=x', '"maybe" must be a whole number or null'],
  ['level=middle', '"level" must be one of low, high, 3'],
  ['nam=x', '"nam" is no argument of this tool; it has: name, count, ratio, loud, tags, where, maybe, either, level, free, loop'],
  [
    '__proto__=x',
    '"__proto__" is no argument of this tool; it has: name, count, ratio, loud, tags, where, maybe, either, level, free, loop',
  ],
  ['count', '"count" is no argument. Example: name=value'],
  ['=x', '"=x" is no argument. Example: name=value'],
  ['name=again', '"name" is given twice'],
] as const) {
  args(`${pair} is refused: ${problem}`, () => assert.equal(value(readPairs(['name=x', pair], SCHEMA)), [problem]))
}

args('all problems are told at once, what is missing last', () => {
  assert.equal(value(readPairs(['count=x', 'loud=y'], SCHEMA)), [
    '"count" must be a whole number',
    '"loud" must be true or false',
    '"name" is missing: Who it is',
  ])
})

args('a tool may take what it does not name', () => {
  const open = { ...SCHEMA, additionalProperties: true }
  assert.equal(value(readPairs(['name=x', 'more=1'], open)), { name: 'x', more: 1 })
  assert.equal(value(readPairs(['more=text'], { type: 'object' })), { more: 'text' })
})

args('without a schema values that read as JSON are JSON', () => {
  assert.equal(value(readPairs(['a=1', 'b=x', 'c=[2]'], null)), { a: 1, b: 'x', c: [2] })
})

args('a number that would be another one when it is sent is refused', () => {
  const large = ['"n" has a number that cannot be sent as it was typed: it is too large']
  for (const schema of [null, { type: 'object', properties: { n: { type: 'number' } } }, { type: 'object', properties: { n: {} } }]) {
    for (const text of ['12345678901234567891', '9007199254740993', '1e999', '-1e999']) {
      assert.equal(value(readPairs([`n=${text}`], schema)), large, text)
      assert.equal(value(readJson(`{"n":${text}}`, schema)), large, text)
    }
    assert.equal(value(readPairs(['n=9007199254740991'], schema)), { n: 9007199254740991 })
  }
  assert.equal(value(readJson('{"n":[{"a":9007199254740993}]}', null)), large)
  const text = { type: 'object', properties: { n: { type: 'string' } } }
  assert.equal(value(readPairs(['n=12345678901234567891'], text)), { n: '12345678901234567891' })
})

args('a key may be one that objects have by themselves', () => {
  const read = readPairs(['__proto__={"a":1}', 'toString=x'], null)
  assert.ok(read.ok)
  assert.equal(Object.getPrototypeOf(read.ok && read.value), Object.prototype)
  assert.equal(JSON.stringify(read.ok && read.value), '{"__proto__":{"a":1},"toString":"x"}')
})

for (const [text, expected] of [
  ['{"name":"x","count":2,"tags":[1],"maybe":null,"either":4,"level":3,"free":{}}', undefined],
  ['{"name":"x","count":"2"}', ['"count" must be a whole number']],
  ['{"name":7}', ['"name" must be a text']],
  ['{"name":"x","either":true}', ['"either" must be a text or a whole number']],
  ['{"name":"x","level":"3"}', ['"level" must be one of low, high, 3']],
  ['{"name":"x","where":null}', ['"where" must be a JSON object']],
  [
    '{"__proto__":1,"loud":0}',
    [
      '"__proto__" is no argument of this tool; it has: name, count, ratio, loud, tags, where, maybe, either, level, free, loop',
      '"loud" must be true or false',
      '"name" is missing: Who it is',
    ],
  ],
  ['{"count":1}', ['"name" is missing: Who it is']],
  ['[1]', ['--json takes a JSON object, such as \'{"key":"value"}\'']],
  ['null', ['--json takes a JSON object, such as \'{"key":"value"}\'']],
  ['{name:x}', ['--json takes a JSON object, such as \'{"key":"value"}\'']],
] as Array<[string, unknown]>) {
  args(`--json ${text}`, () => assert.equal(value(readJson(text, SCHEMA)), expected ?? JSON.parse(text)))
}

args('--json may hold what a tool takes without naming it, and anything where nothing is known', () => {
  for (const schema of [{ ...SCHEMA, additionalProperties: true }, { ...SCHEMA, patternProperties: {} }, { ...SCHEMA, allOf: [] }, null])
    assert.equal(value(readJson('{"name":"x","more":1}', schema)), { name: 'x', more: 1 })
})

args('a choice takes what each of it takes, and anything where one does not say', () => {
  const choice = (...anyOf: object[]) => ({ type: 'object', properties: { k: { anyOf } } })
  const known = choice({ enum: [1, 'a'] }, { const: null })
  assert.equal(value(readJson('{"k":1}', known)), { k: 1 })
  assert.equal(value(readJson('{"k":true}', known)), ['"k" must be a number or a text or null'])
  assert.equal(value(readJson('{"k":true}', choice({ type: 'string' }, { minimum: 3 }))), { k: true })
})

args('a schema that refers to itself many times over is read at once', async () => {
  const self = { $ref: '#/$defs/a' }
  const bomb = { type: 'object', properties: { k: self }, $defs: { a: { anyOf: Array.from({ length: 12 }, () => self) } } }
  await within(200, () => assert.is(propertiesOf(bomb)[0]?.name, 'k'))
})

args('a type that is none does not hide the tool', () => {
  const odd = { type: 'object', properties: { k: { type: [{ toString: 1 }] } } }
  assert.is(propertiesOf(odd)[0]?.types.size, 0)
})

args.run()
