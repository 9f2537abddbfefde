/** What the oracles read JSON with: their verdicts are worth no more. */
import * as assert from '../support/assert.ts'
import { parseJson } from '../support/json_text.ts'
import { suite } from '../support/suite.ts'

const reading = suite('JSON that oracles read')

reading('a name is what its escapes stand for, whatever was read before', () => {
  parseJson('{"h":[],"\\\\":0}')
  for (const [name, meant] of [
    ['\\u0041', 'A'],
    ['\\/', '/'],
    ['\\u00e9', '\u00e9'],
    ['\\ud83d\\ude00', '\u{1f600}'],
  ]) {
    assert.equal(parseJson(`{"h":1,"${name}":2}`), { h: 1, [meant as string]: 2 })
  }
})

reading('names that need escapes are told apart', () => {
  const names = ['\\\\', '\\"', '\\n', '\\u0000', '\\u001f', '']
  const value = parseJson(`{${names.map((name, at) => `"${name}" :${at}`).join(',')}}`) as object
  assert.is(Object.keys(value).length, names.length)
})

reading('strings that are no names stay as they are', () => {
  for (const text of ['["a\\"b:", "\\\\", ":"]', '{"a":"\\u0041\\n:","b":["\\"",":"]}', '"\\u0041:"', '""'])
    assert.equal(parseJson(text), JSON.parse(text))
})

reading('what is no JSON is none', () => {
  for (const text of ['', '{', '{"a":}', '{"a\n":1}', '{"\\x":1}', '{"a"\u00a0:1}', '{"a":"\\', '{"a":1,}', "{'a':1}", '{"\\u12":1}'])
    assert.throws(
      () => parseJson(text),
      (error: unknown) => error instanceof SyntaxError,
    )
})

reading.run()
