/** The official suite's scenarios for authorization servers, against the gateway's face of one. Chromium plays the user. */

import { createPerson, type Person } from '../clients/person.ts'
import * as assert from '../support/assert.ts'
import { type Chromium, startChromium } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { runSuite } from './official.ts'

const conformance = suite('conformance of the authorization server')
let demo: Demo
let chromium: Chromium
let person: Person

conformance.before(async () => {
  ;[demo, chromium] = await Promise.all([startDemo(), startChromium()])
  person = await createPerson(chromium, demo.user('DEMO_USER'), /^http:\/\/127\.0\.0\.1:\d+\/callback/)
})
conformance.after(async () => {
  await person?.close()
  await Promise.all([demo?.close(), chromium?.close()])
})

async function register(redirectUri: string): Promise<string> {
  const answer = await fetch(`${demo.url}/oauth2/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Conformance', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }),
  })
  assert.is(answer.status, 201)
  return String(((await answer.json()) as Record<string, unknown>).client_id)
}

const PASSED = {
  'authorization-code-grant': ['SUCCESS authorization-code-grant'],
  'authorization-server-metadata-endpoint': ['SUCCESS authorization-server-metadata', 'SUCCESS authorization-server-metadata-cimd'],
}

/** Each revision once; once for one MCP server alone. */
const RUNS: ReadonlyArray<[revision: string, path: string | null]> = [
  ['2025-11-25', null],
  ['2026-07-28', '/currenttime/mcp'],
]

for (const [revision, path] of RUNS)
  conformance(`${revision}${path === null ? '' : ` for ${path}`}: metadata and a whole authorization code grant`, async () => {
    const port = await freePort()
    const clientId = await register(`http://127.0.0.1:${port}/callback`)
    const args = ['authorization', '--url', demo.url, '--spec-version', revision, '--client-id', clientId, '-p', String(port)]
    if (path !== null) args.push('--resource', demo.url + path)
    const scenarios = await runSuite(args, async (running) => {
      const asked = (): string | undefined => /^http\S+\/oauth2\/authorize\?\S+$/m.exec(running.output())?.[0]
      await until('the suite asks for a login', () => asked() !== undefined)
      await person.follow(asked() as string)
    })
    console.log(`  ${revision}: ${scenarios.map(({ name, checks }) => `${name}: ${checks.join(', ')}`).join('; ')}`)
    assert.equal(
      scenarios.flatMap(({ complaints }) => complaints),
      [],
    )
    assert.equal(Object.fromEntries(scenarios.map(({ name, checks }) => [name, checks])), PASSED)
  })

conformance.run()
