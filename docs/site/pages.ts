/** Which file is which page of the site, and where a link of a file leads there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path/posix'
import { fromRoot, partsOf } from './parts.ts'

/** Files outside of docs/ that are pages as they stand. */
const PAGES: Readonly<Record<string, string>> = {
  'SECURITY.md': 'security.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'bench/README.md': 'performance.md',
  'bench/results.md': 'results.md',
  'docker/README.md': 'docker.md',
  'deploy/cognito/README.md': 'cognito-stack.md',
}

/** Sections of the README that have a page of their own on the site, which says more. Those that a page shows are found by themselves. */
const README: Readonly<Record<string, string>> = {
  '': '/',
  settings: '/reference/settings',
  'headers-that-mcp-servers-get': '/reference/headers',
  'how-fast': '/performance',
}

/** The page of a Markdown file, or null for one that is none. */
export const pageOf = (file: string): string | null => PAGES[file] ?? (file.startsWith('docs/') ? file.slice('docs/'.length) : null)

/** Every Markdown file that is a page. */
export function pageFiles(root: string): string[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  return [...Object.keys(PAGES), ...below.filter((name) => name.endsWith('.md') && !/(?:^|\/)\./.test(name)).map((name) => `docs/${name}`)]
}

export interface Address {
  url: string
  /** A file that is no page, and is laid beside the pages. */
  file?: string
}

const addressOf = (page: string): string => `/${page.replace(/\.md$/, '').replace(/(?:^|(?<=\/))index$/, '')}`

/** Where a file that is no page is laid on the site: nothing there begins with a dot, which web servers like to hide. */
export const laidAs = (file: string): string => `files/${file}`.replaceAll('/.', '/')

export class Addresses {
  readonly #root: string
  /** Sections of other files, by the page that shows them. */
  readonly #shown = new Map<string, string>()

  constructor(root: string) {
    this.#root = root
    for (const file of pageFiles(root))
      for (const part of partsOf(file, readFileSync(join(root, file), 'utf8'))) this.#shown.set(part, addressOf(pageOf(file) as string))
  }

  /** Where the link of a file leads on the site; null for a link to elsewhere. */
  of(file: string, target: string): Address | null {
    const path = fromRoot(file, target)
    if (!path.startsWith('/')) return null
    const [source = '', anchor = ''] = path.slice(1).split('#', 2)
    if (source === 'README.md') return { url: this.#readme(file, anchor) }
    const page = pageOf(this.#withReadme(source))
    if (page?.endsWith('.md')) return { url: addressOf(page) + (anchor === '' ? '' : `#${anchor}`) }
    if (!existsSync(join(this.#root, source))) throw new Error(`${file}: there is no ${source}`)
    return { url: `/${laidAs(source.replace(/\/$/, ''))}${this.#isFolder(source) ? '/' : '.txt'}`, file: source }
  }

  #readme(file: string, anchor: string): string {
    const shown = this.#shown.get(`/README.md#${anchor}`)
    const url = shown === undefined ? README[anchor] : `${shown}#${anchor}`
    if (url === undefined) throw new Error(`${file}: no page shows README.md#${anchor}`)
    return url
  }

  /** A folder stands for its README, as where Markdown is shown as it is. */
  #withReadme(source: string): string {
    const readme = join(source, 'README.md')
    return this.#isFolder(source) && existsSync(join(this.#root, readme)) ? readme : source
  }

  #isFolder(source: string): boolean {
    return statSync(join(this.#root, source), { throwIfNoEntry: false })?.isDirectory() ?? false
  }
}
