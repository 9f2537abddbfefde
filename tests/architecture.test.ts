import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from './support/assert.ts'
import { productPackages } from './support/product.ts'
import { suite } from './support/suite.ts'

const architecture = suite('who may import what')

const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Import {
  /** Below the root of the project, with slashes. */
  file: string
  specifier: string
  isType: boolean
}

const filesBelow = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .map((path) => `${folder}/${path}`)
    .sort()
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Static imports, imports for their effect, re-exports, dynamic imports and require. */
const IMPORT =
  /^(?:import|export)(\s+type)?\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/gm

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, from, effect, dynamic]) => ({
    file,
    specifier: from ?? effect ?? dynamic ?? '',
    isType: type !== undefined,
  }))
}

const sources = filesBelow('src', /\.tsx?$/)
const imports = sources.flatMap((file) => importsOf(file, textOf(file)))
const importsOfPackage = (name: RegExp): Import[] => imports.filter(({ specifier }) => name.test(specifier))
const show = ({ file, specifier }: Import): string => `${file} imports ${specifier}`

architecture('the reader of imports sees every kind of them', () => {
  const text = [
    "import a from 'a'",
    "import { b } from 'b'",
    "import type { c } from 'c'",
    "import * as d from 'd'",
    "import {\n  e,\n} from 'e'",
    "import 'f'",
    "export { g } from 'g'",
    "export * from 'h'",
    "const i = await import('i')",
    "const j = require('j')",
    "export const text = 'from nowhere'",
    'import k from "k"',
  ].join('\n')
  const found = importsOf('x.ts', text)
  assert.equal(found.map(({ specifier }) => specifier).join(''), 'abcdefghijk')
  assert.equal(
    found.filter(({ isType }) => isType).map(({ specifier }) => specifier),
    ['c'],
  )
  assert.ok(imports.length > 100, 'and there are many')
})

architecture('the decision reaches for nothing outside of src/gate', () => {
  const outside = imports.filter(({ file, specifier }) => file.startsWith('src/gate/') && !/^\.\/\w+\.ts$/.test(specifier))
  assert.equal(outside.map(show), [])
})

architecture('the decision reads no clock, no environment and no file', () => {
  for (const file of sources.filter((path) => path.startsWith('src/gate/'))) {
    assert.not.match(textOf(file), /\b(?:Date\.now|new Date|performance\.|process\.|setTimeout|setInterval|fetch\(|Math\.random)/, file)
  }
})

const HOMES: [string, RegExp, RegExp][] = [
  ['hono', /^(?:hono|@hono)(?:\/|$)/, /^src\/(?:app|server|validator)\.ts$|^src\/(?:demo|login|mcp_server|oauth)\//],
  ['jose', /^jose(?:\/|$)/, /^src\/cognito\/|^src\/demo\/cognito\//],
  ['@redis/client', /^@redis\//, /^src\/session\//],
  ['open', /^open$/, /^src\/cli\//],
  ['iron-session', /^iron-(?:session|webcrypto)(?:\/|$)/, /^src\/session\//],
  ['openid-client', /^(?:openid-client|oauth4webapi)(?:\/|$)/, /^src\/(?:cognito|login)\//],
  ['js-yaml', /^js-yaml(?:\/|$)/, /^src\/scopes\//],
  ['yaml', /^yaml(?:\/|$)/, /^src\/scopes\/lines\.ts$/],
  ['the SDKs for models', /^(?:@anthropic-ai\/sdk|openai|@aws-sdk\/)/, /^src\/agent\/models\//],
  ['the MCP client', /^@modelcontextprotocol\/client/, /^src\/(?:agent|registry)\//],
  ['minisearch', /^minisearch(?:\/|$)/, /^src\/registry\/search\.ts$/],
  ['OpenTelemetry', /^@opentelemetry\//, /^src\/tracing\//],
  ['prom-client', /^prom-client(?:\/|$)/, /^src\/metrics\/(?:registry|server)\.ts$/],
  ['pino', /^pino(?:\/|$)/, /^src\/log(?:_destination)?\.ts$/],
]
for (const [name, specifier, home] of HOMES) {
  architecture(`${name} is used in its place alone`, () => {
    const strays = importsOfPackage(specifier).filter(({ file }) => !home.test(file))
    assert.equal(strays.map(show), [])
  })
}

architecture('what is told of a policy is found out without files, network and clock', () => {
  const outside = imports.filter(
    ({ file, specifier }) =>
      file.startsWith('src/policy/') && !/^(?:\.|\.\.\/gate)\/\w+\.ts$|^\.\.\/scopes\/(?:schema|near)\.ts$/.test(specifier),
  )
  assert.equal(outside.map(show), [])
  for (const file of sources.filter((path) => path.startsWith('src/policy/')))
    assert.not.match(textOf(file), /\b(?:Date\.now|new Date|performance\.|process\.|setTimeout|fetch\(|Math\.random)/, file)
})

architecture('what is exported, somebody else uses', () => {
  const users = [...sources, ...['tests', 'bench', 'docs/site'].flatMap((folder) => filesBelow(folder, /\.tsx?$/))]
  const words = new Map(users.map((file) => [file, new Set(textOf(file).match(/\w+/g))]))
  const unused = sources.flatMap((file) =>
    [...textOf(file).matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)]
      .map(([, name]) => name as string)
      .filter((name) => !users.some((user) => user !== file && words.get(user)?.has(name)))
      .map((name) => `${name} of ${file}`),
  )
  assert.equal(unused, [])
})

architecture('lines of a file are for commands alone', () => {
  const strays = imports.filter(({ file, specifier }) => /scopes\/lines\.ts$/.test(specifier) && !file.startsWith('src/cli/'))
  assert.equal(strays.map(show), [])
})

architecture('the validator knows hono as a type only', () => {
  const values = importsOfPackage(/^hono/).filter(({ file, isType }) => file === 'src/validator.ts' && !isType)
  assert.equal(values.map(show), [])
})

architecture('only the demo and the command line know the demo', () => {
  const strays = imports.filter(({ file, specifier }) => !/^src\/(?:demo|cli)\//.test(file) && /(?:^|\/)demo\//.test(specifier))
  assert.equal(strays.map(show), [])
})

architecture('imports of our own name the file with its ending', () => {
  const bare = imports.filter(({ specifier }) => /^\.\.?\//.test(specifier) && !/\.tsx?$/.test(specifier))
  assert.equal(bare.map(show), [])
})

architecture('nothing of the product depends on a test, or on the benchmark', () => {
  assert.equal(imports.filter(({ specifier }) => /(?:^|\/)(?:tests|bench)\//.test(specifier)).map(show), [])
})

const ofBenchmark = filesBelow('bench', /\.ts$/).flatMap((file) => importsOf(file, textOf(file)))

architecture('the benchmark depends on no test', () => {
  assert.ok(ofBenchmark.length > 50)
  assert.equal(ofBenchmark.filter(({ specifier }) => /(?:^|\/)tests\//.test(specifier)).map(show), [])
})

architecture('who reports the figures has no part in measuring them', () => {
  const allowed = /^(?:\.\/\w+|\.\.\/(?:figure|statistics))\.ts$|^node:(?:fs|path)$/
  const strays = ofBenchmark.filter(({ file, specifier }) => file.startsWith('bench/report/') && !allowed.test(specifier))
  assert.equal(strays.map(show), [])
})

architecture('nobody but the demo writes to the console', () => {
  const writers = sources.filter((file) => !file.startsWith('src/demo/') && /(?<!\/)\bconsole\./.test(textOf(file)))
  assert.equal(writers, [])
})

architecture('every package that is imported is listed, and every listed one is imported', () => {
  const product = imports.filter(({ file, specifier }) => !file.startsWith('src/demo/') && !/^(?:\.|node:)/.test(specifier))
  const names = product.map(({ specifier }) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'))
  assert.equal([...new Set(names)].sort(), productPackages().sort())
})

for (const file of filesBelow('tests', /\.test\.ts$/)) {
  architecture(`${relative('tests', file)} runs each of its suites`, () => {
    const text = textOf(file)
    const imported = importsOf(file, text).map(({ specifier }) => specifier)
    assert.ok(!imported.includes('uvu'), 'its suites would not say why a "before" failed: tests/support/suite.ts')
    if (!imported.some((specifier) => specifier.endsWith('support/suite.ts'))) return
    const suites = [...text.matchAll(/^(?:const|let) (\w+) = suite\b/gm)].map(([, name]) => name as string)
    const silent = suites.filter((name) => !text.includes(`\n${name}.run()`))
    assert.ok(suites.length > 0 || /\btest\.run\(\)/.test(text), 'it has no suite')
    assert.equal(silent, [])
  })
}

architecture.run()
