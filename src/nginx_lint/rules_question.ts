/** Traps around the question "who is it?": requests that reach an MCP server, or the validator, without it. */
import { type Directive, walk } from './config.ts'
import {
  answersOnly,
  find,
  is,
  isAsked,
  isAskedAgain,
  isGated,
  isProtected,
  isQuestion,
  type Location,
  literalPath,
  PASSES,
  passOf,
  protectedPath,
  proxied,
  QUESTIONS,
  refusesWithoutPass,
  toValidator,
} from './location.ts'
import { problems, type Rules } from './rule.ts'
import { isSaidOtherwise } from './said.ts'

/** What the validator itself serves to clients, and the question that only nginx may ask. */
const OPEN = [
  ...QUESTIONS,
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/oauth2/',
  '= /oauth2/register',
  '= /oauth2/token',
  '= /oauth2/revoke',
  '= /health',
]

/** What the gate goes by after the question. */
const JUDGED: Readonly<Record<string, string>> = {
  $gatehouse_yes:
    'map $gatehouse_verdict\\n$gatehouse_server\\n$gatehouse_server_name\\n$gatehouse_user $gatehouse_yes { default ; ' +
    '~^204\\n(?<asked_server>[^\\n]+)\\n(?P=asked_server)\\n. $request_method$gatehouse_mcp_trust_headers }',
  $gatehouse_text:
    'map $gatehouse_yes $content_type $content_length $request_time $gatehouse_text ' +
    '{ default ; ~^POST(?!on )[^ ]* application/json [0-9]{1,4} [01]\\.[0-9]{3}$ $request_body }',
  // The pattern of glance.conf.
  $gatehouse_glance: '6ad2d5803c54f9c4d4e54eb9e700ee9693829de56893640d8c31ce8d27f84b33',
  $gatehouse_path_problem:
    'map $request_uri $uri $gatehouse_path_problem { default 1; ~^(?<p>/[A-Za-z0-9._~/-]*)(?:\\?[^ \\n#]*)? (?P=p)\\z 0 }',
  $gatehouse_path:
    'map $gatehouse_server $uri $gatehouse_path { default /; ' +
    '~^(?<path_name>[^ ]+) /(?P=path_name)(?<path_rest>/[A-Za-z0-9._~/-]*)\\z $path_rest; ' +
    '~^[^ ]* (?<path_whole>/[A-Za-z0-9._~/-]*)\\z $path_whole }',
}

export const QUESTION_RULES: Rules = {
  'an MCP server is reached through the gate alone': (locations) =>
    problems(proxied(locations), (location) => !(location.path.startsWith('@') && refusesWithoutPass(location))),
  'a protected location has the whole gate': (locations) => problems(locations.filter(isProtected), (location) => !isGated(location)),
  'the validator is reached where it must be alone': (locations) =>
    problems(
      locations,
      (location) => passOf(location) !== undefined && toValidator(location) && !isProtected(location) && !OPEN.includes(location.path),
    ),
  'the question is internal': (locations) =>
    problems(locations, (location) => isQuestion(location) && find(location.own, 'internal') === undefined),
  'the question carries no body and no header of the client': (locations) =>
    problems(
      locations.filter(isQuestion),
      ({ own }) =>
        !(
          find(own, 'proxy_pass_request_body', 'off') &&
          find(own, 'proxy_pass_request_headers', 'off') &&
          find(own, 'proxy_method', 'GET')
        ),
    ),
  'a yes is that of the contract, and what is judged is what is forwarded': (_locations, all) =>
    all.map(([directive]) => (isSaidOtherwise(directive, JUDGED) ? directive : undefined)),
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
  'no condition has a way of its own': (locations) =>
    locations
      .filter(isProtected)
      .flatMap(({ own }) => [...walk(own)].map(([line, around]) => (around.length > 0 && PASSES.includes(line.name) ? line : undefined))),
  'an error page neither proxies nor succeeds': (locations, all) =>
    all.map(([line, around]) =>
      line.name === 'error_page' && !isAskedAgain(line, around.at(-1)) && !isHarmlessPage(line, locations) ? line : undefined,
    ),
  'no regular expression goes before a protected location': (locations) =>
    problems(
      locations,
      (location) =>
        /^~/.test(location.directive.args[0] ?? '') && comesFirst(location, locations) && !isGated(location) && !answersOnly(location),
    ),
  'no location inside a protected one': (locations) =>
    locations.filter(isProtected).map(({ own }) => [...walk(own)].map(([directive]) => directive).find(({ name }) => name === 'location')),
  'no longer path leads around a protected location': (locations) =>
    problems(locations, (location) => !isProtected(location) && !answersOnly(location) && isBelowProtected(location, locations)),
}

function isHarmlessPage({ args }: Directive, locations: readonly Location[]): boolean {
  const target = args.at(-1) as string
  const change = args.find((arg) => arg.startsWith('='))
  const location = locations.find(({ path }) => path === target)
  const refuses = target.startsWith('@') && location !== undefined && passOf(location) === undefined
  return refuses && (change === undefined || /^=(?:[45]\d\d)?$/.test(change))
}

const serverOf = ({ around }: Location): Directive | undefined => around.find(({ name }) => name === 'server')

/** Regular expressions go before prefixes, unless these say `^~`. */
const comesFirst = (location: Location, locations: readonly Location[]): boolean =>
  locations.some((other) => isProtected(other) && serverOf(other) === serverOf(location) && !/^(?:\^~|=)/.test(other.path))

function isBelowProtected(location: Location, locations: readonly Location[]): boolean {
  const path = literalPath(location)
  return locations.some((other) => {
    const above = isProtected(other) && serverOf(other) === serverOf(location) ? protectedPath(other) : null
    return path !== null && above !== null && path.startsWith(above)
  })
}
