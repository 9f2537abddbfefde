import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { promisify } from 'node:util'
import { createClient } from '@redis/client'
import * as assert from '../support/assert.ts'
import { freePort, until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { startValkey } from '../support/valkey.ts'
import { LATER } from './ended_contract.ts'
import { answers, begin, closeWatched, fake, reports, type Watched, watch } from './watched.ts'

const refused = suite('a Valkey server that refuses')

refused.after.each(closeWatched)

const reported = ({ states }: Watched, pattern: RegExp) =>
  until(`${pattern} is reported`, () => states.some((state) => pattern.test(state)))

refused('a wrong password, none, or an unknown user is reported without it', async () => {
  const server = await startValkey({ password: 'right' })
  for (const [account, expected] of [
    [':wr%6Fng@', /^WRONGPASS/],
    ['', /^NOAUTH/],
    ['nobody:right@', /^WRONGPASS/],
  ] as const) {
    const watched = watch(`redis://${account}127.0.0.1:${server.port}`)
    assert.is((await watched.ask()).answer, 'unavailable')
    await reported(watched, expected)
    assert.is((await watched.ask()).answer, 'unavailable')
  }
  await server.stop()
})

refused('a permission that is missing is found at the start', async () => {
  const server = await startValkey({ args: ['--user', 'gate', 'on', '>secret', '~other:*', '+@all'] })
  const watched = watch(`redis://gate:secret@127.0.0.1:${server.port}`)
  assert.is((await watched.ask()).answer, 'unavailable')
  await reported(watched, /^NOPERM/)
  await server.stop()
})

refused('no password gets into a message, not even a part of it', async () => {
  const quoted = '-ERR unknown command `AUTH`, with args beginning with: `hunter2'
  for (const reply of [`${quoted}\r\n`, `${quoted}\`, \r\n`, '-ERR hunter2 and more is wrong\r\n', '+hunter2 and more\r\n!']) {
    const quoting = await fake((socket) => socket.once('data', () => socket.end(reply)))
    const watched = watch(quoting.url.replace('//', '//:hunter2%20and%20more@'))
    const error = await watched.store.note('x', LATER).catch(String)
    await reported(watched, /./)
    assert.not.match(`${watched.states} ${error}`, /hunter2/)
    quoting.stop()
  }
})

refused('one that may no longer be written to is left for another of its name', async () => {
  const server = await startValkey()
  const watched = watch(server.url)
  const raw = await createClient({ url: server.url }).connect()
  await begin(watched)
  await raw.sendCommand(['REPLICAOF', '127.0.0.1', '1'])
  const before = (await raw.info('stats')).match(/total_connections_received:(\d+)/)?.[1]
  assert.match(String(await watched.store.note('x', LATER).catch(String)), /READONLY/)
  // Its primary cannot be reached: what was noted since nobody here would know.
  await reported(watched, /READONLY/)
  assert.is((await watched.ask()).answer, 'unavailable')
  assert.ok(Number((await raw.info('stats')).match(/total_connections_received:(\d+)/)?.[1]) > Number(before))
  await raw.sendCommand(['REPLICAOF', 'NO', 'ONE'])
  await answers(watched, true)
  assert.is(await watched.store.note('x', LATER), true)
  raw.destroy()
  await server.stop()
})

refused('one that takes no more notes is still asked', async () => {
  const server = await startValkey({ args: ['--maxmemory', '1', '--maxmemory-policy', 'noeviction'] })
  const watched = watch(server.url)
  await answers(watched, false)
  assert.match(String(await watched.store.note('x', LATER).catch(String)), /OOM/)
  assert.match(String(await watched.store.noteUser('rosa', 1, LATER).catch(String)), /OOM/)
  assert.is((await watched.ask()).answer, false)
  assert.is(reports(watched), 'ok')
  await server.stop()
})

refused('TLS tells the name of the host, which servers behind one address need', async () => {
  const names: string[] = []
  const server = createServer({ SNICallback: (name, done) => done(new Error(String(names.push(name)))) }).on('tlsClientError', () => {})
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const [named, addressed] = [watch(`valkeys://localhost:${port}`), watch(`rediss://127.0.0.1:${port}`)]
  await reported(named, /^E/)
  await reported(addressed, /^E/)
  assert.equal([...new Set(names)], ['localhost'])
  await closeWatched()
  server.close()
})

refused('a certificate is good when its issuer is trusted and it names the host', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-valkey-tls-'))
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')]
  const made = ['-subj', '/CN=x', '-addext', 'subjectAltName=DNS:localhost', '-days', '1', '-keyout', key, '-out', certificate]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...made], { stdio: 'pipe' })
  const port = await freePort()
  const tls = ['--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key, '--tls-auth-clients', 'no']
  const server = await startValkey({ args: tls })
  const code = `import { watch, closeWatched } from './tests/session/watched.ts'
    const watched = [watch('valkeys://localhost:${port}'), watch('rediss://127.0.0.1:${port}')]
    while (!watched.every(({ states }) => states.length > 0)) await new Promise((done) => setTimeout(done, 20))
    console.log(watched.map(({ states }) => states.at(-1)).join(' '))
    await closeWatched()`
  const ask = async (env: Record<string, string>): Promise<string> => {
    const options = { env: { PATH: process.env.PATH, ...env }, timeout: 20_000 }
    return (await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], options)).stdout.trim()
  }
  assert.is(await ask({ NODE_EXTRA_CA_CERTS: certificate }), 'ok ERR_TLS_CERT_ALTNAME_INVALID')
  assert.is(await ask({}), 'DEPTH_ZERO_SELF_SIGNED_CERT DEPTH_ZERO_SELF_SIGNED_CERT')
  await server.stop()
  rmSync(folder, { recursive: true })
})

refused.run()
