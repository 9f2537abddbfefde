/** Whether a user pool is there: its id, its discovery document, its keys. */
import { createKeyStore, type KeyStore } from '../cognito/keys.ts'
import { needsExplicitIssuer, type Pool, regionOfPool } from '../cognito/pool.ts'
import { type Answer, documentBy, explainTrouble, isTrouble, objectOf, type World } from './ask.ts'
import { skewOf } from './clock.ts'
import { type Finding, failure, ok, skipped } from './finding.ts'

export interface PoolFacts {
  findings: Finding[]
  keys: KeyStore | null
  /** Where the pool itself says that its token endpoint is; null when it does not say. */
  tokenEndpoint: string | null
  /** Seconds by which the clock here is ahead. */
  skews: number[]
}

/** Asks the issuers of a pool. */
export async function examinePool(pool: Pool, world: World): Promise<PoolFacts> {
  const documents = await Promise.all(pool.issuers.map((issuer) => askDiscovery(issuer, world)))
  const found = documents.find(({ usable }) => usable) ?? documents[0]
  const discovery = found === undefined ? [] : checkDiscovery(pool, found)
  const { keys, finding } = await examineKeys(pool, world)
  const skews = documents.flatMap(({ answer }) => (isTrouble(answer) ? [] : (skewOf(answer) ?? [])))
  return { findings: [...checkId(pool), ...discovery, finding], keys, tokenEndpoint: found?.tokenEndpoint ?? null, skews }
}

function checkId({ id, issuers: [issuer = ''] }: Pool): Finding[] {
  const region = regionOfPool(id) ?? ''
  const named = new URL(issuer).pathname.split('/').at(-1)
  if (named !== id) {
    return [failure('pool', `COGNITO_ISSUER ends in "${named}", but the pool is "${id}"`, 'Copy both from the same user pool.')]
  }
  const hosted = /\.([a-z]{2,4}(?:-[a-z]+)+-\d)\.amazonaws\./.exec(new URL(issuer).hostname)?.[1]
  if (hosted !== undefined && hosted !== region) {
    return [failure('pool', `COGNITO_ISSUER is in ${hosted}, but the pool "${id}" is in ${region}`, 'Copy both from the same user pool.')]
  }
  return [ok('pool', `${id} is in ${region}${needsExplicitIssuer(region) ? ', its issuer as configured' : ''}`)]
}

interface Discovery {
  issuer: string
  answer: Awaited<ReturnType<World['ask']>>
  usable: boolean
  /** What the document says of itself. */
  named: string | null
  tokenEndpoint: string | null
}

async function askDiscovery(issuer: string, { ask }: World): Promise<Discovery> {
  const { origin, pathname } = new URL(issuer)
  const answer = await ask({ origin, path: `${pathname}/.well-known/openid-configuration`, headers: { accept: 'application/json' } })
  const body = isTrouble(answer) ? {} : objectOf(answer)
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  const usable = !isTrouble(answer) && answer.status === 200 && text(body.issuer) !== null
  return { issuer, answer, usable, named: text(body.issuer), tokenEndpoint: usable ? text(body.token_endpoint) : null }
}

function checkDiscovery(pool: Pool, { issuer, answer, usable, named, tokenEndpoint }: Discovery): Finding[] {
  if (isTrouble(answer)) {
    const { evidence, remedy } = explainTrouble(answer.trouble, new URL(issuer).origin)
    return [failure('discovery', evidence, `${remedy} The gateway needs to reach it too.`)]
  }
  if (!usable) return [failure('discovery', `${issuer} answers ${saying(answer)}`, absent(pool))]
  if (named !== null && !pool.issuers.includes(named)) {
    const evidence = `the pool calls itself ${named}, but tokens are expected from ${pool.issuers.join(' or ')}`
    return [failure('discovery', evidence, `Its tokens are refused (token_issuer). Set COGNITO_ISSUER=${named}`)]
  }
  if (tokenEndpoint?.startsWith(`${issuer}/`)) {
    const remedy = 'In the Cognito console: Branding, Domain, create one. Without it nobody gets a token.'
    return [failure('domain', `the pool ${pool.id} has no domain: its token endpoint is said to be ${tokenEndpoint}`, remedy)]
  }
  return [ok('discovery', `${named} answers`)]
}

/** A status, and what Cognito says in its body. */
function saying(answer: Answer): string {
  const { message } = objectOf(answer)
  return `${answer.status}${typeof message === 'string' ? `: ${message}` : ''}`
}

const absent = ({ id }: Pool): string =>
  `There is no pool "${id}" in ${regionOfPool(id)}. Copy the user pool id from the Cognito console, in the region that it is in; upper and lower case count.`

async function examineKeys(pool: Pool, world: World): Promise<{ keys: KeyStore | null; finding: Finding }> {
  const tries = await Promise.all(pool.jwksUrls.map((url) => fetchKeys(url, world)))
  const good = tries.find(({ error }) => error === null)
  if (good !== undefined)
    return { keys: good.keys, finding: ok('keys', `${good.url} publishes ${good.keys.state().keys} keys that can be used`) }
  const [first] = tries
  if (first === undefined) return { keys: null, finding: skipped('keys', 'no address of keys is known') }
  const said = tries.map(({ url, error }) => `${url}: ${error}`).join('; ')
  const remedy = /status 4\d\d/.test(first.error ?? '')
    ? absent(pool)
    : 'Without keys every token is refused (keys_unavailable). Check the pool id, COGNITO_JWKS_URL, and that this machine may connect there.'
  return { keys: null, finding: failure('keys', said, remedy) }
}

/** By the gateway's own rules for key documents. */
function fetchKeys(url: string, { ask, now }: World): Promise<{ url: string; keys: KeyStore; error: string | null }> {
  return new Promise((resolve) => {
    const keys: KeyStore = createKeyStore({
      urls: [url],
      get: documentBy(ask),
      now,
      onFetch: ({ ok: fetched, error = 'no answer' }) => resolve({ url, keys, error: fetched ? null : error }),
    })
    keys.tick()
  })
}
