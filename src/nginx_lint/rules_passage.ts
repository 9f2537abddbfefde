/** Traps around what passes: what an MCP server is told, and what it may say. */
import { find, is, PASSES, proxied, QUESTIONS } from './location.ts'
import { CREDENTIAL, FROM_THE_URL, has, problems, type Rules } from './rule.ts'

const IDENTITY: Readonly<Record<string, string>> = {
  'X-User': '$gatehouse_user',
  'X-Username': '$gatehouse_username',
  'X-Client-Id': '$gatehouse_client_id',
  'X-Scopes': '$gatehouse_scopes',
  'X-Groups': '$gatehouse_groups',
  'X-Auth-Method': '$gatehouse_auth_method',
  'X-Server-Name': '$gatehouse_server_name',
  'X-Tool-Name': '$gatehouse_tool',
  Authorization: '',
  'Proxy-Authorization': '',
  Cookie: '',
  Connection: '',
  Upgrade: '',
}
const STEERING = ['X-Accel-Redirect', 'X-Accel-Expires', 'X-Accel-Limit-Rate', 'X-Accel-Buffering', 'X-Accel-Charset']
/** Answered by the validator itself. */
const HEARS_CREDENTIALS = [...QUESTIONS, '/oauth2/', '= /oauth2/register', '= /oauth2/token', '= /oauth2/revoke']
const NOT_ITS_OWN = [
  'Access-Control-Allow-Origin',
  'Access-Control-Allow-Credentials',
  'Set-Cookie',
  'Location',
  'WWW-Authenticate',
  'X-User',
  'X-Scopes',
  'X-Mcp-Allow',
  'X-Gatehouse-Reason',
]

export const PASSAGE_RULES: Rules = {
  'where it is sent does not come from the client': (_locations, all) =>
    all.map(([directive]) => {
      const set = is(directive, 'set', '$gatehouse_upstream')
      const target = PASSES.includes(directive.name) ? directive.args[0] : set ? directive.args[1] : ''
      return FROM_THE_URL.test((target ?? '').replace(/\$is_args\$args$/, '')) ? directive : undefined
    }),
  'identity is written at every way to an MCP server': (locations) =>
    problems(proxied(locations), (location) =>
      Object.entries(IDENTITY).some(([name, value]) => !has(location.effective('proxy_set_header'), name, value)),
    ),
  'credentials go to the validator alone': (locations, all) => {
    const mayHaveThem = new Set(locations.filter(({ path }) => HEARS_CREDENTIALS.includes(path)).flatMap(({ own }) => own))
    return all.map(([directive]) => {
      const sends = directive.name === 'proxy_set_header' && CREDENTIAL.test(directive.args[1] ?? '')
      return sends && !mayHaveThem.has(directive) ? directive : undefined
    })
  },
  'an MCP server cannot steer nginx': (locations) =>
    problems(proxied(locations), (location) => {
      const ignored = location.effective('proxy_ignore_headers').flatMap(({ args }) => args)
      return STEERING.some((name) => !ignored.includes(name)) || location.effective('proxy_pass_header').length > 0
    }),
  'an MCP server sets no cookie and speaks for nobody': (locations) =>
    problems(proxied(locations), (location) => NOT_ITS_OWN.some((name) => !has(location.effective('proxy_hide_header'), name))),
  'answers of an MCP server are its own': (locations) =>
    problems(
      proxied(locations),
      (location) => find(location.effective('proxy_intercept_errors'), 'proxy_intercept_errors', 'off') === undefined,
    ),
}
