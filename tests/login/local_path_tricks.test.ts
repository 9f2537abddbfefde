import { readFileSync } from 'node:fs'
import { localPath } from '../../src/login/local_path.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { formsOf, GATEWAY, objection, show } from './local_path_oracle.ts'

const tries = suite('ways to lead a browser away')

const tricks: Record<string, string[]> = JSON.parse(readFileSync(new URL('open_redirects.json', import.meta.url), 'utf8'))
/** How many of the texts, in all their forms, are taken. */
function countTaken(texts: Iterable<string>): number {
  let taken = 0
  for (const text of texts) {
    for (const form of formsOf(text)) {
      const wrong = objection(form)
      if (wrong !== '') assert.unreachable(wrong)
      if (localPath(form, GATEWAY) !== null) taken += 1
    }
  }
  return taken
}

for (const [family, texts] of Object.entries(tricks)) {
  tries(`${family}: none of ${texts.length} leads anywhere`, () => {
    for (const text of texts) assert.is(localPath(text, GATEWAY), null, show(text))
  })

  tries(`${family}: in another form, none leads away`, () => {
    countTaken(texts)
  })
}

tries('those that are listed are many, and many would lead a browser away', () => {
  const all = Object.values(tricks).flat()
  const leaving = all.filter((text) => !URL.canParse(text, GATEWAY) || new URL(text, GATEWAY).origin !== GATEWAY)
  const seemingLocal = leaving.filter((text) => text.startsWith('/') || text.startsWith(GATEWAY))
  assert.is(new Set(all).size, all.length)
  assert.ok(all.length > 600 && leaving.length > 200 && seemingLocal.length > 120, `${all.length} ${leaving.length} ${seemingLocal.length}`)
})

const BEGINNINGS = [
  '',
  '/',
  '//',
  '\\',
  '/\\',
  '/.',
  '/./',
  '/../',
  '/a/',
  '/a/../',
  '.',
  'http:',
  'https:',
  'https://',
  GATEWAY,
  `${GATEWAY}/`,
]
const MIDDLES = [...'/\\\t\n\0 .@:;?#%\u3031\uff0f\u3002\u200b', '', '\r\n', '%2f', '%5c', '%09', '%2e', '%255c']
const ENDS = [...['', '/', '..', '/..', ':443', '[::1]'], ...['', '/', '\\', '@', '.', '%2f', '%252f'].map((one) => `${one}evil.example`)]

function* combinations(): Generator<string> {
  for (const beginning of BEGINNINGS) {
    for (const one of MIDDLES) for (const two of MIDDLES) for (const end of ENDS) yield beginning + one + two + end
  }
}

tries('no combination of their parts leads away', () => {
  const taken = countTaken(combinations())
  assert.ok(taken > 1000, `${taken} were taken`)
})

tries.run()
