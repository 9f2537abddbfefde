/**
 * How much memory the validator takes in the end, by hand:
 *
 *   node build.js && node --import tsx tests/support/memory.ts [requests] [tokens] [arguments of node…]
 *
 * Sends 1,000,000 questions with 100,000 different tokens, 64 at a time, and prints the resident memory before and after. The validator is
 * started as in its image, unless other arguments are given.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportPKCS8 } from 'jose'
import { POLICY, root, SECRET_KEY } from './gateway.ts'
import { now, startIssuer } from './issuer.ts'
import { manyTokens } from './many_tokens.ts'
import { freePort, until } from './process.ts'

const CONNECTIONS = 64
const [requests = '1000000', count = '100000', ...program] = process.argv.slice(2)

const issuer = await startIssuer()
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-memory-'))
const scopesFile = join(folder, 'scopes.yml')
writeFileSync(scopesFile, POLICY)
const time = now()
const tokens = await manyTokens({
  privateKey: await exportPKCS8(issuer.key.privateKey),
  kid: issuer.key.kid,
  claims: { sub: 'agent', token_use: 'access', scope: 'test/now', iss: issuer.issuer, exp: time + 7200, iat: time, client_id: 'agent' },
  count: Number(count),
})
const port = await freePort()
const [, entry = '[]'] =
  /^FROM runtime AS validator$[\s\S]*^ENTRYPOINT (.*)$/m.exec(readFileSync(join(root, 'docker/validator.Dockerfile'), 'utf8')) ?? []
const asInImage = (JSON.parse(entry) as string[]).slice(1).map((argument) => argument.replace(/^\/app\//, `${root}/`))
const validator = spawn(process.execPath, program.length > 0 ? program : asInImage, {
  env: {
    PATH: process.env.PATH,
    MALLOC_ARENA_MAX: '1',
    COGNITO_USER_POOL_ID: issuer.poolId,
    COGNITO_ISSUER: issuer.issuer,
    ALLOWED_CLIENT_IDS: 'agent',
    SECRET_KEY,
    REGISTRY_URL: 'http://localhost:8000',
    SCOPES_FILE: scopesFile,
    VALIDATOR_LISTEN: `127.0.0.1:${port}`,
  },
  stdio: ['ignore', 'ignore', 'inherit'],
})
const resident = (field: string): string => {
  const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${validator.pid}/status`, 'utf8')) ?? []
  return `${(Number(kilobytes) / 1024).toFixed(1)} MB`
}
await until('the validator is ready', () =>
  fetch(`http://127.0.0.1:${port}/ready`).then(
    ({ ok }) => ok,
    () => false,
  ),
)
process.stdout.write(`before: ${resident('VmRSS')}\n`)
const started = performance.now()
let sent = 0
await Promise.all(Array.from({ length: CONNECTIONS }, ask))
const seconds = (performance.now() - started) / 1000
process.stdout.write(
  `after ${sent} requests with ${tokens.length} tokens in ${seconds.toFixed(0)} s: ${resident('VmRSS')}, most ${resident('VmHWM')}\n`,
)
validator.kill()
await issuer.close()
rmSync(folder, { recursive: true })

/** Asks one question after the other on a connection of its own; throws for an answer that is no yes. */
function ask(): Promise<void> {
  const socket = createConnection(port, '127.0.0.1')
  const next = (): void => {
    if (sent >= Number(requests)) {
      socket.end()
      return
    }
    const token = tokens[sent % tokens.length]
    sent += 1
    socket.write(
      `GET /validate HTTP/1.1\r\nHost: validator\r\nAuthorization: Bearer ${token}\r\nX-Mcp-Server: currenttime\r\n` +
        `X-Mcp-Http-Method: POST\r\nX-Original-URL: /currenttime/mcp\r\nX-Request-Id: 0123456789abcdef0123456789abcdef\r\n\r\n`,
    )
  }
  return new Promise((done, fail) => {
    socket.on('data', (answer) => {
      if (!answer.toString('latin1').startsWith('HTTP/1.1 204 ')) fail(new Error(answer.toString('latin1')))
      else next()
    })
    socket.once('connect', next)
    socket.once('close', () => done())
    socket.once('error', fail)
  })
}
