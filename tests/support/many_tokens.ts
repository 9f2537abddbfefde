/** Very many valid access tokens, signed by as many threads as there are processors. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

export interface TokenRun {
  /** PKCS 8, PEM. */
  privateKey: string
  kid: string
  /** Claims of all of them; each has a `jti` of its own besides. */
  claims: Record<string, unknown>
  count: number
}

/** Different tokens that say the same. An RSA signature takes most of a millisecond. */
export async function manyTokens(run: TokenRun): Promise<string[]> {
  const threads = availableParallelism()
  const share = Math.ceil(run.count / threads)
  const parts = Array.from({ length: threads }, (_, index) => signElsewhere({ ...run, first: index * share, share }))
  return (await Promise.all(parts)).flat().slice(0, run.count)
}

/** In JavaScript: a thread of Node 20 does not load TypeScript. */
const PROGRAM = `
const { sign } = require('node:crypto')
const { parentPort, workerData: { privateKey, kid, claims, first, share } } = require('node:worker_threads')
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const head = encoded({ kid, alg: 'RS256' })
parentPort.postMessage(Array.from({ length: share }, (_, index) => {
  const text = head + '.' + encoded({ ...claims, jti: 'token-' + (first + index) })
  return text + '.' + sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')
}))
`

function signElsewhere(workerData: TokenRun & { first: number; share: number }): Promise<string[]> {
  return new Promise((done, fail) => {
    const worker = new Worker(PROGRAM, { eval: true, workerData })
    worker.once('message', done)
    worker.once('error', fail)
  })
}
