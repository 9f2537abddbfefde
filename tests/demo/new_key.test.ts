/** Keys that are made and at once exported, again and again, by a process whose garbage is collected often. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const run = promisify(execFile)
const keys = suite('new keys')

/** A key of `generateKeyPairSync` itself hangs Node 20 before the end of it, nearly always. What is kept lets garbage be collected at all kinds of moments. */
const SCRIPT = `
import { newPrivateKey } from './src/demo/new_key.ts'
const kept = []
for (let count = 0; count < 8000; count += 1) {
  kept[count % 8] = 'x'.repeat(count % 61).split('')
  newPrivateKey('ec', { namedCurve: 'P-256' }).export({ format: 'jwk' })
}
console.log('all', newPrivateKey('rsa', { modulusLength: 2048 }).asymmetricKeyDetails.modulusLength)
`

keys('can be exported while garbage is collected', async () => {
  const args = ['--import', 'tsx', '--max-semi-space-size=1', '--input-type=module', '-e', SCRIPT]
  const { stdout } = await run(process.execPath, args, { cwd: root, timeout: 90_000, killSignal: 'SIGKILL' })
  assert.is(stdout, 'all 2048\n')
})

keys.run()
