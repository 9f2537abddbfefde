/** One question to Cognito's token endpoint, answered by a token or by an error code. */
import { type Answer, explainTrouble, isTrouble, objectOf, TOO_MANY, type World } from './ask.ts'

export type TokenAnswer =
  | { kind: 'token'; token: string }
  /** RFC 6749 section 5.2. */
  | { kind: 'refused'; error: string; description: string }
  | { kind: 'busy' }
  | { kind: 'away'; evidence: string; remedy: string }

/** Asks with a form; the secret travels in it as Cognito takes it (client_secret_post). */
export async function askToken(origin: string, form: Readonly<Record<string, string | null>>, { ask }: World): Promise<TokenAnswer> {
  const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== null)
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  const answer = await ask({ origin, path: '/oauth2/token', method: 'POST', headers, body: new URLSearchParams(given).toString() })
  if (isTrouble(answer) && answer.trouble === TOO_MANY) return { kind: 'busy' }
  return isTrouble(answer) ? { kind: 'away', ...explainTrouble(answer.trouble, origin) } : understand(answer, origin)
}

function understand(answer: Answer, origin: string): TokenAnswer {
  const { access_token, error, error_description } = objectOf(answer)
  if (answer.status === 200 && typeof access_token === 'string') return { kind: 'token', token: access_token }
  if (answer.status === 429) return { kind: 'busy' }
  if (typeof error === 'string') {
    return { kind: 'refused', error, description: typeof error_description === 'string' ? error_description : '' }
  }
  const evidence = `${origin}/oauth2/token answers ${answer.status} without a word of OAuth`
  return {
    kind: 'away',
    evidence,
    remedy: 'That is no Cognito domain. Set COGNITO_DOMAIN to what the console shows under Branding, Domain.',
  }
}
