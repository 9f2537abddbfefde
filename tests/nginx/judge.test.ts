/** Somebody's own configuration: every way around the gate is found, and other people's sites are left alone. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressesOf } from '../../src/nginx_lint/addresses.ts'
import { UnreadableConfig } from '../../src/nginx_lint/config.ts'
import { globPattern, isDump, readDump } from '../../src/nginx_lint/dump.ts'
import { BESIDE, gatedServers, judge, OTHER_WAY, UNGATED, type Verdict } from '../../src/nginx_lint/judge.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { MUTATIONS } from './lint_mutations.ts'

const shippedFolder = join(root, 'nginx/gatehouse')
const SHIPPED = new Map([
  ['/etc/nginx/nginx.conf', readFileSync(join(root, 'nginx/example.conf'), 'utf8')],
  ...readdirSync(shippedFolder)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => [`/etc/nginx/gatehouse/${name}`, readFileSync(join(shippedFolder, name), 'utf8')] as const),
])
const MAIN = '/etc/nginx/nginx.conf'

/** As nginx -T prints it. */
const dump = (files: ReadonlyMap<string, string>): string =>
  `nginx: the configuration file ${MAIN} syntax is ok\n${[...files].map(([name, text]) => `# configuration file ${name}:\n${text}\n`).join('')}`
const judged = (files: ReadonlyMap<string, string>, known = ['currenttime', 'mcpgw']): Verdict[] => judge(readDump(dump(files)), known)
const changed = (file: string, from: string, to: string): Map<string, string> => {
  const name = file === 'nginx.conf' ? MAIN : `/etc/nginx/${file}`
  const text = SHIPPED.get(name) ?? ''
  assert.ok(text.includes(from), `${file} must hold "${from}"`)
  return new Map([...SHIPPED, [name, text.replace(from, () => to)]])
}
const shown = (verdicts: readonly Verdict[]): string[] => verdicts.map(({ severity, what }) => `${severity}: ${what}`)

const dumps = suite('what nginx -T prints')
dumps('the shipped example, read from it, is clean', () => {
  assert.equal(judged(SHIPPED), [])
  assert.equal(
    gatedServers(readDump(dump(SHIPPED))).map(({ name }) => name),
    ['currenttime', 'mcpgw'],
  )
})
dumps('includes by wildcard, by absolute path and from below the main file', () => {
  const files = new Map([
    ['/srv/main.conf', 'include conf.d/*.conf; include /opt/x.conf; include ../srv/y.conf; include none/*;'],
    ['/srv/conf.d/b.conf', 'b;'],
    ['/srv/conf.d/a.conf', 'a;'],
    ['/opt/x.conf', 'x;'],
    ['/srv/y.conf', 'y {\n z; }'],
  ])
  const read = readDump(dump(files))
  assert.equal(
    read.map(({ name }) => name),
    ['a', 'b', 'x', 'y'],
  )
  assert.is(read[3]?.block?.[0]?.at, '/srv/y.conf:2')
})
dumps('what is none, and what is cut short, is refused', () => {
  assert.not.ok(isDump('http { }'))
  assert.throws(
    () => readDump('http { }'),
    (error: Error) => error instanceof UnreadableConfig && /nginx -T/.test(error.message),
  )
  assert.throws(() => readDump(dump(SHIPPED).slice(0, 900)), /does not end|not there/)
  assert.throws(() => readDump(`# configuration file ${MAIN}:\ninclude absent.conf;`), /absent.conf is included, but not there/)
})
dumps('wildcards match as glob does', () => {
  const names = ['/c/a.conf', '/c/.a.conf', '/c/d/a.conf', '/c/b.conf', '/c/a+conf', '/c/ab.conf']
  const found = (glob: string): string[] => names.filter((name) => globPattern(glob).test(name))
  assert.equal(found('/c/*.conf'), ['/c/a.conf', '/c/b.conf', '/c/ab.conf'])
  assert.equal(found('/c/?.conf'), ['/c/a.conf', '/c/b.conf'])
  assert.equal(found('/c/[!a].conf'), ['/c/b.conf'])
  assert.equal(found('/*/*/a.conf'), ['/c/d/a.conf'])
  assert.equal(found('/c/a+c*'), ['/c/a+conf'])
})
dumps('where something runs', () => {
  const upstreams = new Map([['pool', ['127.0.0.1:1', 'unix:/s']]])
  for (const [target, expected] of [
    ['http://127.0.0.1:9001', ['127.0.0.1:9001']],
    ['http://localhost:9001/x', ['127.0.0.1:9001']],
    ['http://[::1]:9001', ['127.0.0.1:9001']],
    ['https://Mcp.example', ['mcp.example:443']],
    ['pool', ['127.0.0.1:1', 'unix:/s']],
    ['http://pool/mcp', ['127.0.0.1:1', 'unix:/s']],
    ['http://unix:/run/s:/x', ['unix:/run/s:/x']],
    ['http://$host', []],
    ['', []],
  ] as const) {
    assert.equal(addressesOf(target, upstreams), expected, target)
  }
})
dumps.run()

/** Changes of the shipped files that only their own standard minds: in the midst of other sites they may well be right. */
const LEFT_ALONE = [
  /^what is nobody's is not found/,
  /^every log is the audit format or none/,
  /^no auth_request off: auth_request off elsewhere/,
  /^no set at server level: (?:an if|a default) /,
  /^no credential in a log: \$(?:request|request_uri|args) in the log/,
  /^no answer before the question: return beside auth_request/,
]
/** What does lead around the gate, found under another name. */
const OTHERWISE = /^(?:an MCP server is reached through the gate alone|no auth_request off|where it is sent)/

const mutated = suite('the changes that the lint finds')
for (const { rule, what, file, from, to } of MUTATIONS) {
  const name = `${rule}: ${what}`
  const left = LEFT_ALONE.some((pattern) => pattern.test(name)) && !/gatehouse_|in the include/.test(to + what.replace('a default at', ''))
  mutated(`${left ? 'left alone' : 'found'}: ${name}`, () => {
    const found = judged(changed(file, from, to))
    const rules = found.map((verdict) => verdict.rule)
    if (left) assert.equal(shown(found.filter((verdict) => verdict.rule === rule)), [])
    else if (OTHERWISE.test(rule)) assert.ok(found.length > 0)
    else assert.ok(rules.includes(rule), `found only: ${rules.join(', ') || 'nothing'}`)
  })
}
mutated.run()

/** Additions to the shipped nginx.conf; `beside` stands in the protected server, `http` beside that server. */
interface Addition {
  what: string
  beside?: string
  http?: string
  main?: string
  known?: string[]
  expected: [Verdict['severity'], string][]
}

const ADDITIONS: Addition[] = [
  {
    what: 'a site of its own with PHP, files, logs and redirects',
    http: `log_format main '$remote_addr "$request"'; server { listen 80; server_name www.example.com; access_log /var/log/www.log main;
      set $x 1; if ($host = example.com) { return 301 https://www.example.com$request_uri; } error_page 404 =200 /404.html; satisfy any;
      location / { try_files $uri /index.php; } location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; } location /api/ { proxy_pass http://127.0.0.1:3000; } }`,
    expected: [],
  },
  {
    what: 'the way from http to https',
    http: 'server { listen 80; location /currenttime/ { return 301 https://$host$request_uri; } }',
    expected: [],
  },
  { what: 'files beside the gate', beside: 'location /static/ { root /srv; }', expected: [] },
  {
    what: 'an application beside the gate',
    beside: 'location /app/ { proxy_pass http://127.0.0.1:3000; }',
    expected: [['warning', BESIDE]],
  },
  { what: 'a path without the gate', beside: 'location /open/ { proxy_pass http://currenttime/; }', expected: [['failure', OTHER_WAY]] },
  {
    what: 'the address of an MCP server in another server',
    http: 'server { listen 81; location / { proxy_pass http://localhost:9001; } }',
    expected: [['failure', OTHER_WAY]],
  },
  {
    what: 'another upstream with the same member',
    http: 'upstream other { server 127.0.0.1:9002; } server { listen 81; location / { proxy_pass http://other; } }',
    expected: [['failure', OTHER_WAY]],
  },
  {
    what: 'a way to it in an if of another server',
    http: 'server { listen 81; location / { if ($arg_x) { proxy_pass http://mcpgw; } return 404; } }',
    expected: [['failure', OTHER_WAY]],
  },
  { what: 'a stream to it', main: 'stream { server { listen 82; proxy_pass 127.0.0.1:9001; } }', expected: [['failure', OTHER_WAY]] },
  {
    what: 'a server of the policy without the gate',
    beside: 'location /fininfo/ { proxy_pass http://127.0.0.1:9003; }',
    known: ['fininfo'],
    expected: [
      ['failure', UNGATED],
      ['warning', BESIDE],
    ],
  },
  {
    what: 'a server of the policy without the gate, in a server without any',
    http: 'server { listen 81; location = /fininfo/mcp { proxy_pass http://127.0.0.1:9003; } }',
    known: ['fininfo'],
    expected: [['failure', UNGATED]],
  },
  {
    what: 'a longer path that answers by itself',
    beside: 'location /currenttime/health { return 200 ok; }',
    expected: [['failure', 'no longer path leads around a protected location']],
  },
  { what: 'a longer path that refuses', beside: 'location /currenttime/admin { return 404; }', expected: [] },
  {
    what: 'underscores in the header names of another server',
    http: 'server { listen 81; underscores_in_headers on; }',
    expected: [['failure', 'odd header names reach nobody']],
  },
  {
    what: 'a regular expression beside the gate',
    beside: 'location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }',
    expected: [
      ['warning', 'no regular expression goes before a protected location'],
      ['warning', BESIDE],
    ],
  },
  {
    what: 'limits that are tried out',
    http: 'limit_req_dry_run on;',
    expected: [['warning', 'limits are not only tried out']],
  },
  { what: 'limits of another site that are tried out', http: 'server { listen 81; limit_req_dry_run on; }', expected: [] },
  {
    what: 'a token in the log of another site',
    http: "log_format secrets '$http_authorization';",
    expected: [['failure', 'no credential in a log']],
  },
]

const real = suite('additions to the shipped configuration')
for (const { what, beside = '', http = '', main = '', known, expected } of ADDITIONS) {
  real(what, () => {
    const text = (SHIPPED.get(MAIN) ?? '')
      .replace('location / {', () => `${beside}\nlocation / {`)
      .replace(/\n\s*server \{/, (found) => `\n${http}${found}`)
    const found = judged(new Map([...SHIPPED, [MAIN, `${text}\n${main}`]]), known)
    assert.equal(
      found.map(({ severity, rule }) => [severity, rule]),
      expected,
      JSON.stringify(found),
    )
  })
}
real('with ^~ a regular expression is not asked first', () => {
  const text = (SHIPPED.get(MAIN) ?? '').replaceAll(/location (\/(?:currenttime|mcpgw)\/)/g, 'location ^~ $1')
  const found = judged(new Map([...SHIPPED, [MAIN, text.replace('location / {', 'location ~ \\.html$ { root /srv; } location / {')]]))
  assert.equal(shown(found), [])
})
real('no more than the name and the first argument of a line is told', () => {
  const found = judged(
    changed('gatehouse/backend.conf', 'proxy_set_header X-Region           "";', 'proxy_set_header X-Key secret$http_cookie;'),
  )
  assert.equal(shown(found), ['failure: proxy_set_header X-Key', 'failure: proxy_set_header X-Key'].slice(0, found.length))
  assert.not.match(JSON.stringify(found), 'secret')
})
real.run()
