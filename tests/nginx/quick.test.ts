/** The quick reader says what the strict one says, or nothing. tests/fuzz has more of it, in Node and inside nginx. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import reader from '../../nginx/gatehouse/call.js'
import readQuickly from '../../nginx/gatehouse/quick.js'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { CASES } from './call_cases.ts'

/** As gate.js does it; null where it is no text. */
function textOf(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}

/** '' where both agree. */
function disagreement(text: string): string {
  const found = readQuickly(text)
  if (found === null) return ''
  const strict = reader.parse(text) as { method?: string; name?: string | null; refused?: string }
  const same =
    strict.refused === undefined &&
    strict.method === found.method &&
    strict.name === found.name &&
    found.word === encodeURIComponent(found.name ?? '')
  return same ? '' : `${JSON.stringify(found)} instead of ${JSON.stringify(strict)} for ${JSON.stringify(text)}`
}

const node = suite('the quick reader in Node')
for (const { name, body } of CASES) node(name, () => assert.is(disagreement(textOf(body) ?? ''), ''))
node('its pattern is made of these parts', () => {
  const string = String.raw`"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"`
  const number = String.raw`-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?`
  const atom = `(?:${string}|${number}|true|false|null)`
  const array = (value: string): string => String.raw`\[(?:${value}(?:, ?(?!\])|(?=\])))*\]`
  const object = (value: string): string => String.raw`\{(?:${string}: ?${value}(?:, ?(?!\})|(?=\})))*\}`
  const shallow = `(?:${atom}|${array(atom)}|${object(atom)})`
  const value = `(?:${atom}|${array(shallow)}|${object(shallow)})`
  const name = String.raw`"(name|uri)": ?"(?:([A-Za-z0-9_.!~*'()-]{1,256})|([ !#-[\]-~]{1,256}))"`
  const meta = `"(_meta)": ?${object(atom)}`
  const params = String.raw`\{(?:${meta}, ?)?${name}(?:, ?"arguments": ?${object(value)})?(?:, ?${meta})?\}`
  const about = String.raw`"jsonrpc": ?"2\.0", ?"id": ?(?:0|[1-9][0-9]{0,14}|"[ !#-[\]-~]{0,64}")`
  const method = String.raw`"method": ?"(tools\/call|prompts\/get|resources\/read)"`
  const pattern = String.raw`/^\{(?:${about}, ?())?${method}, ?"params": ?${params}(?:(), ?${about})?\}$/`
  assert.ok(readFileSync(join(root, 'nginx/gatehouse/quick.js'), 'utf8').includes(pattern), pattern)
})
node.run()
