/** Traps around how much may be asked: limits that are not there, or that answer as if something were broken. */
import { find, is, isProtected, type Location } from './location.ts'
import { FROM_THE_URL, problems, type Rules } from './rule.ts'
import { textOf } from './said.ts'

/** Where the validator answers strangers itself. */
const isOpen = ({ path }: Location): boolean => /^(?:= )?\/(?:oauth2\/|\.well-known\/oauth-|\.well-known\/openid-)/.test(path)

/** nginx inherits limits only where there are none: a line of `http {}` or `server {}` would not add to these, and none would replace them. */
const isLimited = ({ own }: Location): boolean =>
  own.some(({ name, args }) => name === 'limit_req' && /^zone=gatehouse_/.test(args[0] ?? '')) &&
  own.some(({ name, args }) => name === 'limit_conn' && /^gatehouse_/.test(args[0] ?? '')) &&
  find(own, 'limit_req_status', '429') !== undefined &&
  find(own, 'limit_conn_status', '429') !== undefined

/** How a caller with a token is known, whatever else is sent: only a condition that every request passes takes it from the header. */
const TOKEN_END =
  'if ($http_authorization !~* (?s)^(?:[ \\t]*+bearer (?|.{100,}+(?<=(?<token_end>[^ \\t]{40}))|' +
  '[^ \\t]{100,}+(?<=(?<token_end>.{40}))[ \\t]++)\\z)? ) { return 503 }'

export const LIMIT_RULES: Rules = {
  'how much may be asked is limited before anybody is asked': (locations) =>
    problems(
      locations.filter((location) => isProtected(location) || isOpen(location)),
      (location) => !isLimited(location) || (isProtected(location) && !location.own.some((line) => textOf(line) === TOKEN_END)),
    ),
  'how much somebody may ask is not for the client to say': (_locations, all) =>
    all.map(([line]) => (is(line, 'set', '$gatehouse_limit') && FROM_THE_URL.test(line.args[1] ?? '') ? line : undefined)),
  'limits are not only tried out': (_locations, all) =>
    all.map(([line]) => (['limit_req_dry_run', 'limit_conn_dry_run'].includes(line.name) && line.args[0] === 'on' ? line : undefined)),
}
