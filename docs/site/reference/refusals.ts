/** Why the gate refuses and why a login ends, from the tables that the validator and NGINX answer by. */
import reasons from '../../../nginx/gatehouse/reasons.js'
import { LOGIN_REASONS } from '../../../src/cognito/login_reasons.ts'
import { REFUSALS } from '../../../src/gate/refusal.ts'
import { code, page, plain, read, table } from './page.ts'

interface Row {
  reason: string
  status: number
  message: string
}

const NGINX = reasons as unknown as Record<string, [status: number, code: number, message: string]>

/** Sentences that refusals.conf takes from variables of other files. */
const SAID: Readonly<Record<string, string>> = {
  rate_limited: 'Too many requests, or too many at once; Retry-After says when to try again.',
  request_not_literal: /\$gatehouse_not_literal \{\s+default "([^"]+)"/.exec(read('nginx/gatehouse/http.conf'))?.[1] ?? '',
  validator_unavailable: 'The decision cannot be made now. Try again shortly.',
}

/** The answer 500 of the validator is nothing that auth_request knows: a client gets 503. */
const ofValidator = (): Row[] =>
  Object.entries(REFUSALS).map(([reason, { status, message }]) => ({ reason, status: status === 500 ? 503 : status, message }))

const ofNginx = (): Row[] => Object.entries(NGINX).map(([reason, [status, , message]]) => ({ reason, status, message }))

/** The pages of refusals.conf, but for those that only repeat what stands in the other table. */
function ofPages(): Row[] {
  const found = read('nginx/gatehouse/refusals.conf').matchAll(/set \$gatehouse_reason ([a-z_]+);\n\s+return (\d+) (.*)$/gm)
  const rows = [...found].map(([, reason = '', status, text = '']) => {
    return { reason, status: Number(status), message: SAID[reason] ?? /"message":"([^"$]+)"/.exec(text)?.[1] ?? '' }
  })
  // Where nobody is asked, or the validator has not said why: refusals.conf names that by a variable.
  rows.push({ reason: 'validator_unavailable', status: 503, message: SAID.validator_unavailable ?? '' })
  return rows
    .filter(({ reason, status }) => status >= 400 && NGINX[reason]?.[0] !== status)
    .filter(({ reason }, index, all) => index === all.findIndex((row) => row.reason === reason))
}

const cells = ({ reason, status, message }: Row): string[] => [code(reason), String(status), plain(message)]
const sorted = (rows: Row[]): Row[] => rows.sort((a, b) => a.status - b.status)

const logins = (): string[][] =>
  Object.entries(LOGIN_REASONS).map(([reason, { status, happened, advice }]) => [
    code(reason),
    String(status),
    plain(happened),
    plain(advice),
  ])

const HEAD = ['reason', 'status', 'sentence']

export const refusals = (): string =>
  page(
    'Refusals',
    'src/gate/refusal.ts, nginx/gatehouse/reasons.js, nginx/gatehouse/refusals.conf and src/cognito/login_reasons.ts',
    'Every reason by which a call is refused or a sign-in ends. How an answer looks, and what to do by symptom: [Troubleshooting](../troubleshooting.md).',
    '## Who asks, and may they?',
    'The validator decides. For a 403 the sentence goes on with the scope that the call takes.',
    table(HEAD, sorted(ofValidator()).map(cells)),
    '## What is asked?',
    'NGINX reads the call and refuses what is not one. The code is that of the JSON-RPC error, where the id of the call is known.',
    table(
      [...HEAD, 'JSON-RPC code'],
      sorted(ofNginx()).map((row) => [...cells(row), String(NGINX[row.reason]?.[1])]),
    ),
    '## The request as a whole',
    'NGINX answers before a call is read, or because nobody behind it does.',
    table(HEAD, sorted(ofPages()).map(cells)),
    '## Ends of a sign-in',
    'What the page says. The validator logs the reason, in a line `"msg":"login failed"`.',
    table(['reason', 'status', 'what happened', 'what to do'], logins()),
  )
