/** What the site and the tests have to know of a Markdown file: its headings, their anchors, its links. Code in it counts for nothing. */

export interface Heading {
  level: number
  /** The anchor that GitHub and the site give it. */
  slug: string
  /** The number of its line, from 0. */
  line: number
}

export interface Link {
  target: string
  /** Where the target stands in the text. */
  start: number
}

/** A heading as an anchor, by GitHub's rule: letters, digits, `_` and hyphens stay, each space becomes a hyphen. */
export const slugOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')

/** The text with code replaced by spaces, so that every other character stays where it is. */
function withoutCode(text: string): string {
  const blank = (code: string): string => code.replaceAll(/[^\n]/g, ' ')
  return text.replaceAll(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^ *\2[^\n]*$/gm, blank).replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, blank)
}

/** The headings in their order; a repeated one gets a number behind its anchor. */
export function headingsOf(text: string): Heading[] {
  const lines = text.split('\n')
  const seen = new Map<string, number>()
  return withoutCode(text)
    .split('\n')
    .flatMap((plain, line) => {
      const level = /^(#{1,6}) /.exec(plain)?.[1]?.length
      if (level === undefined) return []
      const words = (lines[line] as string).slice(level + 1).replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      const slug = slugOf(words)
      const times = seen.get(slug) ?? 0
      seen.set(slug, times + 1)
      return [{ level, slug: times === 0 ? slug : `${slug}-${times}`, line }]
    })
}

/** Targets of links and pictures, of the forms `[words](target)` and `<https://…>`. */
export function linksOf(text: string): Link[] {
  return [...withoutCode(text).matchAll(/\]\(([^()\s]+(?:\([^()\s]*\))?)[^()]*\)|<(https?:[^>\s]+)>/g)].map((match) => {
    const target = (match[1] ?? match[2]) as string
    return { target, start: match.index + match[0].indexOf(target) }
  })
}

/** The text with each target of a link replaced by what `replace` makes of it. */
export function withLinks(text: string, replace: (target: string) => string): string {
  return linksOf(text).reduceRight(
    (changed, { target, start }) => changed.slice(0, start) + replace(target) + changed.slice(start + target.length),
    text,
  )
}

/**
 * A section with its heading, up to the next heading that is no deeper; without a slug what stands between the title and the first section.
 * Null when there is no such heading.
 */
export function sectionOf(text: string, slug: string): string | null {
  const lines = text.split('\n')
  const headings = headingsOf(text)
  const from = slug === '' ? headings.findIndex(({ level }) => level === 1) : headings.findIndex((heading) => heading.slug === slug)
  const first = headings[from]
  if (first === undefined) return null
  const next = headings.slice(from + 1).find(({ level }) => slug === '' || level <= first.level)
  return lines
    .slice(first.line + (slug === '' ? 1 : 0), next?.line)
    .join('\n')
    .trim()
}
