/** How bad a broken rule is in a configuration that has other things in it too; null when it is none of the gate's business there. */
import type { Directive } from './config.ts'
import type { Severity, Surroundings } from './judge.ts'

export type Grade = (found: Directive, around: Surroundings) => Severity | null

const ofGate: Grade = (found, around) => (around.ofGate(found) ? 'failure' : null)
const whereItCounts: Grade = (found, around) => (around.counts(found) ? 'failure' : null)

/** What would tell a log who somebody is; request lines are in every log that nginx writes. */
const SECRET =
  /\$\{?(?:gatehouse_(?:\w+_)?caller|gatehouse_session|token_end|seal_end|http_authorization|http_cookie|http_proxy_authorization|cookie_|arg_|request_body)/

/** Rules that are not named here are broken by a failure, wherever. */
export const GRADES: Readonly<Record<string, Grade>> = {
  // Locations that pass elsewhere are judged by where they lead.
  'an MCP server is reached through the gate alone': ofGate,
  'no satisfy any': whereItCounts,
  'no auth_request off': ofGate,
  'no answer before the question': ofGate,
  'an error page neither proxies nor succeeds': whereItCounts,
  'no regular expression goes before a protected location': () => 'warning',
  'no location inside a protected one': ({ block }) =>
    block?.some(({ name, args }) => name === 'return' && /^4\d\d$/.test(args[0] ?? '')) ? 'warning' : 'failure',
  'no set at server level': ({ name, args }) => {
    if (name === 'set') return args[0]?.startsWith('$gatehouse_') ? 'failure' : null
    return name === 'rewrite' ? 'warning' : null
  },
  'no stale or shared answers': ofGate,
  'where it is sent does not come from the client': ofGate,
  'identity is written at every way to an MCP server': ofGate,
  'credentials go to the validator alone': ofGate,
  'an MCP server cannot steer nginx': ofGate,
  'an MCP server sets no cookie and speaks for nobody': ofGate,
  'answers of an MCP server are its own': ofGate,
  'a validator that was away is asked again at once': () => 'warning',
  'how much may be asked is limited before anybody is asked': (found, around) => (around.ofGate(found) ? 'warning' : null),
  'limits are not only tried out': (found, around) => (around.counts(found) ? 'warning' : null),
  'no credential in a log': (found, around) => {
    if (found.name === 'error_log') return 'warning'
    if (!SECRET.test(found.args.join(' '))) return null
    return ['log_format', 'access_log'].includes(found.name) || around.ofGate(found) ? 'failure' : null
  },
  // The audit trail is looked at by itself, and other sites may have any log and any page.
  'every log is the audit format or none': () => null,
  "what is nobody's is not found": () => null,
}
