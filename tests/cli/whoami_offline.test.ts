/** `gatehouse whoami`, found out here. */

import { saveCookie } from '../../src/cli/cookie_file.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'
import * as assert from '../support/assert.ts'
import { type Issuer, now, startIssuer } from '../support/issuer.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { makeHome } from './command.ts'

const whoami = suite('gatehouse whoami --offline')
const SECRET_KEY = '0b7e2d9c4a61f835e0d7c2b9a4f81635'
/** Nobody is there. */
const GATEWAY = `http://localhost:${await freePort()}`
const ROSA = { username: 'rosa', clientId: 'web', groups: ['ops', 'dev'] }
let issuer: Issuer
const home = makeHome()

whoami.before(async () => {
  issuer = await startIssuer()
})
whoami.after(async () => {
  home.remove()
  await issuer.close()
})

async function save(key = SECRET_KEY, user = ROSA, seconds = 3600, at = now()): Promise<void> {
  const made = await sealSession(createSealer([key]), user, at, seconds)
  saveCookie(home.cookieFile, { gateway: GATEWAY, name: 'a_session', value: made?.seal ?? '', expiresAt: at + seconds })
}

const offline = (args: string[] = [], env: Record<string, string> = {}, input = '') =>
  home.gatehouse(['whoami', '--offline', ...args], { REGISTRY_URL: GATEWAY, SECRET_KEY, ...env }, input)

whoami('the session is opened with SECRET_KEY, and nobody is asked', async () => {
  await save()
  const { code, stdout, stderr } = await offline()
  assert.is(code, 0, stderr)
  assert.match(stdout, /^rosa, by a session of the app client web\nGroups: {2}ops, dev\nUntil: .*\n$/)
  // Also without --offline, when there is no gateway to ask.
  const json = JSON.parse((await home.gatehouse(['whoami', '--json'], { SECRET_KEY })).stdout)
  assert.equal([json.user, json.groups, json.scopes], ['rosa', ['ops', 'dev'], undefined])
})

whoami('groups that are in the session as digests cannot be named', async () => {
  await save(SECRET_KEY, { ...ROSA, groups: Array.from({ length: 200 }, (_, i) => `a-long-group-${i}`) })
  assert.match((await offline()).stdout, 'Groups:  too many to be named in the session')
})

whoami('another key, a session that is over, something else: exit code 3', async () => {
  await save('f3a81d2b0bf72f96c5e4d1a07b2c8e94')
  assert.match((await offline()).stderr, 'sealed with another SECRET_KEY')
  await save(SECRET_KEY, ROSA, 60, now() - 3600)
  const { code, stderr } = await offline()
  assert.is(code, 3)
  assert.match(stderr, 'The session has expired')
})

const pool = (): Record<string, string> => ({ COGNITO_USER_POOL_ID: issuer.poolId, COGNITO_ISSUER: issuer.issuer })

whoami('a token is verified with the keys of the pool', async () => {
  const { code, stdout, stderr } = await offline(['--token-file', '-'], pool(), await issuer.token())
  assert.is(code, 0, stderr)
  assert.match(
    stdout,
    /^agent, by an access token of the app client agent\nGroups: {2}none\nScopes: {2}test\/now\nUntil: .*\(in (?:1 hour|59 minutes)\)\n$/,
  )
})

for (const [what, claims, code, expected] of [
  ['a token that has expired', { exp: now() - 5, iat: now() - 3605 }, 3, 'The access token has expired'],
  ['a token of the future', { iat: now() + 600, exp: now() + 4200 }, 6, 'not valid yet. Check the clocks'],
  ['an ID token', { token_use: 'id' }, 3, 'not the ID token'],
  ['a token of another issuer', { iss: 'https://evil.example' }, 3, 'not issued by a user pool'],
] as const) {
  whoami(`${what}, exit code ${code}`, async () => {
    const ended = await offline(['--token-file', '-'], pool(), await issuer.token(claims))
    assert.is(ended.code, code)
    assert.match(ended.stderr, expected)
  })
}

whoami('keys that cannot be had, exit code 1', async () => {
  const away = { ...pool(), COGNITO_JWKS_URL: `http://127.0.0.1:${await freePort()}/` }
  const { code, stderr } = await offline(['--token-file', '-'], away, await issuer.token())
  assert.is(code, 1)
  assert.match(stderr, 'The signing keys of the user pool are not at hand')
})

whoami('settings that lack, exit code 2', async () => {
  await save()
  assert.match((await offline([], { SECRET_KEY: '' })).stderr, '- SECRET_KEY is missing')
  const { code, stderr } = await offline(['--token-file', '-'], {}, await issuer.token())
  assert.is(code, 2)
  assert.match(stderr, '- COGNITO_USER_POOL_ID is missing')
})

whoami.run()
