/** The shipped configuration steps into none of the known traps, and every rule of the lint finds its own. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNginx, installNginx } from '../../src/demo/nginx.ts'
import { type Files, readConfig } from '../../src/nginx_lint/config.ts'
import { lint, RULE_NAMES } from '../../src/nginx_lint/lint.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { DICT_MUTATIONS } from './dict_mutations.ts'
import { MUTATIONS } from './lint_mutations.ts'
import { DICT, DICT_FILES, EXAMPLE, shipped } from './shipped.ts'

const nginx = join(root, 'nginx')
const reading = suite('reading nginx configuration')
reading('quotes, comments, blocks and variables in braces', () => {
  const text = `a 'x;{}' "y\\"#" z#1; # not this; {\nb ${'$'}{v}w (x) {\n  c;\n}\nd "two\nlines" {}`
  const [a, b, d] = readConfig(new Map([['f', text]]), 'f')
  assert.equal(a, { name: 'a', args: ['x;{}', 'y\\"#', 'z#1'], block: null, at: 'f:1' })
  assert.equal([b?.args, b?.block?.[0]?.name, b?.block?.[0]?.at], [['$' + '{v}w', '(x)'], 'c', 'f:3'])
  assert.equal([d?.args, d?.block, d?.at], [['two\nlines'], [], 'f:5'])
})
reading('includes stand where they are', () => {
  const files: Files = new Map([
    ['main', 'a; include inner; z;'],
    ['inner', 'b { include deep; }'],
    ['deep', 'c;'],
  ])
  const directives = readConfig(files, 'main')
  assert.equal(
    directives.map(({ name, at }) => `${name} ${at}`),
    ['a main:1', 'b inner:1', 'z main:1'],
  )
  assert.is(directives[1]?.block?.[0]?.at, 'deep:1')
  assert.throws(() => readConfig(files, 'absent'), /absent/)
})
reading('a name may stand for several files, and what includes itself ends', () => {
  const files: Files = new Map([
    ['main', 'include *.conf;'],
    ['1.conf', 'a;'],
    ['2.conf', 'b;'],
    ['loop', 'include loop;'],
  ])
  const names = readConfig(files, 'main', () => ['1.conf', '2.conf']).map(({ name }) => name)
  assert.equal(names, ['a', 'b'])
  assert.throws(() => readConfig(files, 'loop'), /within itself/)
})
for (const [what, text, message] of [
  ['a quote without end', 'a "b;', /^f: a quote is not closed$/],
  ['a directive without end', 'a;\nb c', /^f:2: b does not end$/],
  ['a block without end', 'a;\nb {\nc;', /^f:2: b does not end$/],
  ['an end without a block', 'a;\n}\nb;', /^f:2: a block ends that has not begun$/],
] as const) {
  reading(`refused: ${what}`, () => {
    assert.throws(
      () => readConfig(new Map([['f', text]]), 'f'),
      (error: Error) => message.test(error.message),
    )
  })
}
reading('a backslash keeps a semicolon in its word', () => {
  assert.equal(readConfig(new Map([['f', 'a b\\;c;']]), 'f')[0]?.args, ['b\\;c'])
})
reading.run()

const rules = suite('lint of the shipped configuration')
rules('nginx/example.conf', () => assert.equal(lint(EXAMPLE, 'nginx.conf'), []))
rules('every shipped file is read', () => {
  const used = new Set<string>()
  class Watched extends Map<string, string> {
    override get(name: string): string | undefined {
      used.add(name)
      return super.get(name)
    }
  }
  readConfig(new Watched(EXAMPLE), 'nginx.conf')
  assert.equal([...used].sort(), [...EXAMPLE.keys()].sort())
})
rules('docker/gateway/nginx.conf', () => {
  const files = shipped('docker/gateway/nginx.conf', { ...DICT_FILES, 'gatehouse/validator.conf': 'docker/gateway/validator.conf' })
  assert.equal(lint(files, 'nginx.conf'), [])
})
rules('the example with the files of gatehouse-dict/', () => assert.equal(lint(DICT, 'nginx.conf'), []))
const KINDS = [...MUTATIONS.map((one) => ({ ...one, files: EXAMPLE })), ...DICT_MUTATIONS.map((one) => ({ ...one, files: DICT }))]
for (const { rule, what, file, from, to, files } of KINDS) {
  rules(`found: ${what}`, () => {
    const text = files.get(file) ?? ''
    assert.ok(text.includes(from), `${file} must hold "${from}"`)
    const found = lint(new Map([...files, [file, text.replace(from, () => to)]]), 'nginx.conf').map((problem) => problem.rule)
    assert.ok(found.includes(rule), `found only: ${found.join(', ') || 'nothing'}`)
  })
}
rules('every rule has been seen to fail', () => {
  assert.equal([...new Set(KINDS.map(({ rule }) => rule))].sort(), [...RULE_NAMES].sort())
})
rules.run()

/** What `nginx -t` says about the shipped files after a change of example.conf; '' when it is content. */
async function test(change: (text: string) => string = (text) => text): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-lint-'))
  try {
    const source = join(folder, 'source')
    cpSync(nginx, source, { recursive: true })
    const addresses = {
      gateway: `127.0.0.1:${await freePort()}`,
      validator: '127.0.0.1:9',
      currenttime: '127.0.0.1:9',
      mcpgw: '127.0.0.1:9',
    }
    mkdirSync(join(folder, 'run'))
    const args = installNginx(source, join(folder, 'run'), addresses)
    const file = join(folder, 'run/conf/example.conf')
    const changed = change(readFileSync(file, 'utf8'))
    writeFileSync(file, changed)
    return await new Promise((done) => {
      execFile(findNginx().nginx, ['-t', ...args], (error, _stdout, stderr) =>
        done(error === null && /successful/.test(stderr) ? '' : stderr),
      )
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const INCLUDE = 'include gatehouse/location.conf;'
const guards = suite('nginx -t')
guards('takes the shipped example', async () => assert.is(await test(), ''))
guards('takes an extra server with a name of its own', async () => {
  assert.is(
    await test((text) =>
      text.replace(
        'location /mcpgw/ {',
        'location ^~ /other/ {\n set $gatehouse_server other; set $gatehouse_upstream http://mcpgw; include gatehouse/location.conf; }\nlocation /mcpgw/ {',
      ),
    ),
    '',
  )
})
for (const target of ['http://currenttime', 'http://127.0.0.1:9001/', 'http://currenttime$request_uri']) {
  guards(`refuses proxy_pass ${target} after the gate`, async () => {
    assert.match(await test((text) => text.replace(INCLUDE, `${INCLUDE} proxy_pass ${target};`)), /"proxy_pass" directive is duplicate/)
  })
  guards(`refuses proxy_pass ${target} before the gate`, async () => {
    assert.match(await test((text) => text.replace(INCLUDE, `proxy_pass ${target}; ${INCLUDE}`)), /"proxy_pass" directive is duplicate/)
  })
}
for (const line of ['fastcgi_pass', 'uwsgi_pass', 'scgi_pass', 'grpc_pass', 'memcached_pass']
  .map((name) => `${name} 127.0.0.1:9001;`)
  .concat('mirror /m;')) {
  guards(`refuses ${line} after the gate`, async () => {
    assert.match(
      await test((text) => text.replace(INCLUDE, `${INCLUDE} ${line}`)),
      /"(?:\w+_pass|mirror)" directive is duplicate|"off" parameter cannot be used/,
    )
  })
}
guards('refuses the gate twice in one location', async () => {
  assert.match(await test((text) => text.replace(INCLUDE, `${INCLUDE} ${INCLUDE}`)), /is duplicate/)
})
guards('refuses another content handler in njs', async () => {
  assert.match(await test((text) => text.replace(INCLUDE, `${INCLUDE} js_content gatehouse.notFound;`)), /is duplicate/)
})
guards('refuses a server part that is missing', async () => {
  assert.is.not(await test((text) => text.replace('include gatehouse/http.conf;', '')), '')
})
guards.run()
