/** What stands in for a model's judgement: which tool to call next, from the question, the tools that are offered and what came so far. */

export interface Offer {
  name: string
  description: string
  /** JSON Schema of the arguments. */
  schema: Schema
}

interface Schema {
  properties?: Record<string, { description?: string; type?: string }>
  required?: string[]
}

/** A call that was made, and what it gave. */
export interface Made {
  name: string
  text: string
}

export type Choice = { call: string; input: Record<string, unknown> } | { answer: string }

/** Words that say nothing about what is wanted. */
const EMPTY = new Set(
  'a an and are at by can do for from get give gives i in is it its me my of on one or that the there this to use what which with you'.split(
    ' ',
  ),
)

const words = (text: string): string[] =>
  [...text.toLowerCase().matchAll(/[a-z]+/g)].map(([word]) => word.replace(/(?<=..)(?:s|ed|ing)$/, '')).filter((word) => !EMPTY.has(word))

function overlap(wanted: ReadonlySet<string>, { name, description, schema }: Offer): number {
  const properties = Object.entries(schema.properties ?? {}).map(([key, { description: about = '' }]) => `${key} ${about}`)
  const named = new Set(words(name.replaceAll('_', ' ')))
  const said = new Set(words([description, ...properties].join(' ')))
  return [...wanted].reduce((sum, word) => sum + (named.has(word) ? 2 : said.has(word) ? 1 : 0), 0)
}

/** The offer that fits best and whose arguments can be filled; else whatever may find more; else an answer from what is known. */
export function choose(question: string, offers: readonly Offer[], made: readonly Made[]): Choice {
  const wanted = new Set(words(question))
  const fresh = offers.flatMap((offer) => {
    const input = fill(offer.schema, question, made)
    return input === null || made.some(({ name }) => name === offer.name) ? [] : [{ offer, input, score: overlap(wanted, offer) }]
  })
  const last = made.at(-1)
  if (last !== undefined && /refused|Missing scope/.test(last.text)) return { answer: `That was refused: ${last.text}` }
  // A search describes anything that can be asked for, so it does not count as fitting.
  const [best] = fresh.filter(({ offer }) => !isSearch(offer)).sort((a, b) => b.score - a.score)
  const answered = made.some(({ name, text }) => text.length > 12 && !isSearchName(name, offers))
  if (best !== undefined && best.score >= 3 && !answered) return { call: best.offer.name, input: best.input }
  const search = fresh.find(({ offer }) => isSearch(offer))
  if (search !== undefined && !answered) return { call: search.offer.name, input: search.input }
  const lister = fresh.find(({ offer }) => /^list/.test(offer.name))
  if (lister !== undefined && !answered) return { call: lister.offer.name, input: lister.input }
  return { answer: `${made.at(-1)?.text ?? 'I have nothing to answer with.'}` }
}

const isSearch = ({ schema }: Offer): boolean => schema.properties?.query !== undefined
const isSearchName = (name: string, offers: readonly Offer[]): boolean =>
  offers.some((offer) => offer.name === name && (isSearch(offer) || /^list/.test(name)))

/** Arguments by what their names and descriptions ask for; null when a required one is not to be had. */
function fill(schema: Schema, question: string, made: readonly Made[]): Record<string, unknown> | null {
  const input: Record<string, unknown> = {}
  for (const [name, { description = '', type = 'string' }] of Object.entries(schema.properties ?? {})) {
    const value = type === 'string' ? text(`${name} ${description}`, question, made) : undefined
    if (value !== undefined) input[name] = value
    else if (schema.required?.includes(name)) return null
  }
  return input
}

function text(about: string, question: string, made: readonly Made[]): string | undefined {
  if (/time ?zone/i.test(about)) return zoneIn(question)
  if (/query|plain words/i.test(about)) return question
  if (/server/i.test(about)) return serverIn(question, made)
  return undefined
}

/** What a model knows of the world. */
const zoneIn = (question: string): string | undefined =>
  Intl.supportedValuesOf('timeZone').find((zone) => new RegExp(`\\b${zone.split('/').at(-1)?.replaceAll('_', ' ')}\\b`, 'i').test(question))

/** A server that an answer has named, the one first whose description fits the question. */
function serverIn(question: string, made: readonly Made[]): string | undefined {
  const wanted = new Set(words(question))
  const listed = made.flatMap(({ text }) => serversIn(text))
  const fit = listed.map((server) => ({ server, score: overlap(wanted, { ...server, schema: {} }) })).sort((a, b) => b.score - a.score)
  return fit.find(({ score }) => score > 0)?.server.name
}

function serversIn(text: string): Array<{ name: string; description: string }> {
  try {
    const { servers = [] } = JSON.parse(text)
    return servers
  } catch {
    return []
  }
}
