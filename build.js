// Bundles the programs into dist/, so that a start loads a few files instead of hundreds.
//
//   node build.js [gatehouse|validator|demo]...      all of them when none is named
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

const programs = {
  gatehouse: { entry: 'src/cli/main.ts', splitting: true },
  // One file that is all of its image's program; the executable has the same code in it.
  validator: { entry: 'src/serve.ts', splitting: false },
  demo: { entry: 'src/demo/main.ts', splitting: true },
}
const wanted = process.argv.slice(2)

rmSync('dist', { recursive: true, force: true })
// Those that are split share their parts.
await bundle(({ splitting }) => splitting, { splitting: true })
await bundle(({ splitting }) => !splitting, { minify: true })

async function bundle(kind, options) {
  const entries = Object.entries(programs).filter(([name, program]) => kind(program) && (wanted.length === 0 || wanted.includes(name)))
  if (entries.length === 0) return
  await build({
    entryPoints: Object.fromEntries(entries.map(([name, { entry }]) => [name, entry])),
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    logLevel: 'warning',
    // Bundled CommonJS packages ask for Node's own modules by `require`, which an ES module does not have.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    ...options,
  })
}
