/** The figures in the words of Prometheus. Nothing is kept here twice: each metric asks for its figures when it is read. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, type MetricValueWithName, Registry } from 'prom-client'
import type { KeyStore } from '../cognito/keys.ts'
import type { Figures } from './figures.ts'
import { BOUNDS } from './tally.ts'

type Sample = [labels: Record<string, string>, value: number | null]
type Kind = typeof Counter | typeof Gauge

/** Milliseconds between two looks at how late the event loop is. */
const LOOP_PRECISION = 20

/** @param version of Gatehouse */
export function createRegistry(figures: Figures, version: string): Registry {
  const registry = new Registry()
  const add = (Metric: Kind, name: string, help: string, labelNames: readonly string[], samples: () => Iterable<Sample>): void => {
    const metric = new Metric({
      name: `gatehouse_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect: () => {
        metric.reset()
        for (const [labels, value] of samples()) if (value !== null) metric.inc(labels, value)
      },
    })
  }
  addDecisions(figures, add)
  registry.registerMetric(new Times(figures))
  addMemories(figures, add)
  addKeys(figures, add)
  addPolicy(figures, add)
  addSessions(figures, add)
  add(Counter, 'faults_total', 'Errors that should not have happened; the log has each of them.', [], () => [[{}, figures.events.faults]])
  add(Gauge, 'build_info', 'Always 1; which Gatehouse runs on which Node.', ['version', 'node'], () => [
    [{ version, node: process.versions.node }, 1],
  ])
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_PRECISION })
  return registry
}

type Add = (Metric: Kind, name: string, help: string, labelNames: readonly string[], samples: () => Iterable<Sample>) => void

function addDecisions({ tally }: Figures, add: Add): void {
  const help = 'Decisions by result, reason of the refusal and kind of the verified credential.'
  add(Counter, 'decisions_total', help, ['result', 'reason', 'auth_method'], () =>
    tally.outcomes().map(({ result, reason, authMethod, count }) => [{ result, reason, auth_method: authMethod }, count]),
  )
  const ofServers = 'Decisions by MCP server and result; servers that scopes.yml does not name are counted together.'
  add(Counter, 'server_decisions_total', ofServers, ['server', 'result'], () =>
    tally.servers().flatMap(({ server, allowed, refused }): Sample[] => [
      [{ server, result: 'allow' }, allowed],
      [{ server, result: 'refuse' }, refused],
    ]),
  )
}

function addMemories({ memories }: Figures, add: Add): void {
  const each = (value: (memory: Figures['memories']['token']) => number) => (): Sample[] =>
    (['token', 'session'] as const).map((kind) => [{ kind }, value(memories[kind])])
  const found = 'Credentials that were remembered and had not to be opened or verified again.'
  add(
    Counter,
    'memory_hits_total',
    found,
    ['kind'],
    each(({ hits }) => hits),
  )
  const added = 'Credentials that were verified or opened in full, were good, and are remembered since.'
  add(
    Counter,
    'memory_additions_total',
    added,
    ['kind'],
    each(({ added }) => added),
  )
  add(
    Gauge,
    'memory_entries',
    'Credentials that are remembered now, by digest.',
    ['kind'],
    each(({ size }) => size),
  )
}

function addKeys({ keys, events }: Figures, add: Add): void {
  const each = (value: (state: ReturnType<KeyStore['state']>) => number | null) => (): Sample[] =>
    [...keys].map(([pool, store]) => [{ pool }, value(store.state())])
  const age = 'Seconds since the keys of the pool were fetched; absent until they are.'
  add(
    Gauge,
    'keys_age_seconds',
    age,
    ['pool'],
    each(({ ageSeconds }) => ageSeconds),
  )
  add(
    Gauge,
    'keys',
    'Keys of the pool that are at hand.',
    ['pool'],
    each(({ keys }) => keys),
  )
  add(Counter, 'keys_fetches_total', 'Fetches of the keys of the pool.', ['pool', 'result'], () =>
    [...events.fetches].flatMap(([pool, { ok, failed }]): Sample[] => [
      [{ pool, result: 'ok' }, ok],
      [{ pool, result: 'failed' }, failed],
    ]),
  )
}

function addPolicy({ events, policyBroken }: Figures, add: Add): void {
  const loads = 'Times that a good policy came into force; the first is that of the start.'
  add(Counter, 'policy_loads_total', loads, [], () => [[{}, events.policyLoads]])
  add(Counter, 'policy_load_failures_total', 'Times that the policy file was refused.', [], () => [[{}, events.policyFailures]])
  const loaded = 'When the policy in force was loaded, in seconds since 1970.'
  add(Gauge, 'policy_loaded_timestamp_seconds', loaded, [], () => [[{}, events.policyLoadedAt]])
  const broken = '1 while the policy file is refused and an older policy stays in force, else 0.'
  add(Gauge, 'policy_broken', broken, [], () => [[{}, Number(policyBroken())]])
}

/** Which of the two there is is known from the start; a metric without labels would show 0 where there is nothing to tell. */
function addSessions({ ended, events }: Figures, add: Add): void {
  if (ended() !== null) {
    const notes = 'Notes in memory of ended sessions, users and used ids; absent where a store is shared.'
    add(Gauge, 'ended_sessions', notes, [], () => [[{}, ended()]])
  }
  if (events.storeAnswers !== null) {
    const up = '1 while the shared store of ended sessions answers, else 0; absent without one.'
    add(Gauge, 'session_store_up', up, [], () => [[{}, Number(events.storeAnswers)]])
  }
}

const NAME = 'gatehouse_decision_seconds'
const HELP = 'What a decision took in the validator, in seconds.'

/** prom-client has no histogram of numbers that are counted elsewhere. */
class Times extends Histogram {
  private readonly figures: Figures
  constructor(figures: Figures) {
    super({ name: NAME, help: HELP, buckets: BOUNDS.map((bound) => bound / 1e6), registers: [] })
    this.figures = figures
  }

  /** What the registry calls for the text of a metric, in the form that prom-client's own histograms have. */
  async getForPromString(): Promise<{
    name: string
    help: string
    type: string
    aggregator: string
    values: MetricValueWithName<string>[]
  }> {
    const { counts, microseconds } = this.figures.tally.times()
    let sum = 0
    const values: MetricValueWithName<string>[] = counts.map((count, index) => {
      sum += count
      const bound = BOUNDS[index]
      return { metricName: `${NAME}_bucket`, labels: { le: bound === undefined ? '+Inf' : bound / 1e6 }, value: sum }
    })
    values.push({ metricName: `${NAME}_sum`, labels: {}, value: microseconds / 1e6 })
    values.push({ metricName: `${NAME}_count`, labels: {}, value: sum })
    return { name: NAME, help: HELP, type: 'histogram', aggregator: 'sum', values }
  }
}
