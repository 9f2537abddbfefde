import { localPath } from '../../src/login/local_path.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const paths = suite('where a browser may be sent')

const GATEWAY = 'https://mcp.example.com'
const show = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)

for (const path of [
  '/',
  '/a',
  '/portal/',
  '/now/mcp',
  '/A-z_0.9~/b.c',
  '/...',
  '/.well-known/x',
  '/a..b/..c/d..',
  '/evil.example',
  '/?',
  '/a?',
  '/a?b=c&d=e;f',
  '/a?https://evil.example//x',
  '/a?x=%2F%2fevil%0d%0a%00',
  '/a/?a-z_.~!$&()*+,;=:@/?',
  '/a?b?c',
  '/a?/../..//x/.',
  `/${'a'.repeat(2047)}`,
  `/${'a/'.repeat(1023)}`,
  `/a?${'%41'.repeat(680)}`,
]) {
  paths(`${show(path)} is taken, with the gateway before it too`, () => {
    assert.is(localPath(path, GATEWAY), path)
    if (path.length < 2000) assert.is(localPath(GATEWAY + path, GATEWAY), path)
  })
}

for (const [gateway, text, expected] of [
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/a?b', '/a?b'],
  ['http://127.0.0.1:8080', '/a', '/a'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:80801/a', null],
  ['http://127.0.0.1:8080', 'http://127.0.0.1/a', null],
  ['https://mcp.example.com', 'http://mcp.example.com/a', null],
  ['https://mcp.example.com', 'https://mcp.example.com:443/a', null],
  // What a browser writes in another way is the gateway all the same.
  ['https://MCP.example.com:443', '/a', '/a'],
  ['https://MCP.example.com:443', 'https://MCP.example.com:443/a', '/a'],
] as const) {
  paths(`on ${gateway}, ${text} gives ${expected}`, () => assert.is(localPath(text, gateway), expected))
}

for (const nothing of [undefined, null, '', `/${'a'.repeat(2048)}`, `/a?${'a'.repeat(2046)}`, `${GATEWAY}/${'a'.repeat(2025)}`]) {
  paths(`${show(String(nothing))} leads nowhere`, () => assert.is(localPath(nothing, GATEWAY), null))
}

paths('what is no text leads nowhere', () => {
  for (const value of [0, true, {}, [], ['/a'], { toString: () => '/a' }]) assert.is(localPath(value as unknown as string, GATEWAY), null)
})

paths('a long text costs little, whatever it holds', () => {
  const started = performance.now()
  for (const part of ['a', '/', 'a/', '/a', '%41', '?', '.', '/.', '/..']) {
    for (const end of ['', '\0', '//', '%'])
      for (let round = 0; round < 100; round += 1) localPath(`/${part.repeat(2000)}`.slice(0, 2040) + end, GATEWAY)
  }
  assert.ok(performance.now() - started < 2000)
})

paths.run()
