import { readFileSync } from 'node:fs'
import { NAMED } from '../../src/gate/call.ts'
import { askedFromLine, askedText } from '../../src/policy/asked.ts'
import { checkExamples, type Examples } from '../../src/policy/examples.ts'
import { runExamples, strangers } from '../../src/policy/run_examples.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import { parseYaml } from '../../src/scopes/yaml.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { load } from './random_policy.ts'

const examples = suite('allowed and denied examples')

const TEST = { who: 'dev', allowed: ['now ping'] }
const SUBJECTS = { dev: { groups: ['dev'] } }

const LINES: [string, string][] = [
  ['now', 'now'],
  ['now ping', 'now ping'],
  ['  now   tools/call   a tool with  spaces ', 'now tools/call a tool with  spaces'],
  ['now resources/read file:///a?b=c#d', 'now resources/read file:///a?b=c#d'],
]
for (const [line, expected] of LINES) {
  examples(`the line "${line}" is a question`, () => {
    const asked = askedFromLine(line)
    assert.ok(!('problem' in asked), JSON.stringify(asked))
    assert.is(askedText(asked), expected)
  })
}

const WRONG_LINES: [string, string | RegExp][] = [
  ['', 'it is empty'],
  ['n/w ping', '"n/w" cannot be a server\'s name'],
  ['* ping', '"*" cannot be a server\'s name'],
  ['now tools/call', 'tools/call takes the name of one of the tools'],
  ['now ping x', 'ping takes no name; tools/call, prompts/get, resources/read do'],
  ['now "ping"', 'NGINX refuses such a call: ""ping""'],
  [`now tools/call ${'x'.repeat(257)}`, /^NGINX refuses such a call/],
  ['now tools/call a\tb', /^NGINX refuses such a call/],
]
for (const [line, problem] of WRONG_LINES) {
  examples(`the line ${JSON.stringify(line.slice(0, 30))} is none`, () => {
    const asked = askedFromLine(line)
    assert.match('problem' in asked ? asked.problem : 'a question', problem)
  })
}

const SUBJECT = "must have a list of groups (a user), of scopes (an agent) or both (a user's token)"
const WRONG: [string, unknown, string[]][] = [
  ['nothing', null, [' the file must be a mapping with subjects and tests']],
  ['no subjects', { tests: [] }, ['subjects subjects must map names to {groups: […]} or {scopes: […]}']],
  ['no tests', { subjects: SUBJECTS }, ['tests tests must be a list of {who, allowed, denied}']],
  ['no example', { subjects: SUBJECTS, tests: [{ who: 'dev' }] }, ['tests tests hold no example, so nothing would be tested']],
  ['another key', { subjects: SUBJECTS, tests: [TEST], test: [] }, ['test test is not known; known are policy, subjects, tests']],
  ['a policy that is no path', { policy: 7, subjects: SUBJECTS, tests: [TEST] }, ['policy policy must be the path of a policy file']],
  ['a subject of nothing', { subjects: { dev: {} }, tests: [TEST] }, [`subjects.dev subjects.dev ${SUBJECT}`, 'tests.0.who tests[0].who']],
  ['a subject with a text', { subjects: { ...SUBJECTS, x: { groups: 'dev' } }, tests: [TEST] }, [`subjects.x subjects.x ${SUBJECT}`]],
  ['a subject with more', { subjects: { ...SUBJECTS, x: { groups: [], age: 7 } }, tests: [TEST] }, [`subjects.x subjects.x ${SUBJECT}`]],
  [
    'a subject that is not there',
    { subjects: SUBJECTS, tests: [{ ...TEST, who: ['dev', 'ops'] }] },
    ['tests.0.who tests[0].who: there is no subject "ops"'],
  ],
  ['a subject out of the prototype', { subjects: SUBJECTS, tests: [{ ...TEST, who: 'constructor' }] }, ['tests.0.who tests[0].who: there']],
  [
    'nobody',
    { subjects: SUBJECTS, tests: [TEST, { allowed: ['now ping'] }, { ...TEST, who: [] }] },
    ['tests.1 tests[1] must be {who, allowed, denied}', 'tests.2 tests[2] must be {who, allowed, denied}'],
  ],
  ['a misspelled key', { subjects: SUBJECTS, tests: [{ ...TEST, deny: [] }] }, ['tests.0 tests[0] must be {who, allowed, denied}']],
  [
    'lines that are none',
    { subjects: SUBJECTS, tests: [{ who: 'dev', allowed: ['now ping', 'now tools/call'], denied: 'now ping' }] },
    [
      'tests.0.allowed.1 tests[0].allowed[1]: tools/call takes the name of one of the tools',
      'tests.0.denied tests[0].denied must be a list of lines: SERVER METHOD [NAME]',
    ],
  ],
]
for (const [what, document, expected] of WRONG) {
  examples(`${what}: problems with their places`, () => {
    const checked = checkExamples(document)
    const problems = 'problems' in checked ? checked.problems.map(({ path, text }) => `${path.join('.')} ${text}`) : []
    for (const [at, problem] of expected.entries()) assert.match(problems[at] ?? '', problem)
    assert.is(problems.length, expected.length, JSON.stringify(problems))
  })
}

examples('aliases cannot make a small file endless', () => {
  const lines = Array.from({ length: 300 }, () => 'now ping')
  const subjects = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`s${at}`, { groups: [] }]))
  const checked = checkExamples({ subjects, tests: Array(1000).fill({ who: Object.keys(subjects), allowed: lines }) })
  assert.equal('problems' in checked && checked.problems.map(({ text }) => text), ['tests hold more than 20000 examples'])
})

const POLICY = load({
  group_mappings: { dev: ['t/read', 't/call'] },
  't/read': [{ server: 'now', methods: ['ping'], tools: [], prompts: [], resources: [] }],
  't/call': [{ server: 'now', methods: ['tools/call'], tools: ['tick'], prompts: [], resources: [] }],
})

const RUN: [string, object, string, boolean][] = [
  ['a user', { groups: ['dev'] }, 'now tools/call tick', true],
  ['a user, for another tool', { groups: ['dev'] }, 'now tools/call tock', false],
  ['a user in no group', { groups: [] }, 'now ping', false],
  ['an agent', { scopes: ['t/call'] }, 'now tools/call tick', true],
  ['an agent with less', { scopes: ['t/read'] }, 'now tools/call tick', false],
  ["a user's token that narrows", { groups: ['dev'], scopes: ['t/read'] }, 'now tools/call tick', false],
  ["a user's token that narrows to this", { groups: ['dev'], scopes: ['t/call'] }, 'now tools/call tick', true],
  ["a user's token without scopes of the policy", { groups: ['dev'], scopes: ['openid'] }, 'now tools/call tick', true],
  ["a user's token never widens", { groups: [], scopes: ['t/call'] }, 'now tools/call tick', false],
  ['the server at all', { scopes: ['t/read'] }, 'now', true],
  ['another server at all', { scopes: ['t/read'] }, 'later', false],
]
for (const [what, subject, line, allowed] of RUN) {
  examples(`${what}: ${line} is ${allowed ? 'allowed' : 'denied'}, and the opposite fails`, async () => {
    const checked = checkExamples({ subjects: { it: subject }, tests: [{ who: 'it', allowed: [line], denied: [line] }] })
    const outcomes = await runExamples(checked as Examples, POLICY)
    assert.equal(
      outcomes.map(({ passed }) => passed),
      [allowed, !allowed],
    )
  })
}

examples('groups and scopes that the policy does not have are named: their denials prove nothing', () => {
  const subjects = { a: { groups: ['dev', 'Dev'] }, b: { scopes: ['t/read', 't/raed'] }, c: { groups: ['dev'], scopes: ['t/x'] } }
  const checked = checkExamples({ subjects, tests: [{ ...TEST, who: 'a' }] })
  assert.equal(strangers(checked as Examples, POLICY), [
    'a: the policy does not map the group "Dev"',
    'b: the policy has no scope "t/raed"',
    'c: the policy has no scope "t/x"',
  ])
})

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

/** The shipped examples, run against the shipped policy or a changed one. */
async function shipped(change: (policy: string) => string = (policy) => policy) {
  const loaded = loadScopes(change(read('scopes.yml')))
  assert.ok('policy' in loaded, JSON.stringify(loaded))
  const parsed = parseYaml(read('scopes.test.yml'))
  const checked = checkExamples('document' in parsed && parsed.document)
  assert.ok('examples' in checked, JSON.stringify(checked))
  const source = { ...loaded, lineOf: () => null }
  return { source, checked, outcomes: await runExamples(checked, source) }
}

examples('the shipped ones hold for the shipped policy', async () => {
  const { outcomes, checked, source } = await shipped()
  assert.equal(
    outcomes.filter(({ passed }) => !passed).map(({ example }) => `${example.subject}: ${askedText(example.asked)}`),
    [],
  )
  assert.equal(strangers(checked, source), [])
})

examples('the shipped ones say something about each method and name that is listed, for each group', async () => {
  const { source, outcomes } = await shipped()
  for (const group of source.policy.groups) {
    const asked = new Set(
      outcomes.flatMap(({ example: { caller, asked } }) =>
        caller.kind === 'session' && caller.groups.includes(group) ? [askedText(asked)] : [],
      ),
    )
    for (const rule of source.file.rules) {
      for (const method of rule.methods) {
        const kind = NAMED.get(method)
        const names = kind === undefined ? [''] : rule[kind] === '*' ? [] : rule[kind]
        for (const name of names) {
          const line = `${rule.server} ${method}${name === '' ? '' : ` ${name}`}`
          assert.ok(asked.has(line), `scopes.test.yml says nothing about ${group}: ${line}`)
        }
      }
    }
  }
})

for (const [what, change] of [
  ['a group gets a scope', (text: string) => text.replace('    - mcp-registry-user\n', '    - mcp-servers-restricted/execute\n')],
  ['a list becomes a wildcard', (text: string) => text.replace('tools: [who_am_i]', 'tools: "*"')],
  ['a tool goes', (text: string) => text.replace('tools: [who_am_i]', 'tools: [who_was_i]')],
  ['a server is for all', (text: string) => text.replace('  - server: mcpgw', '  - server: "*"')],
] as const) {
  examples(`the shipped ones notice when ${what}`, async () => {
    assert.not.equal(change(read('scopes.yml')), read('scopes.yml'))
    const { outcomes } = await shipped(change)
    assert.ok(outcomes.some(({ passed }) => !passed))
  })
}

examples.run()
