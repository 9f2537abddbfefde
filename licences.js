/** Whose code stands in the programs besides our own, and on what terms: each licence asks that its text goes along. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** From the first such folder on, since node_modules may be a link to another place. */
const PACKAGE = /(?<=^|\/)node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+(?=\/)/
const TEXTS = /^(?:licen[cs]e|copying|unlicense|notice|copyright|third.?party)/i

/**
 * The packages that files belong to, by name and version.
 * @param files paths below the project's folder, as bundle() gives them
 * @returns of each: path, name, version, licence (SPDX) and its text, which is not always in the package
 */
export function packagesOf(files) {
  const paths = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []))
  const packages = [...paths].map((path) => {
    const folder = join(import.meta.dirname, path)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const { name, version, license } = manifest
    return { path, name, version, license, text: textIn(folder) ?? standardText(manifest) }
  })
  return packages.sort((one, other) => (`${one.name} ${one.version}` < `${other.name} ${other.version}` ? -1 : 1))
}

function textIn(folder) {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && TEXTS.test(entry.name))
  const texts = files.map(({ name }) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
  return texts.length === 0 ? null : texts.sort().join('\n\n')
}

/** Some packages only name their licence. */
function standardText({ name, license, author = `the authors of ${name}` }) {
  if (license === 'Apache-2.0') return readFileSync(join(import.meta.dirname, 'LICENSE'), 'utf8').trim()
  if (license === 'MIT') return `MIT License\n\nCopyright (c) ${author.name ?? author}\n\n${MIT}`
  throw new Error(`${name} has no file with the text of its licence, ${license}, and licences.js does not know it either`)
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

/** The file for those who are given the programs: packages that share a text, to the letter, stand above it together. */
export function notices(packages) {
  const above = new Map()
  for (const { name, version, license, text } of packages) above.set(text, [...(above.get(text) ?? []), `${name} ${version} (${license})`])
  const parts = [...above].map(([text, names]) => `${'='.repeat(80)}\n${names.join('\n')}\n${'-'.repeat(80)}\n\n${text}\n`)
  return `The programs beside this file hold code of the packages below, each on the terms that follow its name.\n\n${parts.join('\n')}`
}
