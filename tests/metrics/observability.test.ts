/** The dashboard, the alerts and the document speak of figures that there are, and of no others. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { createEvents } from '../../src/metrics/events.ts'
import { createRegistry } from '../../src/metrics/registry.ts'
import { createTally } from '../../src/metrics/tally.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const tests = suite('observability files')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const folder = 'deploy/observability'

interface Alert {
  alert: string
  expr: string
  annotations: Record<string, string>
}
const alerts = (load(read(`${folder}/prometheus-alerts.yml`)) as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules)
const { panels } = JSON.parse(read(`${folder}/grafana-dashboard.json`)) as { panels: { title: string; targets: { expr: string }[] }[] }
const EXPRESSIONS: [where: string, expression: string][] = [
  ...alerts.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr])),
]

/** Every metric that there may be, with its labels. */
const known = new Map<string, readonly string[]>([['up', []]])
tests.before(async () => {
  const events = createEvents([])
  events.storeAnswers = true
  const memory = { hits: 0, added: 0, size: 0 }
  const memories = { token: memory, session: memory }
  const figures = { tally: createTally(), events, memories, keys: new Map(), policyBroken: () => false, ended: () => 0 }
  for (const metric of createRegistry(figures, '1').getMetricsAsArray()) {
    const { name, labelNames } = metric as unknown as { name: string; labelNames: readonly string[] }
    known.set(name, labelNames)
    if (name === 'gatehouse_decision_seconds') for (const part of ['bucket', 'sum', 'count']) known.set(`${name}_${part}`, ['le'])
  }
})

const METRIC = /\b(?:gatehouse|process|nodejs)_\w+|\bup\b/g
const metricsIn = (text: string): string[] => [...text.matchAll(METRIC)].map(([name]) => name)
/** Those that Prometheus adds. */
const ADDED = ['job', 'instance']

for (const [where, expression] of EXPRESSIONS) {
  tests(`${where}: ${expression.trim().split('\n')[0]?.slice(0, 60)}`, () => {
    const metrics = metricsIn(expression)
    assert.ok(metrics.length > 0)
    assert.equal(
      metrics.filter((name) => !known.has(name)),
      [],
    )
    const labels = new Set([...ADDED, ...metrics.flatMap((name) => known.get(name) ?? [])])
    const matched = [...expression.matchAll(/[{,]\s*(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label as string)
    const grouped = [...expression.matchAll(/\bby \(([\w, ]+)\)/g)].flatMap(([, list]) => (list as string).split(/,\s*/))
    assert.equal(
      [...matched, ...grouped].filter((label) => !labels.has(label)),
      [],
    )
  })
}

tests('every figure of ours is in the document and somewhere in the dashboard or an alert', () => {
  const shown = new Set(EXPRESSIONS.flatMap(([, expression]) => metricsIn(expression)))
  const told = metricsIn(read('docs/observability.md'))
  for (const name of known.keys()) {
    if (!name.startsWith('gatehouse_') || /seconds_(?:bucket|sum|count)$/.test(name)) continue
    assert.ok(shown.has(name) || shown.has(`${name}_bucket`), `${name} is shown nowhere`)
    assert.ok(told.includes(name), `${name} is not in the document`)
  }
  assert.equal(
    told.filter((name) => name.startsWith('gatehouse_') && !known.has(name)),
    [],
  )
})

tests('every alert is in the document, and has tests in which it is silent and in which it sounds', () => {
  const document = read('docs/observability.md')
  const trials = read(`${folder}/prometheus-alerts.test.yml`)
  assert.ok(alerts.length >= 12)
  for (const { alert, annotations } of alerts) {
    assert.ok(document.includes(`\`${alert}\``), alert)
    assert.ok(trials.includes(`alertname: ${alert} }`) && trials.includes(`alertname="${alert}"`), alert)
    assert.ok(annotations.summary && annotations.description, alert)
  }
})

tests('panels have different names and do not lie upon each other', () => {
  const places = (panels as unknown as { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]).map(
    ({ gridPos }) => gridPos,
  )
  assert.is(new Set(panels.map(({ title }) => title)).size, panels.length)
  places.forEach((one, index) => {
    assert.ok(one.x + one.w <= 24)
    for (const other of places.slice(index + 1)) {
      const apart = one.x + one.w <= other.x || other.x + other.w <= one.x || one.y + one.h <= other.y || other.y + other.h <= one.y
      assert.ok(apart)
    }
  })
})

tests.run()
