/** Which scopes Cognito refuses an app client, as a login would find out: it refuses the whole login for one of them. */
import type { World } from './ask.ts'
import { type AuthorizeAnswer, type AuthorizeQuestion, askAuthorize } from './authorize.ts'

/** Questions at a time: Cognito limits how many come from one address. */
const AT_ONCE = 4

/**
 * @param beside a scope that the others need
 * @returns empty when all are allowed, all of them when no single one is to blame, and null when Cognito's answer does not tell
 */
export async function refusedScopes(
  question: Omit<AuthorizeQuestion, 'scopes'>,
  scopes: readonly string[],
  beside: readonly string[],
  world: World,
): Promise<readonly string[] | null> {
  const isRefused = async (asked: readonly string[]): Promise<boolean | null> =>
    refusesScope(await askAuthorize({ ...question, scopes: asked }, world))
  const refused = await isRefused(scopes)
  if (refused === null) return null
  if (!refused) return []
  const queue = [...scopes]
  const found = new Set<string>()
  const work = async (): Promise<void> => {
    for (let scope = queue.shift(); scope !== undefined; scope = queue.shift())
      if (await isRefused([...new Set([...beside, scope])])) found.add(scope)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return found.size === 0 ? scopes : scopes.filter((scope) => found.has(scope))
}

/** Cognito was seen to say it in the description, and documents it as the error. */
function refusesScope(answer: AuthorizeAnswer): boolean | null {
  if (answer.kind === 'login') return false
  if (answer.kind === 'callback') return [answer.error, answer.description].includes('invalid_scope') ? true : null
  return answer.kind === 'error_page' ? /invalid.scope/i.test(answer.error) || null : null
}
