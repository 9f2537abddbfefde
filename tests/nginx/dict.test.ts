/** Decisions in a dictionary of nginx's workers: what is written into it, and who is known by it. In Node, with a dictionary that ages. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import gate from '../../nginx/gatehouse/gate.js'
import recalled from '../../nginx/gatehouse/recall.js'
import remember from '../../nginx/gatehouse/remember.js'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

/** As njs has it from 0.8.5 on: every value has its own time, in milliseconds. */
class Dictionary {
  now = 0
  values = new Map<string, { text: string; until: number }>()
  isFull = false
  get(key: string): string | undefined {
    const found = this.values.get(key)
    return found !== undefined && this.now < found.until ? found.text : undefined
  }
  set(key: string, text: string, timeout: number): void {
    if (this.isFull) throw new Error('SharedMemoryError')
    assert.not(this.values.has(key), 'an older one would be written over')
    this.values.set(key, { text, until: this.now + timeout })
  }
  delete(key: string): void {
    this.values.delete(key)
  }
}

type Variables = Record<string, string | undefined>
const TOKEN = 'Bearer header.payload.signature'

const dict = suite('decisions in a dictionary')
let decisions: Dictionary
const inNjs = globalThis as { ngx?: unknown }
dict.before.each(() => {
  decisions = new Dictionary()
  inNjs.ngx = { shared: { gatehouse: decisions } }
})
dict.after(() => {
  inNjs.ngx = undefined
})

/** The validator's answer, as nginx shows it in the subrequest. */
const ANSWER: Variables = {
  upstream_http_x_user: 'rosa',
  upstream_http_x_username: 'rosa%20m',
  upstream_http_x_client_id: 'web',
  upstream_http_x_scopes: 'test/now test/list',
  upstream_http_x_groups: 'callers',
  upstream_http_x_auth_method: 'jwt',
  upstream_http_x_server_name: 'currenttime',
  upstream_http_x_mcp_allow: 'initialize tools/call=now',
  upstream_http_access_control_allow_origin: 'https://app.example.com',
  upstream_http_x_accel_expires: '5',
}
const IDENTITY = ['user', 'username', 'client_id', 'scopes', 'groups', 'auth_method', 'server_name', 'cors', 'allow']
const KEY = 'a2V5'

/** Has an answer told, and gives the variables afterwards. */
function told(changes: Variables = {}, status = 204, key = KEY): Variables {
  const variables = { gatehouse_server: 'currenttime', gatehouse_call: '', ...ANSWER, ...changes }
  remember.answered({ status, variables, rawVariables: { gatehouse_decision_key: Buffer.from(key, 'base64url') } })
  return variables
}
const identityOf = (variables: Variables): (string | undefined)[] => IDENTITY.map((name) => variables[`gatehouse_${name}`])

/** The condition of remember.conf, as nginx reads it. */
function recall(text: string): Variables | undefined {
  const conf = readFileSync(join(root, 'nginx/gatehouse-dict/remember.conf'), 'utf8')
  const [, pattern = ''] = /^if \(\$gatehouse_known ~ "(.*)"\) \{$/m.exec(conf) ?? []
  return new RegExp(pattern.replace('(?s).*', '[^]*')).exec(text)?.groups
}

interface Question {
  method?: string
  server?: string
  time?: string
  token?: string
  cookie?: string
  origin?: string
}
/** Has the digest made for a request, and gives the key as http.conf composes it and what nginx then knows. */
async function known({
  method = 'POST',
  server = 'currenttime',
  time = '2026-01-01T10:00:30+00:00',
  ...sent
}: Question): Promise<Variables & { key: string }> {
  const variables: Variables = { gatehouse_server: server }
  const asker = [sent.token, sent.cookie, sent.origin].map((text) => text ?? '').join('\n')
  const raw: { gatehouse_asker: Buffer; gatehouse_credential?: ArrayBuffer } = { gatehouse_asker: Buffer.from(asker) }
  await gate.digest({ rawVariables: raw })
  const digest = Buffer.from(raw.gatehouse_credential as ArrayBuffer)
  const key = Buffer.concat([Buffer.from(`${[method, server, time.slice(0, 16)].join(' ')} `), digest])
  recalled.known({ variables, rawVariables: { gatehouse_decision_key: key } })
  return { key: key.toString('base64url'), ...variables }
}

dict('what is told on a yes, and what is remembered of it, is the same to the letter', () => {
  const variables = told()
  assert.equal(identityOf(variables), [
    'rosa',
    'rosa%20m',
    'web',
    'test/now test/list',
    'callers',
    'jwt',
    'currenttime',
    'https://app.example.com',
    'initialize tools/call=now',
  ])
  assert.equal(identityOf(recall(decisions.get(KEY) ?? '') ?? {}), identityOf(variables))
})
dict('also where the validator leaves things out', () => {
  const some = Object.fromEntries(Object.keys(ANSWER).map((name) => [name, undefined]))
  const { upstream_http_x_user, upstream_http_x_server_name, upstream_http_x_accel_expires } = ANSWER
  const variables = told({ ...some, upstream_http_x_user, upstream_http_x_server_name, upstream_http_x_accel_expires })
  assert.equal(identityOf(variables), ['rosa', '', '', '', '', '', 'currenttime', '', ''])
  assert.equal(identityOf(recall(decisions.get(KEY) ?? '') ?? {}), identityOf(variables))
})
for (const [text, what] of [
  ['', 'nothing'],
  ['rosa', 'a name alone'],
  ['\n\n\n\n\n\n\n\n', 'nobody'],
  ['a\nb\nc\nd\ne\nf\ng\nh', 'a line too few'],
] as const) {
  dict(`nobody is known by ${what}`, () => assert.is(recall(text), undefined))
}

const REFUSED: readonly (readonly [string, Variables, number])[] = [
  ['a refusal', {}, 401],
  ['another refusal', {}, 403],
  ['an error', {}, 500],
  ['an error of nginx', Object.fromEntries(Object.keys(ANSWER).map((name) => [name, undefined])), 502],
  ['another yes than the one of the contract', {}, 200],
  ['a yes that is not to be remembered', { upstream_http_x_accel_expires: undefined }, 204],
  ['a yes for no time', { upstream_http_x_accel_expires: '0' }, 204],
  ['a yes with an odd time', { upstream_http_x_accel_expires: '5, 60' }, 204],
  ['a yes until a point of time', { upstream_http_x_accel_expires: '@1999999999' }, 204],
  ['a yes for less than no time', { upstream_http_x_accel_expires: '-1' }, 204],
  ['a yes for nobody', { upstream_http_x_user: undefined }, 204],
  ['a yes for another server', { upstream_http_x_server_name: 'mcpgw' }, 204],
  ['the yes to a second question', { gatehouse_call: 'eyJ9' }, 204],
]
for (const [what, changes, status] of REFUSED) {
  dict(`not remembered: ${what}`, () => {
    told(changes, status)
    assert.is(decisions.values.size, 0)
  })
}
dict('a refusal is told all the same: who it was, and which page may read it', () => {
  const variables = told({}, 403)
  assert.equal([variables.gatehouse_user, variables.gatehouse_cors], ['rosa', 'https://app.example.com'])
})
dict('the second question tells nothing', () => {
  assert.is(told({ gatehouse_call: 'eyJ9' }).gatehouse_user, undefined)
})
dict('it is remembered for as long as the validator says, and for a minute at most', () => {
  for (const [seconds, until] of [
    ['1', 1000],
    ['5', 5000],
    ['60', 60_000],
    ['86400', 60_000],
  ] as const) {
    told({ upstream_http_x_accel_expires: seconds })
    decisions.now = until - 1
    assert.ok(decisions.get(KEY), seconds)
    decisions.now = until
    assert.is(decisions.get(KEY), undefined, seconds)
    decisions.now = 0
  }
})
dict('the newest answer counts', () => {
  told()
  told({ upstream_http_x_groups: 'admins' })
  assert.is(recall(decisions.get(KEY) ?? '')?.gatehouse_groups, 'admins')
})
dict('without room the answer is told, and not remembered', () => {
  decisions.isFull = true
  assert.is(told().gatehouse_user, 'rosa')
  assert.is(decisions.values.size, 0)
})

const keysOf = async (asked: readonly Question[]): Promise<Set<string>> =>
  new Set((await Promise.all(asked.map(known))).map(({ key }) => key))

dict('the one who asked is known again, and nobody else', async () => {
  const asked = { token: TOKEN }
  told({}, 204, (await known(asked)).key)
  assert.is(recall((await known(asked)).gatehouse_known ?? '')?.gatehouse_user, 'rosa')
  const others: Question[] = [
    {},
    { token: '' },
    { token: `${TOKEN}=` },
    { token: TOKEN.slice(0, -1) },
    { cookie: TOKEN },
    { token: TOKEN, method: 'GET' },
    { token: TOKEN, server: 'mcpgw' },
    { token: TOKEN, origin: 'https://app.example.com' },
    { token: TOKEN, time: '2026-01-01T10:01:00+00:00' },
    { token: TOKEN, time: '2026-01-01T09:59:59+00:00' },
  ]
  for (const other of others) assert.is((await known(other)).gatehouse_known, undefined, JSON.stringify(other))
  assert.is((await keysOf([asked, ...others])).size, others.length, 'an empty token is none')
})
dict('both credentials count, and where one ends', async () => {
  const asked: Question[] = [
    { token: 'a', cookie: 'b' },
    { token: 'a', cookie: 'c' },
    { token: 'a' },
    { cookie: 'a' },
    { token: 'ab' },
    { cookie: 'ab' },
    { cookie: 'a', origin: 'b' },
    { token: 'b', origin: 'a' },
  ]
  assert.is((await keysOf(asked)).size, asked.length)
})
dict('no credential is in it', async () => {
  const { key } = await known({ token: TOKEN, cookie: 'mcp_gateway_session=secret' })
  told({}, 204, key)
  const plain = Buffer.from(key, 'base64url').toString('latin1')
  const all = [...decisions.values].map(([name, { text }]) => name + text).join() + plain
  for (const part of [...TOKEN.split(/[ .]/), 'secret']) assert.not.ok(all.includes(part), part)
  assert.match(plain, /^POST currenttime 2026-01-01T10:00 [\s\S]{32}$/)
})
dict('each file takes the place of one', () => {
  const names = readdirSync(join(root, 'nginx/gatehouse-dict'))
  assert.equal(names.sort(), ['cache.conf', 'identity.conf', 'remember.conf'])
  for (const name of names) assert.ok(readdirSync(join(root, 'nginx/gatehouse')).includes(name), name)
})
dict('who is told of by either set of files is the same', () => {
  const lines = (name: string): string => readFileSync(join(root, 'nginx', name), 'utf8')
  const read = [...lines('gatehouse/identity.conf').matchAll(/^auth_request_set \$gatehouse_(\w+) +\$(\w+);$/gm)].map(
    ([, name, from]) => `${name} ${from}`,
  )
  const written = [...lines('gatehouse/remember.js').matchAll(/^ {2}v\.gatehouse_(\w+) = v\.(\w+) \|\| ''$/gm)].map(
    ([, name, from]) => `${name} ${from}`,
  )
  assert.equal(written.sort(), read.sort())
  assert.equal(read.map((line) => line.split(' ')[0]).sort(), [...IDENTITY].sort())
})
dict.run()
