/** What a tool gave, as text. */
import type { CallToolResult } from './connection.ts'

type Item = CallToolResult['content'][number]

/** Texts as they are; of what is no text, what it is. Structured content only where it is all there is. */
export function textOf({ content, structuredContent }: CallToolResult): string {
  const texts = (content ?? []).map(textOfItem)
  if (texts.length === 0 && structuredContent !== undefined) return JSON.stringify(structuredContent)
  return texts.join('\n')
}

function textOfItem(item: Item): string {
  switch (item.type) {
    case 'text':
      return item.text
    case 'image':
    case 'audio':
      return `[${item.type} ${item.mimeType}, ${Math.floor((item.data.length * 3) / 4)} bytes]`
    case 'resource':
      return 'text' in item.resource ? item.resource.text : `[resource ${item.resource.uri}]`
    case 'resource_link':
      return `[resource ${item.uri}]`
    default:
      return '[content of an unknown kind]'
  }
}
