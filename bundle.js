/** Makes the programs of src/: each with every package that it needs in it, so that a start loads a few files and an install fetches nothing else. */
import { build } from 'esbuild'

const PROGRAMS = {
  gatehouse: { entry: 'src/cli/main.ts', splitting: true },
  // One file that is all of its image's program; the executable has the same code in it.
  validator: { entry: 'src/serve.ts', splitting: false },
  demo: { entry: 'src/demo/main.ts', splitting: true },
}
/** What programs load only when a setting asks for it, and share: a file of its own beside them. */
const TRACING = 'src/tracing/tracing.ts'

/**
 * @param names of programs; all of them when there are none
 * @param write whether files are to be written to dist/
 * @returns the files whose code came to stand in the programs, as paths below the project's folder
 */
export async function bundle(names = [], write = true) {
  const wanted = Object.entries(PROGRAMS).filter(([name]) => names.length === 0 || names.includes(name))
  // Those that are split share their parts.
  const shared = await make(
    wanted.filter(([, { splitting }]) => splitting),
    { splitting: true, write },
  )
  const single = await make(
    wanted.filter(([, { splitting }]) => !splitting),
    { write },
  )
  const isDemo = ([name]) => name === 'demo'
  // Of packages that have both, the ES modules: of those only what is used is taken.
  const tracing = wanted.every(isDemo) ? [] : await make([['tracing', { entry: TRACING }]], { mainFields: ['module', 'main'], write })
  return [...new Set([...shared, ...single, ...tracing])]
}

async function make(programs, options) {
  if (programs.length === 0) return []
  const { metafile } = await build({
    entryPoints: Object.fromEntries(programs.map(([name, { entry }]) => [name, entry])),
    absWorkingDir: import.meta.dirname,
    outdir: 'dist',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // They stand in THIRD_PARTY_LICENSES, whole.
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    plugins: [tracingApart],
    // Bundled CommonJS packages ask for Node's own modules by `require`, which an ES module does not have.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    ...options,
  })
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
}

const tracingApart = {
  name: 'tracing-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/tracing\.ts$/ }, ({ kind }) => (kind === 'dynamic-import' ? { path: './tracing.js', external: true } : null))
  },
}
