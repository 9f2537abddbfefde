/** The commands of docs/operations.md do what it says. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sectionOf } from '../docs/site/markdown.ts'
import { readEnvFile } from '../src/cli/env.ts'
import { readSecretKeys } from '../src/config.ts'
import { SettingsReader } from '../src/settings.ts'
import * as assert from './support/assert.ts'
import { root } from './support/gateway.ts'
import { suite } from './support/suite.ts'

const operations = suite('docs/operations.md')
const section = sectionOf(readFileSync(join(root, 'docs/operations.md'), 'utf8'), 'secret_key') as string
const [putIn = '', takeOut = ''] = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, command]) => command)

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-operations-'))
const file = join(folder, '.env')
operations.after(() => rmSync(folder, { recursive: true, force: true }))

const sh = (command: string): string => execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' })

function keys(): string[] {
  const reader = new SettingsReader(readEnvFile(file))
  const found = readSecretKeys(reader)
  assert.equal(reader.problems, [])
  return found
}

const OLD = '5f1d7a0c93be4826d1f0a7c4e8b29360'
for (const line of [
  `SECRET_KEY=${OLD}`,
  `SECRET_KEY="${OLD}"`,
  `SECRET_KEY='${OLD}'`,
  `SECRET_KEY=${OLD} # don't share`,
  `SECRET_KEY="${OLD}" # don't share`,
]) {
  operations(`a new SECRET_KEY comes before the old one, which is taken out later: ${line.replace(OLD, 'OLD')}`, () => {
    writeFileSync(file, `A=1\n${line}\nREGISTRY_URL=https://mcp.example.com\n`)
    sh(putIn)
    const [fresh = '', ...older] = keys()
    assert.match(fresh, /^[0-9a-f]{64}$/)
    assert.equal(older, [OLD])
    sh(takeOut)
    assert.equal(keys(), [fresh])
    assert.equal([readEnvFile(file).A, readEnvFile(file).REGISTRY_URL], ['1', 'https://mcp.example.com'])
  })
}

operations.run()
