/** Whether the running gateway has the same `SECRET_KEY`: it is asked to open a fresh seal, and the key stays here. */
import { sealProbe } from '../login/probe.ts'
import { createSealer } from '../session/seal.ts'
import { isTrouble, objectOf, type World } from './ask.ts'
import { type Finding, failure, ok, skipped } from './finding.ts'
import { noAnswer } from './gateway.ts'
import type { Profile } from './profile.ts'

/**
 * @param skew seconds by which the clock here is ahead of the gateway's, or null: a probe is good for a minute
 */
export async function checkKeyMatch(profile: Profile, gateway: string, skew: number | null, { ask, now }: World): Promise<Finding> {
  const { name, secretKeys, role } = profile
  const [key] = secretKeys
  if (key === undefined) return skipped('secret-key-match', `${name} has no SECRET_KEY: the gateway seals the sessions`)
  // A key that is too short is reported elsewhere, and cannot seal.
  if (key.length < 32) return skipped('secret-key-match', `SECRET_KEY in ${name} is too short to be tried`)
  const body = await sealProbe(createSealer([key]), now() / 1000)
  const answer = await ask({ origin: gateway, path: '/oauth2/probe', method: 'POST', headers: { 'content-type': 'text/plain' }, body })
  if (isTrouble(answer)) return noAnswer('secret-key-match', answer, gateway)
  const { opens } = objectOf(answer)
  if (answer.status !== 200 || typeof opens !== 'boolean') {
    return skipped('secret-key-match', `${gateway}/oauth2/probe answers ${answer.status}: the gateway is older than this program, or away`)
  }
  if (opens) return ok('secret-key-match', `the gateway at ${gateway} opens what SECRET_KEY of ${name} seals`)
  const evidence = `the gateway at ${gateway} does not open what SECRET_KEY of ${name} seals`
  if (skew !== null && Math.abs(skew) > 50) {
    const remedy = 'Set both clocks by NTP, then try again: a seal that looks old is not opened, whatever its key.'
    return failure('secret-key-match', `${evidence}; but its clock is ${Math.round(Math.abs(skew))} seconds off`, remedy)
  }
  const remedy =
    role === 'gateway'
      ? `The running gateway has another key than ${name}, and perhaps other settings too. Restart it with this file.`
      : `Sessions made with it are refused (session_malformed). Copy SECRET_KEY from the gateway's .env into ${name}, or remove it.`
  return failure('secret-key-match', evidence, remedy)
}
