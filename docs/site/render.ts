/** How the site reads Markdown: parts of other files in place, links to where things are on the site, pictures drawn in the page. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path/posix'
import type { MarkdownRenderer } from 'vitepress'
import type { Addresses } from './pages.ts'
import { fromRoot, withParts } from './parts.ts'

interface Page {
  path: string
  realPath?: string
}

type Token = ReturnType<MarkdownRenderer['parse']>[number]

/**
 * Teaches a renderer of VitePress these things.
 * @param root of the repository
 * @param linked is told of every file that is no page
 */
export function extend(md: MarkdownRenderer, root: string, addresses: Addresses, linked: (file: string) => void): void {
  const fileOf = (page: Page): string => relative(root, page.realPath ?? page.path)
  const parse = md.parse.bind(md)
  md.parse = (text, page: Page) => parse(withParts(root, fileOf(page), text), page)
  md.core.ruler.push('links_of_the_repository', ({ tokens, env }) => {
    for (const { children } of tokens)
      for (const token of children ?? [])
        if (token.type === 'link_open' && token.attrGet('class') !== 'header-anchor') lead(token, fileOf(env), addresses, linked)
  })
  const image = md.renderer.rules.image
  md.renderer.rules.image = (tokens, index, options, page: Page, self) => {
    const source = fromRoot(fileOf(page), tokens[index]?.attrGet('src') ?? '')
    if (/^\/docs\/.*\.svg$/.test(source)) return drawn(readFileSync(join(root, source), 'utf8'))
    return image?.(tokens, index, options, page, self) ?? ''
  }
}

/** Leads a link to its place on the site. What is no page is fetched by the browser, not by the site's own script. */
function lead(token: Token, file: string, addresses: Addresses, linked: (file: string) => void): void {
  const target = token.attrGet('href') ?? ''
  if (target.startsWith('#')) return
  const address = addresses.of(file, target)
  if (address === null) return
  token.attrSet('href', address.url)
  if (address.file === undefined) return
  token.attrSet('target', '_self')
  linked(address.file)
}

/** A picture of docs/ as a part of the page, so that it follows the page's light and dark. Templates of Vue take no `<style>` but by this way. */
const drawn = (svg: string): string =>
  svg
    .replaceAll(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, '')
    .replaceAll('<style>', `<component :is="'style'">`)
    .replaceAll('</style>', '</component>')
    .trim()
