/** What a start loads: the SDKs for models and for MCP only where they are used, and of those for models only one. */
import { join } from 'node:path'
import { build } from 'esbuild'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

const loading = suite('what is loaded')

const SDKS = /node_modules\/(@anthropic-ai\/sdk|openai|@aws-sdk\/client-bedrock-runtime|@modelcontextprotocol\/client)\//

/** Packages in the files that a module loads at once, by name. */
let load: (entry: string) => Promise<string[]>

loading.before(async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'src/cli/main.ts')],
    outdir: 'unwritten',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  load = async (entry) => {
    const [first] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? []
    const seen = new Set<string>()
    const visit = (path: string): void => {
      if (seen.has(path)) return
      seen.add(path)
      for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) if (kind === 'import-statement') visit(next)
    }
    assert.ok(first, `${entry} is no file of its own`)
    visit(first as string)
    const inputs = [...seen].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}))
    return [...new Set(inputs.flatMap((path) => SDKS.exec(path)?.[1] ?? []))].sort()
  }
})

for (const [entry, expected] of [
  ['src/cli/main.ts', []],
  ['src/main.ts', []],
  ['src/cli/agent_token.ts', []],
  ['src/cli/call_tool.ts', ['@modelcontextprotocol/client']],
  ['src/cli/agent_run.ts', ['@modelcontextprotocol/client']],
  ['src/agent/models/bedrock.ts', ['@aws-sdk/client-bedrock-runtime']],
  ['src/agent/models/anthropic.ts', ['@anthropic-ai/sdk']],
  ['src/agent/models/openai.ts', ['openai']],
] as const) {
  loading(`${entry} loads ${expected.join() || 'no SDK'}`, async () => assert.equal(await load(entry), expected))
}

loading.run()
