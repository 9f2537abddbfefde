/**
 * Writes docs/reference from the code.
 *
 *   node --import tsx docs/site/reference/write.ts            writes the pages
 *   node --import tsx docs/site/reference/write.ts --check    changes nothing; exit code 1 when one is not what the code says
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { commands } from './commands.ts'
import { headers } from './headers.ts'
import { ROOT, read } from './page.ts'
import { refusals } from './refusals.ts'
import { settings } from './settings.ts'

const FOLDER = 'docs/reference/'
const pages = { 'settings.md': settings(), 'refusals.md': refusals(), 'headers.md': headers(), 'commands.md': await commands() }

mkdirSync(ROOT + FOLDER, { recursive: true })
for (const [name, text] of Object.entries(pages)) {
  const path = FOLDER + name
  if (existsSync(ROOT + path) && read(path) === text) continue
  if (!process.argv.includes('--check')) writeFileSync(ROOT + path, text)
  else {
    process.stderr.write(`${path} is not what the code says: node --import tsx docs/site/reference/write.ts\n`)
    process.exitCode = 1
  }
}
