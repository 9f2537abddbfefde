import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import { localPath } from '../../src/login/local_path.ts'
import * as assert from '../support/assert.ts'
import { createRandom, type Random, SEED } from '../support/random.ts'

const tries = suite('ways to lead a browser away')

console.log(`seed ${SEED}`)

const GATEWAY = 'https://mcp.example.com'
const tricks: Record<string, string[]> = JSON.parse(readFileSync(new URL('open_redirects.json', import.meta.url), 'utf8'))
const show = (text: string): string => JSON.stringify(text)

/** Whether a browser that is sent there stays. */
function stays(path: string): boolean {
  if (!path.startsWith('/') || /^\/[/\\]/.test(path)) return false
  return URL.canParse(path, GATEWAY) && new URL(path, GATEWAY).origin === GATEWAY
}

/** What is wrong with the answer for this text; empty when nothing is. */
function objection(text: string): string {
  const path = localPath(text, GATEWAY)
  if (path === null) return ''
  if (!stays(path)) return `${show(text)} gives ${show(path)}, which leaves`
  if (!/^[\x21-\x7e]+$/.test(path)) return `${show(text)} gives ${show(path)}, which is not plain`
  if (localPath(path, GATEWAY) !== path || localPath(GATEWAY + path, GATEWAY) !== path) return `${show(path)} does not give itself`
  const { href } = new URL(path, `${GATEWAY}/some/where`)
  return href === GATEWAY + path ? '' : `${show(path)} is ${href} to a browser`
}

/** As a lenient server would, byte by byte. */
const decode = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
const formsOf = (text: string): string[] => [text, decode(text), decode(decode(text)), encodeURI(text.toWellFormed())]

/** How many of the texts, in all their forms, are taken. */
function countTaken(texts: Iterable<string>): number {
  let taken = 0
  for (const text of texts) {
    for (const form of formsOf(text)) {
      const wrong = objection(form)
      if (wrong !== '') assert.unreachable(`seed ${SEED}: ${wrong}`)
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

const CHARACTERS = [...'//\\\\..@:?#%;&=~-_aZ09 \t\n\r\0\'"<>[]{}|^`\u00e9\u3031\u3002\u2028\u200b\ud800']
const PIECES = [...CHARACTERS, '%2f', '%5C', '%2e', '%00', '%0a', 'https:', GATEWAY, 'evil.example']

function* randomTexts(random: Random): Generator<string> {
  for (let left = 100_000; left > 0; left -= 1) {
    yield (random.once(3) ? '' : '/') + Array.from({ length: random.below(9) }, () => random.pick(PIECES)).join('')
  }
}

tries('no random text leads away', () => {
  const taken = countTaken(randomTexts(createRandom(SEED)))
  assert.ok(taken > 500, `${taken} were taken`)
})

tries.run()
