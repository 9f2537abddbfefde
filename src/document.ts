/**
 * Documents of other services, got by node:http. `fetch` comes with a client of its own, whose loading is a good part of a start: whoever is to
 * start quickly does without.
 */
import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'

export interface Document {
  status: number
  /** The media type with its parameters, as it came; empty when there is none. */
  type: string
  body: Buffer
}

export interface Bounds {
  /** Bytes of the body. Of a longer one only the beginning is read, which is longer than that. */
  most: number
  /** For everything: the name, the connection, the whole answer. */
  milliseconds: number
}

export type GetDocument = (url: string, bounds: Bounds) => Promise<Document>

/**
 * Asks for a document once, over a connection of its own. Redirects are answers like any other, and nothing is unpacked.
 * @throws {Error} when there is no whole answer, or none in time; the message holds nothing of it
 */
export const getDocument: GetDocument = (url, { most, milliseconds }) =>
  new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? getHttps : getHttp
    const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'gatehouse' }
    let answered = false
    const sent = get(url, { agent: false, headers }, (response) => {
      answered = true
      const { statusCode: status = 0, headers: told } = response
      read(response, most).then((body) => resolve({ status, type: told['content-type'] ?? '', body }), reject)
    })
    const timer = setTimeout(() => {
      reject(new Error(`there was no whole answer within ${milliseconds} ms`))
      sent.destroy()
    }, milliseconds)
    sent.on('error', reject)
    sent.on('close', () => {
      clearTimeout(timer)
      // After a switch of protocols, which is neither answer nor error.
      if (!answered) reject(new Error('the connection was closed'))
    })
  })

async function read(response: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > most) break
  }
  return Buffer.concat(chunks)
}
