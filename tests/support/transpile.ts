/** JavaScript of all TypeScript files, made once for a run of all tests: a loader in each of their processes takes longer than most tests. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const FOLDERS = ['src', 'tests', 'bench', 'docs/site']
const TYPESCRIPT = /\.tsx?$/

/**
 * Each module stays one of its own, and takes itself to be where its source is.
 * @returns gives the path of a file's JavaScript, which lasts as long as this process
 */
export async function transpile(root: string): Promise<(file: string) => string> {
  // Packages are found from there, and nothing looks there for files of the repository.
  const folder = mkdtempSync(join(root, 'node_modules/.tests-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const files = FOLDERS.flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((path) => join(root, name, path)),
  )
  await build({
    entryPoints: files.filter((path) => TYPESCRIPT.test(path)),
    outdir: folder,
    outbase: root,
    bundle: true,
    plugins: [aloneAndAtHome],
    define: { 'import.meta.url': 'urlOfSource' },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'warning',
  })
  return (file) => join(folder, relative(root, file)).replace(TYPESCRIPT, '.js')
}

const aloneAndAtHome: Plugin = {
  name: 'alone and at home',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^/ }, ({ kind, path, resolveDir }) => {
      if (kind === 'entry-point') return undefined
      if (!/^\.\.?\//.test(path)) return { path, external: true }
      if (TYPESCRIPT.test(path)) return { path: path.replace(TYPESCRIPT, '.js'), external: true }
      return { path: pathToFileURL(join(resolveDir, path)).href, external: true }
    })
    onLoad({ filter: TYPESCRIPT }, ({ path }) => ({
      contents: `const urlOfSource = ${JSON.stringify(pathToFileURL(path).href)}; ${readFileSync(path, 'utf8')}`,
      loader: path.endsWith('x') ? 'tsx' : 'ts',
    }))
  },
}
