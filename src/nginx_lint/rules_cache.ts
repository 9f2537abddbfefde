/** Traps around what nginx remembers: whose answer it is, what is remembered, and for how long. */
import { type Directive, walk } from './config.ts'
import { find, isProtected, isQuestion, proxied } from './location.ts'
import { problems, type Rules } from './rule.ts'
import { isSaidOtherwise, textOf } from './said.ts'

/** What must stand in the location itself: a line of `http {}` would count where it is missing. */
const REMEMBERS: ReadonlyArray<readonly string[]> = [
  ['proxy_cache_key', '$gatehouse_decision_key'],
  // The answer to a second question is for that one call.
  ['proxy_cache_bypass', '$gatehouse_call'],
  ['proxy_no_cache', '$gatehouse_call', '$gatehouse_not_yes', '$gatehouse_no_room'],
  // A refusal comes without a time.
  ['proxy_cache_valid', 'any', '0'],
  ['proxy_cache_methods', 'GET'],
  ['proxy_cache_use_stale', 'off'],
  ['proxy_cache_background_update', 'off'],
  ['proxy_cache_revalidate', 'off'],
  ['proxy_cache_lock', 'off'],
  ['proxy_buffering', 'on'],
]
/** Only the validator's X-Accel-Expires says how long. */
const IGNORED = 'Cache-Control Expires Set-Cookie Vary'

const isExactly = (own: readonly Directive[], [name = '', ...args]: readonly string[]): boolean => {
  const lines = own.filter((line) => line.name === name)
  return lines.length === 1 && lines[0]?.args.join(' ') === args.join(' ')
}

export const CACHE_RULES: Rules = {
  'no stale or shared answers': (_locations, all) =>
    all.map(([directive, around]) => {
      const { name, args } = directive
      const stale = name === 'proxy_cache_use_stale' && args[0] !== 'off'
      const shared = ['proxy_cache', 'proxy_store'].includes(name) && args[0] !== 'off'
      return stale || (shared && !find(around.at(-1)?.block ?? [], 'proxy_cache_key')) ? directive : undefined
    }),
  'a decision is remembered for the one who asked, and not longer than the validator says': (locations) =>
    problems(locations.filter(isQuestion), ({ own, effective }) => {
      if (effective('proxy_cache').every(({ args }) => args[0] === 'off')) return false
      const ignored = effective('proxy_ignore_headers').flatMap(({ args }) => args)
      return !REMEMBERS.every((line) => isExactly(own, line)) || ignored.join(' ') !== IGNORED
    }),
  'room for decisions is looked for where they are kept': (_locations, all) => {
    const lines = all.map(([directive]) => directive)
    const looked = lines.filter(({ name, args }) => name === 'map' && args[1] === '$gatehouse_decisions').map(textOf)
    return lines.map((line) => {
      if (line.name !== 'proxy_cache_path' || !line.args.some((arg) => arg.startsWith('keys_zone=gatehouse:'))) return undefined
      return looked.join() === `map  $gatehouse_decisions { default ${line.args[0]} }` ? undefined : line
    })
  },
  'nothing is remembered without a key': (locations, all) => [
    ...problems(
      locations.filter(isProtected),
      ({ own }) => !(NEEDED.every((lack) => isNeeded(own, lack)) && MAKING.every((text) => own.some((line) => textOf(line) === text))),
    ),
    ...all.map(([directive]) => (isSaidOtherwise(directive, KEY_PARTS) ? directive : undefined)),
  ],
  'what an MCP server answers is looked at': (locations) =>
    problems(
      locations.filter((location) => proxied([location]).length > 0 && location.path.startsWith('@')),
      ({ own }) => {
        const named = (filter: string): string[] =>
          [...walk(own)].filter(([{ name }]) => name === filter).map(([{ args }]) => args[0] ?? '')
        const [heads, bodies] = [named('js_header_filter').join(), named('js_body_filter').join()]
        // Who looks at a body has to have seen its head.
        return !['gatehouse.answered ', 'listing.answered listing.filter', 'endpoint.answered endpoint.filter'].includes(
          `${heads} ${bodies}`,
        )
      },
    ),
}

/** What a request cannot go on without: a server, and a digest, which has 32 bytes. */
const NEEDED = ['($gatehouse_server =  )', '($gatehouse_credential !~ ^(?s).{32}\\z )']

const isNeeded = (own: readonly Directive[], lack: string): boolean =>
  own.some(({ name, args, block }) => name === 'if' && args.join(' ') === lack && find(block ?? [], 'return', '503'))

/** By what decisions are remembered, a line a part: each may be said in this way and in no other. */
const KEY_PARTS: Readonly<Record<string, string>> = {
  $gatehouse_asker: 'set $gatehouse_asker $http_authorization\\n$http_cookie\\n$http_origin',
  $gatehouse_digested: 'js_set $gatehouse_digested gatehouse.digest',
  $gatehouse_credential: 'js_var $gatehouse_credential',
  $gatehouse_minute: 'map $time_iso8601 $gatehouse_minute { default ; ~^(?<minute>.{16}) $minute }',
  $gatehouse_decision_key:
    'map  $gatehouse_decision_key { default $request_method $gatehouse_server $gatehouse_minute $gatehouse_credential }',
}

/** In each protected location. */
const MAKING = [KEY_PARTS.$gatehouse_asker, 'set $gatehouse_made $gatehouse_digested']
