/**
 * The traps in somebody's own configuration, in which there is more than the gate: other sites, logs and files are nobody's business
 * here, but every way to an MCP server is.
 */
import { addressesOf, upstreamsOf } from './addresses.ts'
import { type Directive, type Placed, walk } from './config.ts'
import { GRADES } from './grades.ts'
import { broken } from './lint.ts'
import {
  find,
  isGated,
  isProtected,
  isProtecting,
  type Location,
  literalPath,
  locationsOf,
  PASSES,
  passOf,
  toValidator,
} from './location.ts'

export type Severity = 'warning' | 'failure'

export interface Verdict {
  rule: string
  severity: Severity
  at: string
  /** The directive and its first argument: the rest may hold a secret. */
  what: string
}

/** What a grade may look at. */
export interface Surroundings {
  /** Whether the directive is one of the gate's own, or of a location of its. */
  ofGate(directive: Directive): boolean
  /** Whether nginx uses the directive in a location of the gate, where it may be inherited. */
  counts(directive: Directive): boolean
}

/** The locations behind the gate with the names of their servers. */
export const gatedServers = (directives: readonly Directive[]): { name: string; at: string }[] =>
  locationsOf([...walk(directives)])
    .filter(isProtected)
    .flatMap(({ own }) => {
      const line = find(own, 'set', '$gatehouse_server')
      return line === undefined ? [] : [{ name: line.args[1] ?? '', at: line.at }]
    })

/**
 * Everything that leads around the gate or weakens it.
 * @param known names of MCP servers, as the policy has them
 */
export function judge(directives: readonly Directive[], known: readonly string[]): Verdict[] {
  const all = [...walk(directives)]
  const locations = locationsOf(all)
  const around = surroundings(locations)
  const graded = broken(onlyProtecting(directives)).flatMap(({ rule, found }) => {
    const severity = (GRADES[rule] ?? (() => 'failure'))(found, around)
    return severity === null ? [] : [verdict(rule, severity, found)]
  })
  return unique([...graded, ...otherWays(directives, all, locations), ...ungated(locations, known), ...oddNames(all)])
}

const verdict = (rule: string, severity: Severity, found: Directive): Verdict => {
  return { rule, severity, at: found.at, what: [found.name, ...found.args.slice(0, found.name === 'location' ? 2 : 1)].join(' ') }
}

/** One place may break several rules of a kind; the worst is enough. */
function unique(verdicts: readonly Verdict[]): Verdict[] {
  const seen = new Set<string>()
  return [...verdicts]
    .sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
    .filter(({ rule, at, what }) => {
      const key = `${rule} ${at} ${what}`
      return seen.has(key) ? false : seen.add(key)
    })
}

/** Servers without a protected location are left out; `otherWays` looks at those. */
function onlyProtecting(directives: readonly Directive[]): Directive[] {
  return directives
    .filter(({ name }) => name !== 'stream' && name !== 'mail')
    .map((directive) => {
      if (directive.name !== 'http') return directive
      return { ...directive, block: (directive.block ?? []).filter((line) => line.name !== 'server' || isProtecting(line)) }
    })
}

function surroundings(locations: readonly Location[]): Surroundings {
  const own = locations.filter((location) => isProtected(location) || isService(location) || isBehindPass(location))
  const inside = new Set(own.flatMap((location) => [location.directive, ...[...walk(location.own)].map(([line]) => line)]))
  return {
    ofGate: (directive) => inside.has(directive),
    counts: (directive) => inside.has(directive) || own.some((location) => location.effective(directive.name).includes(directive)),
  }
}

const isService = (location: Location): boolean => {
  const asksValidator = passOf(location) !== undefined && toValidator(location)
  return asksValidator || location.path.startsWith('@gatehouse') || location.path.startsWith('= /_gatehouse')
}

const isBehindPass = ({ own }: Location): boolean =>
  own.some(({ name, args }) => name === 'proxy_pass' && args[0]?.includes('$gatehouse_upstream') === true)

/** Whatever passes requests to the address of an MCP server, in any block of any server, and is not the gate itself. */
function otherWays(directives: readonly Directive[], all: readonly Placed[], locations: readonly Location[]): Verdict[] {
  const upstreams = upstreamsOf(directives)
  const targets = all.filter(([{ name, args }]) => name === 'set' && args[0] === '$gatehouse_upstream').map(([{ args }]) => args[1] ?? '')
  const protectedOnes = new Set(targets.flatMap((target) => addressesOf(target, upstreams)))
  return all.flatMap(([directive]) => {
    if (!PASSES.includes(directive.name)) return []
    const leads = addressesOf(directive.args[0] ?? '', upstreams).some((address) => protectedOnes.has(address))
    if (leads) return [verdict(OTHER_WAY, 'failure', directive)]
    const location = locations.find(({ own }) => own.includes(directive))
    const isApart = location !== undefined && !isProtected(location) && !toValidator(location) && !isBehindPass(location)
    const beside = isApart && location.around.some((block) => block.name === 'server' && isProtecting(block))
    return beside ? [verdict(BESIDE, 'warning', location.directive)] : []
  })
}

export const OTHER_WAY = 'nothing but the gate leads to the address of an MCP server'
export const BESIDE = 'what stands beside the gate without passing it is no MCP server'
export const UNGATED = 'the location of every MCP server is behind the gate'

/** Locations that have the path of a server of the policy and pass requests on without asking. */
const ungated = (locations: readonly Location[], known: readonly string[]): Verdict[] =>
  locations
    .filter((location) => {
      const path = literalPath(location)
      const named = known.some((name) => path === `/${name}` || path?.startsWith(`/${name}/`))
      return named && !isGated(location) && [...walk(location.own)].some(([{ name }]) => PASSES.includes(name))
    })
    .map(({ directive }) => verdict(UNGATED, 'failure', directive))

/** Of several servers on one address the default one decides about odd header names, so they must be off everywhere. */
const oddNames = (all: readonly Placed[]): Verdict[] =>
  all.flatMap(([directive]) => {
    const { name, args } = directive
    const odd = (name === 'underscores_in_headers' && args[0] === 'on') || (name === 'ignore_invalid_headers' && args[0] === 'off')
    return odd ? [verdict('odd header names reach nobody', 'failure', directive)] : []
  })
