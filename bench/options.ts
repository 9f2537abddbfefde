/** What a run is to measure: options of the command line, or variables of the environment where those are missing. */
import { parseArgs } from 'node:util'

export interface Options {
  /** Of one round of one point. */
  seconds: number
  rounds: number
  connections: number
  /** Distinct tokens that are signed beforehand. */
  tokens: number
  /** Parts and points; empty means all. */
  only: ReadonlySet<string>
  /** Folder of the results. */
  out: string
}

export type Command = { kind: 'run'; options: Options } | { kind: 'help' } | { kind: 'list' } | { kind: 'wrong'; problems: string[] }

/** No point may take longer than this, in seconds. */
export const LONGEST = 30

export const HELP = `Measures the gate against its limits and its peers, and writes results.md, results.svg and results.json.

  node --import tsx bench/main.ts [options]

  --seconds N       of each round of each point, 1 to ${LONGEST}     (BENCH_SECONDS, 3)
  --rounds N        all points once, then all again; medians  (BENCH_ROUNDS, 3)
  --connections N   of the load generator                     (BENCH_CONNECTIONS, 32)
  --tokens N        distinct tokens to sign beforehand        (BENCH_TOKENS, 100000)
  --only A,B        parts or points: see --list               (BENCH_ONLY, all)
  --out FOLDER      where results are written                 (BENCH_OUT, bench)
  --list            the names of all parts and points
  --help

Peers are measured when they are named: OAUTH2_PROXY and VOUCH, each the path of the program; REGISTRY_AUTH_SERVER, the folder of the MCP
Gateway Registry's auth_server, with REGISTRY_PYTHON, a Python that has its packages (python3). NGINX_BIN and NJS_MODULE name another nginx; where its njs is 0.8.5 or newer, GATEHOUSE_NGINX=dict
measures the gate with nginx/gatehouse-dict/.
`

const NUMBERS: Record<'seconds' | 'rounds' | 'connections' | 'tokens', [usual: number, most: number]> = {
  seconds: [3, LONGEST],
  rounds: [3, 100],
  connections: [32, 1000],
  tokens: [100_000, 1_000_000],
}

/**
 * @param names every part and point there is
 * @returns all that is wrong at once
 */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  names: ReadonlySet<string>,
): Command {
  let values: Record<string, string | boolean | undefined>
  try {
    values = parse(args)
  } catch (error) {
    return { kind: 'wrong', problems: [(error as Error).message] }
  }
  if (values.help) return { kind: 'help' }
  if (values.list) return { kind: 'list' }
  const problems: string[] = []
  const said = (name: string): string | undefined => (values[name] as string | undefined) || env[`BENCH_${name.toUpperCase()}`] || undefined
  const number = (name: keyof typeof NUMBERS): number => {
    const [usual, most] = NUMBERS[name]
    const value = Number(said(name) ?? usual)
    if (!Number.isInteger(value) || value < 1 || value > most)
      problems.push(`--${name} must be a whole number from 1 to ${most}, not "${said(name)}"`)
    return value
  }
  const only = new Set((said('only') ?? '').split(',').filter((name) => name !== ''))
  for (const name of only) if (!names.has(name)) problems.push(`--only knows no "${name}"; --list shows all names`)
  const options: Options = {
    seconds: number('seconds'),
    rounds: number('rounds'),
    connections: number('connections'),
    tokens: number('tokens'),
    only,
    out: said('out') ?? 'bench',
  }
  return problems.length === 0 ? { kind: 'run', options } : { kind: 'wrong', problems }
}

function parse(args: readonly string[]): Record<string, string | boolean | undefined> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = { seconds: text, rounds: text, connections: text, tokens: text, only: text, out: text, list: flag, help: flag }
  return parseArgs({ args: [...args], options, strict: true }).values
}
