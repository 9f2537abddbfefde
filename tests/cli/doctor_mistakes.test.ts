/** `gatehouse doctor` against the whole local stack: each common mistake, made one at a time, is named. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import type { Ended } from './command.ts'
import { MISTAKES } from './doctor_mistakes.ts'
import { type DoctorStack, FILES, OTHER_KEY, show, startDoctorStack } from './doctor_stack.ts'

const mistakes = suite('gatehouse doctor names the cause')
let stack: DoctorStack
mistakes.before(async () => {
  stack = await startDoctorStack()
})
mistakes.after(() => stack.close())

/** Passes everything on to the stand-in, with another time of day. */
async function withClock<T>(seconds: number, work: (origin: string) => Promise<T>): Promise<T> {
  const target = new URL(stack.demo.settings('.env').COGNITO_DOMAIN as string)
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const passed = request(
      { host: target.hostname, port: target.port, method, path: url, headers: { ...headers, host: target.host } },
      (answer) => {
        const date = new Date(Date.now() - seconds * 1000).toUTCString()
        outgoing.writeHead(answer.statusCode ?? 0, { ...answer.headers, date })
        answer.pipe(outgoing)
      },
    )
    incoming.pipe(passed)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close()
  }
}

for (const { what, changes, names, args, env, failures } of MISTAKES) {
  mistakes(`${what}`, async () => {
    const given = stack.settings((await changes?.(stack)) ?? {}, names)
    const told = await stack.examine([...given, ...((await args?.(stack)) ?? [])], env?.(stack))
    const seen = told.failures.map(({ check }) => check)
    assert.equal(
      seen,
      failures.map(([check]) => check),
      show(told.failures),
    )
    failures.forEach(([, pattern], index) => {
      assert.match(show(told.failures.slice(index, index + 1)), new RegExp(pattern.source, 's'))
    })
    assert.is(told.code, failures.length, 'the exit code is the number of failures')
    assert.ok(told.failures.every(({ remedy }) => remedy))
    assertNoSecret(told)
  })
}

/** Nothing that the settings hold in secret, nor any token or seal. */
function assertNoSecret({ stdout, stderr }: Ended): void {
  const secrets = FILES.flatMap((name) => ['SECRET_KEY', 'COGNITO_CLIENT_SECRET'].map((key) => stack.demo.settings(name)[key] ?? ''))
  for (const secret of [...secrets, OTHER_KEY, 'mysecretkey', 'wrong-secret-000', 'eyJ', 'Fe26']) {
    if (secret !== '') assert.not.match(stdout + stderr, secret)
  }
}

for (const [seconds, status, evidence] of [
  [45, 'warning', /the clock here is 4[45] seconds ahead of that of Cognito/],
  [-75, 'failure', /the clock here is 7[56] seconds behind that of Cognito.*NTP/s],
] as const) {
  mistakes(`a clock that is off by ${seconds} seconds`, async () => {
    const told = await withClock(seconds, (origin) => {
      const issuer = `${origin}/us-east-1_GatehouseDemo`
      return stack.examine([...stack.settings({ '.env': { COGNITO_ISSUER: issuer } }, ['.env']), '--no-nginx'])
    })
    const found = told.findings.find(({ check }) => check === 'clock')
    assert.is(found?.status, status, show(told.findings))
    assert.match(show(found === undefined ? [] : [found]), evidence)
  })
}

mistakes.run()
