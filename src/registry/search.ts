/** Finding tools by plain words: a full-text index over what is known of them. */
import MiniSearch, { type SearchOptions } from 'minisearch'
import { parametersOf, type Tool } from './tool.ts'
import { rootOf, wordsOf } from './words.ts'

export interface Findable {
  server: string
  tags: readonly string[]
  tool: Tool
}

export type Found = Findable & { score: number }

export interface Search {
  /** The best first; equals in the order in which they were given. */
  find(query: string, limit: number): Found[]
}

/** What a match in a field is worth. A name is what its author took most care of; an argument is the least of a tool. */
const WORTH = { name: 4, title: 2, tags: 2, description: 1.5, server: 1, parameters: 0.8, remarks: 0.5 }

/** A question of more words is cut off. */
const MAX_WORDS = 32

type Field = keyof typeof WORTH

/** A word counts also where it is only begun or mistyped. Two letters begin half of all words, and four are too few to forgive one. */
const OPTIONS: SearchOptions = {
  boost: WORTH,
  tokenize: (query) => [...new Set(wordsOf(query).filter((word) => rootOf(word) !== null))].slice(0, MAX_WORDS),
  prefix: (root) => root.length > 2,
  fuzzy: (root) => (root.length > 4 ? 0.2 : false),
  maxFuzzy: 2,
}

/** Tools between two pauses in which others may be answered. */
const CHUNK = 100

const FIELDS: Record<Field, (item: Findable) => string> = {
  name: ({ tool }) => tool.name,
  title: ({ tool }) => tool.title,
  tags: ({ tags }) => tags.join(' '),
  description: ({ tool }) => tool.description,
  server: ({ server }) => server,
  parameters: ({ tool }) =>
    parametersOf(tool)
      .map(({ name }) => name)
      .join(' '),
  remarks: ({ tool }) =>
    parametersOf(tool)
      .map(({ description }) => description)
      .join(' '),
}

/** Indexes tools; other work goes on meanwhile. */
export async function createSearch(items: readonly Findable[]): Promise<Search> {
  const index = new MiniSearch<{ id: number; item: Findable }>({
    fields: Object.keys(FIELDS),
    extractField: ({ id, item }, field) => (field === 'id' ? id : FIELDS[field as Field](item)),
    tokenize: wordsOf,
    processTerm: rootOf,
    searchOptions: OPTIONS,
  })
  await index.addAllAsync(
    items.map((item, id) => ({ id, item })),
    { chunkSize: CHUNK },
  )
  return {
    find: (query, limit) =>
      index
        .search(query)
        .sort((a, b) => b.score - a.score || a.id - b.id)
        .slice(0, limit)
        .map(({ id, score }) => ({ ...(items[id] as Findable), score: Math.round(score * 1000) / 1000 })),
  }
}
