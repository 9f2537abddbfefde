/** Traps of the server and of what is said once for all of it: names, caches, logs, limits. */
import type { Directive } from './config.ts'
import { find, is, isProtected, isProtecting } from './location.ts'
import { CREDENTIAL, problems, type Rules } from './rule.ts'

/** Maps that look at what a client sends and repeat nothing of it. One into a variable that counts as a credential itself is found by its use. */
const MUTE = ['$gatehouse_path_problem', '$gatehouse_header_problem', '$gatehouse_browser', '$gatehouse_transport']
const SHOWN = ['log_format', 'access_log', 'error_log', 'map', 'proxy_cache_key', 'return', 'add_header', 'add_trailer']

const bytesOf = (size: string | undefined): number => {
  const [, digits, unit = ''] = /^(\d+)([km]?)$/i.exec(size ?? '') ?? []
  return Number(digits) * ({ k: 1024, m: 1024 * 1024 }[unit.toLowerCase()] ?? 1)
}

export const SERVER_RULES: Rules = {
  'no set at server level': (_locations, all) =>
    all.map(([directive, around]) => {
      const outside = around.some(({ name }) => name === 'server') && !around.some(({ name }) => name === 'location')
      return outside && ['set', 'rewrite', 'if', 'return'].includes(directive.name) ? directive : undefined
    }),
  'the name of the server is a constant': (_locations, all) => all.map(([directive]) => (isDerivedName(directive) ? directive : undefined)),
  'the location of a server has its name': (locations) =>
    problems(locations.filter(isProtected), ({ path, own }) => {
      const name = find(own, 'set', '$gatehouse_server')?.args[1]
      return (
        !['', '^~ ', '= '].some((kind) => path.startsWith(`${kind}/${name}/`)) ||
        own.filter((line) => is(line, 'set', '$gatehouse_server')).length !== 1
      )
    }),
  'a validator that was away is asked again at once': (_locations, all) =>
    all.map(([directive, around]) => {
      const member = directive.name === 'server' && is(around.at(-1) ?? directive, 'upstream', 'gatehouse_validator')
      return member && !directive.args.includes('max_fails=0') ? directive : undefined
    }),
  'no credential in a log': (_locations, all) =>
    all.map(([directive]) => {
      const target = directive.name === 'map' ? (directive.args.at(-1) ?? '') : ''
      const text = MUTE.includes(target) || CREDENTIAL.test(target) ? '' : directive.args.join(' ')
      const told = CREDENTIAL.test(text) || (directive.name === 'error_log' && directive.args.includes('debug'))
      return SHOWN.includes(directive.name) && told ? directive : undefined
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

/** Whether the name of a server, by which rights are looked up, depends on the request. */
function isDerivedName(directive: Directive): boolean {
  const { name, args } = directive
  const set = is(directive, 'set', '$gatehouse_server') && !/^[A-Za-z0-9._-]+$/.test(args[1] ?? '')
  const header = name === 'proxy_set_header' && /^X-(?:Mcp-)?Server(?:-Name)?$/i.test(args[0] ?? '')
  const sent = header && !/^(?:\$gatehouse_server(?:_name)?)?$/.test(args[1] ?? '')
  const derives = ['map', 'geo', 'split_clients', 'js_set', 'perl_set'].includes(name)
  return set || sent || (derives && args.at(-1) === '$gatehouse_server') || is(directive, 'js_set', '$gatehouse_server')
}
