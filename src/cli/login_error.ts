/** The end of a login that failed, as the terminal says it. */
import { LOGIN_REASONS, type LoginReason, loginEnd } from '../cognito/login_reasons.ts'
import { CommandError, EXIT, type ExitCode } from './exit.ts'
import { clean } from './words.ts'

const CODES: Partial<Record<LoginReason, ExitCode>> = {
  invalid_client: EXIT.client,
  clock: EXIT.clock,
  cognito_failed: EXIT.failed,
  cognito_unreachable: EXIT.failed,
  answer_invalid: EXIT.failed,
  token_invalid: EXIT.failed,
  keys_unavailable: EXIT.failed,
  store_unavailable: EXIT.failed,
}

export const isLoginReason = (text: string): text is LoginReason => Object.hasOwn(LOGIN_REASONS, text)

/**
 * @param said what Cognito or the gateway wrote for a person
 * @param detail for whoever looks for the cause
 */
export function loginError(reason: LoginReason, said?: string, detail?: string): CommandError {
  const { happened, advice } = loginEnd(reason)
  const about = detail === undefined || detail === reason ? '' : ` (${clean(detail)})`
  const quoted = said === undefined || clean(said) === '' ? '' : `\nCognito says: "${clean(said)}"`
  return new CommandError(CODES[reason] ?? EXIT.refused, `${happened}${about}\n${advice}${quoted}`)
}
