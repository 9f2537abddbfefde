/** The documentation holds together: links and their anchors, pages of the site, and what is made from the code. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { headingsOf, linksOf, sectionOf, slugOf } from '../docs/site/markdown.ts'
import { Addresses, pageFiles, pageOf } from '../docs/site/pages.ts'
import { fromRoot, partsOf, withParts } from '../docs/site/parts.ts'
import { sidebar } from '../docs/site/sidebar.ts'
import * as assert from './support/assert.ts'
import { root } from './support/gateway.ts'
import { suite } from './support/suite.ts'

const docs = suite('documentation')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Every Markdown file of the repository, also one that is not committed yet. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))

/** Why a link of a file leads nowhere, or null. A folder stands for its README. */
function trouble(file: string, target: string): string | null {
  const path = fromRoot(file, target)
  if (!path.startsWith('/')) return /^(?:https|http|mailto):/.test(path) ? null : 'has a scheme of its own'
  const [source = '', anchor] = path.slice(1).split('#', 2)
  if (!existsSync(join(root, source))) return 'leads to no file'
  if (anchor === undefined) return null
  const page = statSync(join(root, source)).isDirectory() ? join(source, 'README.md') : source
  return page.endsWith('.md') && headingsOf(read(page)).some(({ slug }) => slug === anchor) ? null : 'has an anchor that is none'
}

docs('every link leads to a file that is there, and to a heading of it', () => {
  let links = 0
  const wrong: string[] = []
  for (const file of files)
    for (const { target } of linksOf(read(file))) {
      links++
      const why = trouble(file, target)
      if (why !== null) wrong.push(`${file}: ${target} ${why}`)
    }
  assert.equal(wrong, [])
  assert.ok(files.length > 15 && links > 120, `${files.length} files, ${links} links`)
})

docs('a link that leads nowhere is found', () => {
  assert.is(trouble('docs/policy.md', '../scopes.yml'), null)
  assert.is(trouble('docs/policy.md', '../README.md#settings'), null)
  assert.is(trouble('README.md', '/docs/policy.md#lists'), null)
  assert.is(trouble('docs/policy.md', '#lists'), null)
  assert.is(trouble('docs/policy.md', 'scopes.yml'), 'leads to no file')
  assert.is(trouble('docs/policy.md', '../README.md#setings'), 'has an anchor that is none')
  assert.is(trouble('docs/policy.md', '#list'), 'has an anchor that is none')
  assert.is(trouble('docs/policy.md', 'javascript:alert(1)'), 'has a scheme of its own')
})

docs('headings, links and sections are read as Markdown means them', () => {
  const text =
    '# A `b`: c_d – e\n\nintro [x](y.md)\n\n```sh\n# no heading [z](no.md)\n```\n## Two\n`[a](no.md)` ![p](p.svg "t") <https://a.example>\n### Deeper\n## Two\n'
  assert.equal(
    headingsOf(text).map(({ slug, level }) => `${level} ${slug}`),
    ['1 a-b-c_d--e', '2 two', '3 deeper', '2 two-1'],
  )
  assert.equal(
    linksOf(text).map(({ target }) => target),
    ['y.md', 'p.svg', 'https://a.example'],
  )
  assert.is(sectionOf(text, 'deeper'), '### Deeper')
  assert.match(sectionOf(text, 'two') as string, /^## Two\n[\s\S]*### Deeper$/)
  assert.match(sectionOf(text, '') as string, /^intro[\s\S]*```$/)
  assert.is(sectionOf(text, 'three'), null)
  assert.is(slugOf('What is wrong?'), 'what-is-wrong')
})

docs('every page is in the table of contents, once, and nothing else is', () => {
  const listed = sidebar.flatMap(({ items = [] }) => items.map(({ link = '' }) => `${link.slice(1) || 'index'}.md`))
  assert.equal(listed.sort(), pageFiles(root).map(pageOf).sort())
})

docs('every link of a page leads somewhere on the site', () => {
  const addresses = new Addresses(root)
  const urls = new Map(pageFiles(root).map((file) => [`/${pageOf(file)}`.replace(/(?:index)?\.md$/, ''), file]))
  for (const file of pageFiles(root)) {
    const text = withParts(root, file, read(file))
    assert.not.match(text, '<!-- part -->', file)
    for (const { target } of linksOf(text).filter((link) => !link.target.startsWith('#') && !link.target.endsWith('.svg'))) {
      const address = addresses.of(file, target)
      if (address === null || address.file !== undefined) continue
      const [url = '', anchor] = address.url.split('#', 2)
      const page = urls.get(url)
      assert.ok(page !== undefined, `${file}: ${target} leads to ${url}, which is no page`)
      const slugs = headingsOf(withParts(root, page, read(page))).map(({ slug }) => slug)
      assert.ok(anchor === undefined || slugs.includes(anchor), `${file}: ${target} leads to ${address.url}, where that heading is not`)
    }
  }
})

docs('no section is shown by two pages', () => {
  const parts = pageFiles(root).flatMap((file) => partsOf(file, read(file)))
  assert.ok(parts.length > 5)
  assert.equal(parts, [...new Set(parts)])
})

docs('the reference is what the code says', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'docs/site/reference/write.ts', '--check'], {
    cwd: root,
    encoding: 'utf8',
  })
  assert.is(status, 0, stderr)
})

docs('the picture of the flow has a title and a description, and asks nobody for anything', () => {
  const svg = read('docs/flow.svg')
  const [, labels = ''] = /aria-labelledby="([^"]+)"/.exec(svg) ?? []
  assert.match(svg, /<svg [^>]*role="img"/)
  assert.is(labels.split(' ').length, 2)
  for (const id of labels.split(' ')) assert.match(svg, new RegExp(`<(?:title|desc) id="${id}">[^<]{10,}`))
  assert.ok((svg.match(/<text/g) ?? []).length > 15)
  assert.not.match(svg, /href|url\(|@import|<script|<image|<foreignObject/)
  assert.ok(svg.length < 10_000)
})

docs.run()
