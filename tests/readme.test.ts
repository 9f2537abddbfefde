/** The README's tables say all that the code knows, so that nobody meets a word that is not explained. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '../src/cli/exit.ts'
import { LOGIN_REASONS } from '../src/cognito/login_reasons.ts'
import { REFUSALS } from '../src/gate/refusal.ts'
import * as assert from './support/assert.ts'
import { root } from './support/gateway.ts'
import { suite } from './support/suite.ts'

const readme = suite('README')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const text = read('README.md')

readme('names every reason of the validator', () => {
  for (const reason of Object.keys(REFUSALS)) assert.ok(text.includes(`\`${reason}\``), reason)
})

readme('names every reason of NGINX, and none that does not exist', () => {
  const table = [...read('nginx/gatehouse/reasons.js').matchAll(/^ {2}([a-z_0-9]+): \[\d{3},/gm)].map(([, reason]) => reason as string)
  const pages = [...read('nginx/gatehouse/refusals.conf').matchAll(/set \$gatehouse_reason ([a-z_]+);/g)].map(
    ([, reason]) => reason as string,
  )
  const others = ['policy_unavailable', 'validator_unavailable', 'list_unreadable', 'list_set_too_long']
  assert.ok(table.length > 15 && pages.length > 3)
  for (const reason of [...table, ...pages]) assert.ok(text.includes(`\`${reason}\``), reason)
  const section = text.slice(text.indexOf('## Refusals'), text.indexOf('| trouble'))
  for (const [, reason] of section.matchAll(/`([a-z_0-9]+_[a-z_0-9]+)`/g)) {
    if (['resource_metadata'].includes(reason as string)) continue
    assert.ok([...Object.keys(REFUSALS), ...table, ...pages, ...others].includes(reason as string), `${reason} is nobody's reason`)
  }
})

readme('names every setting', () => {
  const settings = [...read('.env.template').matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name as string)
  assert.ok(settings.length > 10)
  for (const name of settings) assert.ok(text.includes(`\`${name}\``), name)
})

readme('names every identity header that an MCP server gets', () => {
  const names = [
    ...read('nginx/gatehouse/backend.conf').matchAll(
      /^proxy_set_header (\S+) +\$gatehouse_(?:user|client|scopes|groups|auth|server|tool|request|trace)/gm,
    ),
  ]
  assert.ok(names.length >= 10)
  for (const [, name] of names) assert.ok(text.includes(`\`${name}\``), name)
})

readme('docs/login.md names every end of a login without a session, and every exit code', () => {
  const login = read('docs/login.md')
  for (const reason of Object.keys(LOGIN_REASONS)) assert.ok(login.includes(`\`${reason}\``), reason)
  for (const code of Object.values(EXIT)) assert.match(login, new RegExp(`^\\| (?:\\d+, )?${code}\\b`, 'm'))
})

readme.run()
