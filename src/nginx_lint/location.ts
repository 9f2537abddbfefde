/** Locations of an nginx configuration as the lint sees them: what they do, and what counts in them. */
import { type Directive, type Placed, walk } from './config.ts'

/** A location and what counts in it. */
export interface Location {
  directive: Directive
  own: readonly Directive[]
  around: readonly Directive[]
  path: string
  /** What nginx uses for a directive: the location's own lines, or else those of the nearest block around it. */
  effective(name: string): Directive[]
}

const VALIDATOR = 'gatehouse_validator'
/** Where nginx alone asks who it is: with a memory, and where that fails, without. */
export const QUESTIONS = ['= /_gatehouse/validate', '= /_gatehouse/unremembered']
export const PASSES = ['proxy_pass', 'fastcgi_pass', 'uwsgi_pass', 'scgi_pass', 'grpc_pass', 'memcached_pass']

export const is = (directive: Directive, name: string, ...args: string[]): boolean =>
  directive.name === name && args.every((arg, index) => directive.args[index] === arg)
export const find = (directives: readonly Directive[], name: string, ...args: string[]): Directive | undefined =>
  directives.find((directive) => is(directive, name, ...args))
export const passOf = ({ own }: Location): Directive | undefined => own.find(({ name }) => PASSES.includes(name))
export const toValidator = (location: Location): boolean =>
  location.own
    .filter(({ name }) => PASSES.includes(name))
    .every(({ args }) => /^(?:http:\/\/)?gatehouse_validator(?:\/|$)/.test(args[0] ?? ''))
export const proxied = (locations: readonly Location[]): Location[] =>
  locations.filter((location) => passOf(location) && !toValidator(location))
export const isQuestion = ({ path }: Location): boolean => QUESTIONS.includes(path)
/** The line by which the question is asked without a memory, in the one place where it belongs. */
export const isAskedAgain = (line: Directive, around: Directive | undefined): boolean =>
  `${line.name} ${line.args.join(' ')}` === 'error_page 500 = /_gatehouse/unremembered' && around?.args.join(' ') === QUESTIONS[0]
export const isProtected = (location: Location): boolean =>
  find(location.own, 'set', '$gatehouse_server') !== undefined || find(location.own, 'js_content', 'gatehouse.gate') !== undefined
export const isAsked = (location: Location): boolean => location.effective('auth_request').some(({ args }) => args[0] !== 'off')
/** Whether the first thing in the location is to refuse whoever has not come through the gate. */
export function refusesWithoutPass({ own: [first] }: Location): boolean {
  const [answer] = first?.block ?? []
  return first?.name === 'if' && first.args.join(' ') === '($gatehouse_pass != 1)' && answer?.name === 'return' && answer.args[0] === '403'
}

/** Whether the client is asked who it is, its body is read by the gate, and nothing else that answers would even start. */
export function isGated(location: Location): boolean {
  return (
    find(location.effective('auth_request'), 'auth_request', '/_gatehouse/validate') !== undefined &&
    find(location.own, 'js_content', 'gatehouse.gate') !== undefined &&
    PASSES.every((name) => find(location.own, name, name === 'proxy_pass' ? `http://${VALIDATOR}` : VALIDATOR) !== undefined) &&
    find(location.own, 'mirror', 'off') !== undefined
  )
}

/** Whether it answers with a refusal whatever is asked. */
export function answersOnly({ own }: Location): boolean {
  return own.some(({ name, args }) => name === 'return' && /^4\d\d$/.test(args[0] ?? ''))
}

/** Whether a block has locations that are to be behind the gate. */
export const isProtecting = ({ block }: Directive): boolean =>
  [...walk(block ?? [])].some(([line]) => is(line, 'js_content', 'gatehouse.gate') || is(line, 'set', '$gatehouse_server'))

export function locationsOf(all: readonly Placed[]): Location[] {
  return all
    .filter(([{ name }]) => name === 'location')
    .map(([directive, around]) => {
      const own = directive.block ?? []
      const levels = [...around.map(({ block }) => block ?? []), own]
      const effective = (name: string): Directive[] =>
        levels.map((level) => level.filter((line) => line.name === name)).findLast((found) => found.length > 0) ?? []
      return { directive, own, around, path: directive.args.join(' '), effective }
    })
}

/** The path of a prefix or exact location without its modifier, or null for a regular expression and a named location. */
export function literalPath({ directive: { args } }: Location): string | null {
  const [first = '', second] = args
  if (second !== undefined) return first === '=' || first === '^~' ? second : null
  // `=/path` and `^~/path` may stand without a space.
  const path = first.replace(/^(?:=|\^~)/, '')
  return path.startsWith('/') ? path : null
}

/** `/NAME/` of a protected location, or null while it names no server. */
export function protectedPath(location: Location): string | null {
  const name = find(location.own, 'set', '$gatehouse_server')?.args[1]
  return name === undefined ? null : `/${name}/`
}
