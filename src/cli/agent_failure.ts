/** What a person is told when an MCP server gave no result. */
import { type Failure, inWords } from '../agent/failure.ts'
import type { Identity } from '../agent/identity.ts'
import { type GatewayRefusal, isTrouble } from '../agent/refusal.ts'
import { CommandError, EXIT, type ExitCode } from './exit.ts'
import { oneLine } from './lines.ts'

/** Characters of what others wrote. */
const LONGEST = 600

/** @param server as the person named it */
export function callFailed(server: string, failure: Failure, who: Identity['kind']): CommandError {
  if (failure.kind === 'refused') return new CommandError(exitCodeOf(failure.refusal), refusalInWords(failure.refusal, who))
  return new CommandError(EXIT.failed, `The MCP server "${server}": ${oneLine(inWords(failure), LONGEST)}${hintFor(failure)}`)
}

function exitCodeOf(refusal: GatewayRefusal): ExitCode {
  if (refusal.reason === 'token_not_yet_valid') return EXIT.clock
  if (refusal.reason === 'not_found') return EXIT.usage
  return isTrouble(refusal) ? EXIT.failed : EXIT.refused
}

export function refusalInWords(refusal: GatewayRefusal, who: Identity['kind']): string {
  const lines = [oneLine(inWords({ kind: 'refused', refusal }), LONGEST)]
  const scope = refusal.scope === null ? null : oneLine(refusal.scope, LONGEST)
  if (refusal.status === 403 && scope !== null) lines.push(`Missing scope: ${scope}`)
  const advice = adviceFor(refusal, who)
  if (advice !== null) lines.push(advice)
  return lines.join('\n')
}

function adviceFor({ status, reason, scope }: GatewayRefusal, who: Identity['kind']): string | null {
  if (status === 401 && who === 'user') return 'Log in again: gatehouse login'
  if (reason === 'token_client') return "The app client must be in the gateway's ALLOWED_CLIENT_IDS."
  if (reason === 'not_found') return 'Is it a server of this gateway? Those that you may see: gatehouse tools'
  if (status === 503) return 'The gateway cannot decide at the moment. Try again shortly.'
  if (status !== 403 || scope === null) return null
  return who === 'own'
    ? 'Assign the scope to the app client in Cognito, then get a new token: gatehouse token --no-cache'
    : 'A group of the user must be mapped to the scope in scopes.yml; after a change of groups the user logs in again.'
}

function hintFor(failure: Failure): string {
  if (failure.kind === 'status' && failure.status === 404) return ' Is it a server of this gateway?'
  return failure.kind === 'unreachable' ? ' Check MCP_REGISTRY_URL, and that the gateway runs.' : ''
}
