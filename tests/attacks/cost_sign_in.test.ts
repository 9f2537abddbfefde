/** What strangers at the sign-in and at the endpoints of MCP clients cost the validator. */

import { type LoginWorld, seal, startLoginWorld } from '../support/login_world.ts'
import { suite } from '../support/suite.ts'
import { costOf, within } from './costs.ts'

const costs = suite('what attacks on the sign-in cost')
let w: LoginWorld
costs.before(async () => {
  w = await startLoginWorld()
})
costs.after(() => w?.close())

const pids = (): number[] => [w.gateway.validator.child.pid as number]
const asked = async (path: string, headers: Record<string, string>, body: string): Promise<{ status: number }[]> => {
  const { status } = await fetch(w.gateway.url + path, { method: 'POST', headers, body, redirect: 'manual' })
  return [{ status }]
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const FIELDS = Array.from({ length: 2300 }, (_, n) => `${n.toString(36)}=1`).join('&')
for (const path of ['/oauth2/token', '/oauth2/revoke']) {
  costs(`${path} with thousands of fields`, async () => {
    await asked(path, FORM, 'a=1')
    within(await costOf(5, pids(), () => asked(path, FORM, FIELDS)), 20, 400)
  })
}

costs('a registration whose name piles marks', async () => {
  const body = JSON.stringify({ redirect_uris: ['http://127.0.0.1/'], client_name: `a${'\u0301'.repeat(3500)}${'\u0323'.repeat(3500)}` })
  await asked('/oauth2/register', { 'content-type': 'application/json' }, '{}')
  within(await costOf(3, pids(), () => asked('/oauth2/register', { 'content-type': 'application/json' }, body)), 20, 201)
})

costs('signing out of a hundred sessions', async () => {
  const made = await seal('session', { x: 'y' })
  const broken = Array.from({ length: 60 }, (_, n) => `mcp_gateway_session=${made.replace(/~2$/, `${n}~2`)}`).join('; ')
  const headers = { cookie: broken.slice(0, 15_500), origin: w.gateway.url, accept: 'application/json' }
  await asked('/oauth2/logout/cognito', headers, '')
  within(await costOf(5, pids(), () => asked('/oauth2/logout/cognito', headers, '')), 25, 503)
})

costs.run()
