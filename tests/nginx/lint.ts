/** Traps of nginx that let a request through without the gate, each a rule that names the places where a configuration steps into it. */
import {
  answersOnly,
  find,
  is,
  isAsked,
  isGated,
  isProtected,
  isProtecting,
  type Location,
  locationsOf,
  PASSES,
  passOf,
  proxied,
  refusesWithoutPass,
  toValidator,
} from './lint_location.ts'
import { type Directive, type Files, readConfig, walk } from './nginx_config.ts'

/** Maps that look at what a client sends and say nothing but whether it will do. */
const PROBLEMS_ONLY = ['$gatehouse_path_problem', '$gatehouse_header_problem', '$gatehouse_browser']

export interface Problem {
  rule: string
  at: string
  what: string
}

type Rule = (locations: readonly Location[], all: readonly [Directive, readonly Directive[]][]) => (Directive | undefined)[]

/** What the validator itself serves to clients, and the question that only nginx may ask. */
const OPEN = ['= /_gatehouse/validate', '/.well-known/oauth-protected-resource', '/oauth2/', '= /health']

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
const CREDENTIAL =
  /\$\{?(?:http_authorization|http_cookie|http_proxy_authorization|cookie_|arg_|args\b|query_string|is_args|request\b|request_uri|request_body|sent_http_set_cookie|upstream_http_set_cookie|upstream_http_location|http_referer)/
const FROM_THE_URL = /\$\{?(?:uri|request_uri|document_uri|args|arg_|query_string|request|http_|cookie_|host|server_name|\d)/

const problems = (
  locations: readonly Location[],
  wrong: (location: Location) => boolean | Directive | undefined,
): (Directive | undefined)[] =>
  locations.map((location) => {
    const found = wrong(location)
    return found === true ? location.directive : found === false ? undefined : found
  })

/** Names in both spellings are one name to nginx. */
function has(directives: readonly Directive[], name: string, value?: string): boolean {
  return directives.some(({ args }) => args[0]?.toLowerCase() === name.toLowerCase() && (value === undefined || args[1] === value))
}

const bytesOf = (size: string | undefined): number => {
  const [, digits, unit = ''] = /^(\d+)([km]?)$/i.exec(size ?? '') ?? []
  return Number(digits) * ({ k: 1024, m: 1024 * 1024 }[unit.toLowerCase()] ?? 1)
}

const RULES: Readonly<Record<string, Rule>> = {
  'an MCP server is reached through the gate alone': (locations) =>
    problems(proxied(locations), (location) => !(location.path.startsWith('@') && refusesWithoutPass(location))),
  'a protected location has the whole gate': (locations) => problems(locations.filter(isProtected), (location) => !isGated(location)),
  'the validator is reached where it must be alone': (locations) =>
    problems(
      locations,
      (location) => passOf(location) !== undefined && toValidator(location) && !isProtected(location) && !OPEN.includes(location.path),
    ),
  'the question is internal': (locations) =>
    problems(locations, ({ path, own }) => path === '= /_gatehouse/validate' && find(own, 'internal') === undefined),
  'the question carries no body and no header of the client': (locations) =>
    problems(
      locations,
      ({ path, own }) =>
        path === '= /_gatehouse/validate' &&
        !(
          find(own, 'proxy_pass_request_body', 'off') &&
          find(own, 'proxy_pass_request_headers', 'off') &&
          find(own, 'proxy_method', 'GET')
        ),
    ),
  'no satisfy any': (_locations, all) => all.map(([directive]) => (is(directive, 'satisfy', 'any') ? directive : undefined)),
  'no auth_request off': (locations, all) =>
    all.map(([directive]) => {
      const location = locations.find(({ own }) => own.includes(directive))
      return is(directive, 'auth_request', 'off') && !OPEN.includes(location?.path ?? '') ? directive : undefined
    }),
  'no answer before the question': (locations) =>
    locations.filter(isAsked).flatMap(({ own }) => {
      const early = [...walk(own)].filter(([{ name }]) => ['return', 'rewrite', 'try_files'].includes(name))
      return early.map(([directive, around]) => (around.length > 0 && /^[45]\d\d$/.test(directive.args[0] ?? '') ? undefined : directive))
    }),
  'an error page neither proxies nor succeeds': (locations, all) =>
    all.map(([directive]) => {
      if (directive.name !== 'error_page') return undefined
      const target = directive.args.at(-1) as string
      const change = directive.args.find((arg) => arg.startsWith('='))
      const location = locations.find(({ path }) => path === target)
      const harmless = target.startsWith('@') && location !== undefined && passOf(location) === undefined
      return harmless && (change === undefined || /^=(?:[45]\d\d)?$/.test(change)) ? undefined : directive
    }),
  'no regular expression goes before a protected location': (locations) =>
    problems(locations, (location) => location.directive.args[0]?.startsWith('~') === true && !isGated(location) && !answersOnly(location)),
  'no location inside a protected one': (locations) =>
    locations.filter(isProtected).map(({ own }) => [...walk(own)].map(([directive]) => directive).find(({ name }) => name === 'location')),
  'no set at server level': (_locations, all) =>
    all.map(([directive, around]) => {
      const outside = around.some(({ name }) => name === 'server') && !around.some(({ name }) => name === 'location')
      return outside && ['set', 'rewrite', 'if', 'return'].includes(directive.name) ? directive : undefined
    }),
  'no stale or shared answers': (_locations, all) =>
    all.map(([directive, around]) => {
      const { name, args } = directive
      const stale = name === 'proxy_cache_use_stale' && args[0] !== 'off'
      const shared = ['proxy_cache', 'proxy_store'].includes(name) && args[0] !== 'off'
      return stale || (shared && !find(around.at(-1)?.block ?? [], 'proxy_cache_key')) ? directive : undefined
    }),
  'the name of the server is a constant': (_locations, all) =>
    all.map(([directive]) => {
      const { name, args } = directive
      const set = is(directive, 'set', '$gatehouse_server') && !/^[A-Za-z0-9._-]+$/.test(args[1] ?? '')
      const sent =
        name === 'proxy_set_header' &&
        /^X-(?:Mcp-)?Server(?:-Name)?$/i.test(args[0] ?? '') &&
        !/^(?:\$gatehouse_server(?:_name)?)?$/.test(args[1] ?? '')
      const derived =
        ['map', 'geo', 'split_clients', 'js_set', 'perl_set'].includes(name) && args.some((arg) => arg === '$gatehouse_server')
      return set || sent || (derived && args.at(-1) === '$gatehouse_server') || (name === 'js_set' && args[0] === '$gatehouse_server')
        ? directive
        : undefined
    }),
  'the location of a server has its name': (locations) =>
    problems(locations.filter(isProtected), ({ path, own }) => {
      const name = find(own, 'set', '$gatehouse_server')?.args[1]
      return (
        !['', '^~ ', '= '].some((kind) => path.startsWith(`${kind}/${name}/`)) ||
        own.filter((line) => is(line, 'set', '$gatehouse_server')).length !== 1
      )
    }),
  'where it is sent does not come from the client': (_locations, all) =>
    all.map(([directive]) => {
      const target = PASSES.includes(directive.name)
        ? directive.args[0]
        : is(directive, 'set', '$gatehouse_upstream')
          ? directive.args[1]
          : ''
      return FROM_THE_URL.test((target ?? '').replace(/\$is_args\$args$/, '')) ? directive : undefined
    }),
  'identity is written at every way to an MCP server': (locations) =>
    problems(proxied(locations), (location) =>
      Object.entries(IDENTITY).some(([name, value]) => !has(location.effective('proxy_set_header'), name, value)),
    ),
  'credentials go to the validator alone': (locations, all) =>
    all.map(([directive]) => {
      const sends = directive.name === 'proxy_set_header' && CREDENTIAL.test(directive.args[1] ?? '')
      const mayHaveThem = locations.filter(({ path }) => ['= /_gatehouse/validate', '/oauth2/'].includes(path)).flatMap(({ own }) => own)
      return sends && !mayHaveThem.includes(directive) ? directive : undefined
    }),
  'an MCP server cannot steer nginx': (locations) =>
    problems(proxied(locations), (location) => {
      const ignored = location.effective('proxy_ignore_headers').flatMap(({ args }) => args)
      return STEERING.some((name) => !ignored.includes(name)) || location.effective('proxy_pass_header').length > 0
    }),
  'an MCP server sets no cookie and speaks for nobody': (locations) =>
    problems(proxied(locations), (location) =>
      ['Set-Cookie', 'WWW-Authenticate', 'X-User', 'X-Scopes', 'X-Mcp-Allow', 'X-Gatehouse-Reason'].some(
        (name) => !has(location.effective('proxy_hide_header'), name),
      ),
    ),
  'answers of an MCP server are its own': (locations) =>
    problems(
      proxied(locations),
      (location) => find(location.effective('proxy_intercept_errors'), 'proxy_intercept_errors', 'off') === undefined,
    ),
  'a validator that was away is asked again at once': (_locations, all) =>
    all.map(([directive, around]) => {
      const member = directive.name === 'server' && is(around.at(-1) ?? directive, 'upstream', 'gatehouse_validator')
      return member && !directive.args.includes('max_fails=0') ? directive : undefined
    }),
  'no credential in a log': (_locations, all) =>
    all.map(([directive]) => {
      const logs = ['log_format', 'access_log', 'error_log', 'map', 'proxy_cache_key', 'return', 'add_header', 'add_trailer'].includes(
        directive.name,
      )
      const text = PROBLEMS_ONLY.includes(directive.args.at(-1) ?? '') ? '' : directive.args.join(' ')
      return logs && (CREDENTIAL.test(text) || (directive.name === 'error_log' && directive.args.includes('debug'))) ? directive : undefined
    }),
  'every log is the audit format or none': (_locations, all) =>
    all.map(([directive]) =>
      directive.name === 'access_log' && directive.args[0] !== 'off' && directive.args[1] !== 'gatehouse' ? directive : undefined,
    ),
  'odd header names reach nobody': (_locations, all) =>
    all.flatMap(([directive]) => {
      if (directive.name !== 'server' || !isProtecting(directive)) return []
      const wanted = { underscores_in_headers: 'off', ignore_invalid_headers: 'on', merge_slashes: 'on' }
      return Object.entries(wanted).map(([name, value]) => (find(directive.block ?? [], name, value) ? undefined : directive))
    }),
  'only literal paths': (locations) =>
    problems(locations.filter(isProtected), ({ own }) => {
      const checks = own.filter(({ name }) => name === 'if').map(({ args }) => args.join(' '))
      return !checks.includes('($gatehouse_path_problem)') || !checks.includes('($gatehouse_host_problem)')
    }),
  'a body that may come stays in memory': (locations) =>
    problems(locations.filter(isProtected), (location) => {
      const limit = bytesOf(location.effective('client_max_body_size')[0]?.args[0])
      return !(limit > 0 && bytesOf(location.effective('client_body_buffer_size')[0]?.args[0]) >= limit)
    }),
  "what is nobody's is not found": (locations) =>
    problems(locations, ({ path, own }) => {
      const signIn = path === '= /' && own.some((line) => is(line, 'return', '302') && line.args[1] === '/oauth2/')
      return ['/', '^~ /', '= /'].includes(path) && find(own, 'return', '404') === undefined && !signIn
    }),
}

export const RULE_NAMES: readonly string[] = Object.keys(RULES)

/** Every trap that the configuration steps into. */
export function lint(files: Files, main: string): Problem[] {
  const all = [...walk(readConfig(files, main))]
  const locations = locationsOf(all)
  return Object.entries(RULES).flatMap(([rule, check]) =>
    check(locations, all).flatMap((found) =>
      found === undefined ? [] : [{ rule, at: found.at, what: `${found.name} ${found.args.join(' ')}` }],
    ),
  )
}
