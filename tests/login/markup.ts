/** Reads the tags of a rendered page. Strict: what is no plain tag or escaped text throws. */

export interface Tag {
  name: string
  attributes: Map<string, string>
}

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'" }
const decode = (text: string): string => text.replace(/&(?:lt|gt|amp|quot|#39);/g, (entity) => ENTITIES[entity] as string)

const TAG = /<(\/?)([a-z][a-z0-9]*)((?: [A-Za-z-]+="[^"<>]*")*) ?\/?>/y

/** The opening tags in their order, and the text between all tags. */
export function read(html: string): { tags: Tag[]; text: string } {
  const tags: Tag[] = []
  let text = ''
  let at = '<!doctype html>'.length
  while (at < html.length) {
    if (html[at] !== '<') {
      const end = html.indexOf('<', at)
      const part = html.slice(at, end < 0 ? undefined : end)
      if (part.includes('>')) throw new Error(`unescaped: ${part}`)
      text += decode(part)
      at += part.length
      continue
    }
    TAG.lastIndex = at
    const [whole, slash, name, attributes] = TAG.exec(html) ?? []
    if (whole === undefined) throw new Error(`no tag: ${html.slice(at, at + 200)}`)
    if (slash === '') tags.push({ name: name as string, attributes: attributesOf(attributes as string) })
    at += whole.length
  }
  return { tags, text }
}

const attributesOf = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/([A-Za-z-]+)="([^"]*)"/g)].map(([, name, value]) => [name as string, decode(value as string)]))

/** The tags of a name. */
export const named = (tags: readonly Tag[], name: string): Tag[] => tags.filter((tag) => tag.name === name)

/** The values of an attribute, over all tags that have it. */
export const valuesOf = (tags: readonly Tag[], attribute: string): string[] =>
  tags.flatMap(({ attributes }) => attributes.get(attribute) ?? [])
