/** Forms sent to the OAuth endpoints of a pool's domain in the name of an app client (RFC 6749 section 2.3.1). */
import { readTokenAnswer } from '../answer_body.ts'
import { jsonObject } from '../json_object.ts'

export interface AppClient {
  clientId: string
  /** Null for a public client. */
  clientSecret: string | null
  /** Base URL of the pool's domain. */
  domain: string
}

/** What Cognito answered: status and the members of its JSON body, none when it had no such body. */
export interface PoolAnswer {
  status: number
  body: Readonly<Record<string, unknown>>
}

/** Milliseconds. */
const TIMEOUT = 8000
/** Questions under way; more of them would use up what Cognito answers to everybody of the pool. */
const MOST = 64
let underWay = 0

/**
 * @param path such as `/oauth2/token`
 * @returns null when there was no answer in time, or too much is asked at once. Never rejects.
 */
export async function askPool(client: AppClient, path: string, form: Readonly<Record<string, string>>): Promise<PoolAnswer | null> {
  const { clientId, clientSecret, domain } = client
  const body = new URLSearchParams({ ...form, client_id: clientId })
  // As a header, because that is the one way that the revocation endpoint takes (AWS developer guide, revoke endpoint).
  const basic = clientSecret !== null && { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` }
  if (underWay >= MOST) return null
  underWay += 1
  try {
    const signal = AbortSignal.timeout(TIMEOUT)
    const request = { method: 'POST', body, headers: { ...basic }, redirect: 'manual', signal } as const
    const answer = await readTokenAnswer(await fetch(domain + path, request), signal)
    return { status: answer.status, body: jsonObject(await answer.text()) ?? {} }
  } catch {
    return null
  } finally {
    underWay -= 1
  }
}

/** The payload of a token that has come straight from Cognito, unverified: for telling, never for deciding. */
export function glimpse(token: string): Readonly<Record<string, unknown>> {
  return jsonObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) ?? {}
}
