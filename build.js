// Bundles the executable and the demo programs into dist/, so that a start loads a few files instead of hundreds.
//
//   node build.js [gatehouse|demo]      both when none is named
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

const programs = { gatehouse: 'src/cli/main.ts', demo: 'src/demo/main.ts' }
const wanted = process.argv.slice(2)

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: Object.fromEntries(Object.entries(programs).filter(([name]) => wanted.length === 0 || wanted.includes(name))),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
  // Bundled CommonJS packages ask for Node's own modules by `require`, which an ES module does not have.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
})
