/**
 * Pages that show a part of another file, so that no text stands twice:
 *
 *     <!-- part -->
 *     [How a request goes](../README.md#how-a-request-goes)
 *
 * On the site the section stands in place of the link; where Markdown is shown as it is, the link leads to it. Without an anchor the part is
 * what stands between the title and the first section.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { sectionOf, withLinks } from './markdown.ts'

const PART = /^<!-- part -->\n\[[^\]\n]*\]\(([^)#\s]+)(?:#([^)\s]+))?\)$/gm

const isElsewhere = (target: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(target)

/** A link's target of a file as a path from the root of the repository, anchor included: `/docs/policy.md#lists`. */
export function fromRoot(file: string, target: string): string {
  if (isElsewhere(target)) return target
  const [path = '', anchor] = target.split('#', 2)
  const whole = path === '' ? file : path.startsWith('/') ? path.slice(1) : join(dirname(file), path)
  return `/${whole}${anchor === undefined ? '' : `#${anchor}`}`
}

/** Which sections of which files a page shows, as paths from the root with their anchors. */
export const partsOf = (file: string, text: string): string[] =>
  [...text.matchAll(PART)].map(([, path = '', slug]) => fromRoot(file, slug === undefined ? path : `${path}#${slug}`))

/**
 * The text of a page with its parts in place.
 * @param root of the repository
 * @param file of the page, from there
 */
export function withParts(root: string, file: string, text: string): string {
  return text.replaceAll(PART, (_, path: string, slug = '') => {
    const source = fromRoot(file, path).slice(1)
    const part = sectionOf(readFileSync(join(root, source), 'utf8'), slug)
    if (part === null) throw new Error(`${file}: ${source} has no section #${slug}`)
    return withLinks(part, (target) => fromRoot(source, target))
  })
}
