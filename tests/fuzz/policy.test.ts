/** `scopes.yml` in every wrong form: it is refused with its problems, or it allows what its plain data allow, by the rule word by word. */
import { readFileSync } from 'node:fs'
import type { Rule } from '../../src/gate/policy.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import { parseYaml } from '../../src/scopes/yaml.ts'
import { permitted } from '../gate/permitted.ts'
import { ALL_CALLS, randomDocument, SERVERS } from '../policy/random_policy.ts'
import type { Random } from '../support/random.ts'
import { drawn } from './drawn.ts'
import { joined, mutated } from './pieces.ts'
import { fuzzing, isQuick } from './property.ts'

const tests = fuzzing('policy')

type Entry = Partial<Omit<Rule, 'scope'>> & Pick<Rule, 'server'>

/** The document's own entries as rules, in which what is left out opens nothing. */
function rulesOf(document: Record<string, Entry[]>): Rule[] {
  const scopes = Object.entries(document).filter(([key]) => key !== 'group_mappings' && key !== 'UI-Scopes')
  return scopes.flatMap(([scope, entries]) =>
    entries.map((entry) => ({
      scope,
      server: entry.server,
      methods: entry.methods ?? [],
      tools: entry.tools ?? [],
      prompts: entry.prompts ?? [],
      resources: entry.resources ?? [],
    })),
  )
}

/** Why the policy of this text cannot be right, or ''. */
function objection(text: string, note: () => void): string {
  const loaded = loadScopes(text)
  if ('problems' in loaded) {
    const { problems, places } = loaded
    if (problems.length === 0 || problems.some((problem) => typeof problem !== 'string' || problem === ''))
      return 'refused without a sentence'
    if (problems.some((problem) => problem.length > 2000 && problem.length > 2 * text.length))
      return 'a problem that is longer than the file'
    return places === undefined || places.length === problems.length ? '' : 'problems without their places'
  }
  note()
  const parsed = parseYaml(text) as { document: Record<string, Entry[]> }
  const rules = rulesOf(parsed.document)
  const names = rules.map(({ server }) => server).filter((server) => !SERVERS.includes(server))
  const { policy } = loaded
  for (const server of [...SERVERS, ...names.slice(0, 2), '*', 'unheard-of']) {
    for (const held of [policy.scopes, policy.scopes.slice(0, 1), []]) {
      const wrong = ALL_CALLS.find((call) => policy.permits(held, server, call) && !permitted(rules, held, server, call))
      if (wrong !== undefined) return `allows ${JSON.stringify(wrong)} on ${server}`
    }
  }
  const groups = Object.entries((parsed.document.group_mappings ?? {}) as unknown as Record<string, string[]>)
  const wider = groups.find(([group, scopes]) => policy.scopesOf([group]).some((scope) => !scopes.includes(scope)))
  return wider === undefined ? '' : `gives the group ${wider[0]} more than it has`
}

const WORDS = [
  ...[
    'group_mappings:',
    'UI-Scopes:',
    'a/x:',
    'a/x',
    ': ',
    ':',
    '- ',
    '-',
    '\n',
    '\n  ',
    '\n    - ',
    '\n',
    'server: now',
    'server:',
    'methods: [ping]',
    'methods:',
    'tools: "*"',
  ],
  ...[
    'tools:',
    'prompts: *',
    'resources: []',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '"',
    "'",
    '*',
    '&a ',
    '*a',
    '<<: *a',
    '? ',
    '! ',
    '!!str ',
    '!!binary ',
    '!!set',
    '---',
    '...',
    '# x',
    '|',
    '>',
  ],
  ...[
    'null',
    '~',
    'true',
    '1e999',
    '0x10',
    '.inf',
    '-0',
    '2026-01-01',
    '9'.repeat(400),
    '\t',
    '\0',
    '\ufeff',
    '\u2028',
    '\u0085',
    '\ud800',
    '__proto__:',
    'constructor:',
    '%YAML 1.1\n',
    '\\',
  ],
]
const SHIPPED = ['scopes.yml', 'scopes.test.yml'].map((name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))

tests.property('a text of words out of YAML', { from: drawn((random) => joined(random, WORDS, 20)), objection })

tests.property('a shipped file with some changes', {
  from: drawn((random) => mutated(random, SHIPPED[0] as string, WORDS)),
  kept: SHIPPED,
  noted: 0.1,
  objection,
})

/** As JSON, which is YAML, or as a file with lines and indentation, each with its lists and names changed in some places. */
function written(random: Random): string {
  const text = JSON.stringify(randomDocument(random), null, random.pick([undefined, 1]))
  return random.once(3) ? text : mutated(random, text, [...WORDS, '"*"', '"ping"', '"tools/call"', '["*"]', '"server":"*"', '"tools":"*"'])
}

tests.property('a random policy with some changes', { from: drawn(written), noted: 0.1, objection })

/** What grows when it is read: aliases upon aliases, nesting, keys by the thousand, numbers without end. */
function bomb(random: Random): string {
  const count = random.pick([9, 40, 400, 1200])
  const unit = random.pick(['[', '{a: ', '- ', '? ', '!!str ', '&a ', '"', "'", '\n ', '9', '*a ', 'a: &a\n', '{', '- - ', '|\n', '# '])
  const levels = Array.from(
    { length: Math.min(count, 30) },
    (_, at) => `a/${at}: &l${at} [${Array(9).fill(at === 0 ? 'x' : `*l${at - 1}`)}]`,
  )
  const merges = Array.from(
    { length: Math.min(count, 30) },
    (_, at) => `m${at}: &m${at} {<<: [${Array(9).fill(at === 0 ? '{}' : `*m${at - 1}`)}]}`,
  )
  const names = `a/x:\n  - {server: now, methods: [ping], tools: &n [${Array.from({ length: count }, (_, at) => `n${at}`)}]}\n`
  const rules = names + '  - {server: now, tools: *n}\n'.repeat(random.pick([1, 30, 400]))
  return random.pick([
    `a/x: ${unit.repeat(count)}`,
    unit.repeat(count),
    levels.join('\n'),
    merges.join('\n'),
    rules,
    `a/x: &a [*a${', *a'.repeat(count)}]`,
  ])
}

tests.property('a file that stands for more than it holds is judged in time', {
  from: drawn(bomb),
  kept: [`a/x: &a [*a${', *a'.repeat(1200)}]`, `group_mappings: &g {${Array.from({ length: 600 }, (_, at) => `k${at}: *g`)}}`],
  objection: (text, note) => (isQuick(3000, () => loadScopes(text)) ? objection(text, note) : 'takes more than three seconds'),
})

tests.run()
