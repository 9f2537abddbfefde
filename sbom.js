/**
 * Writes what the product is made of to standard output, as a CycloneDX document: every package of which code stands in the programs. npm
 * makes it, in a folder whose package.json and package-lock.json name these packages and no others.
 *
 *   node sbom.js [gatehouse|validator|demo]... > sbom.cdx.json      of all programs when none is named
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from './bundle.js'
import { packagesOf } from './licences.js'

const read = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))
const { devDependencies: _, scripts: __, ...manifest } = read('package.json')
const lock = read('package-lock.json')
const paths = packagesOf(await bundle(process.argv.slice(2), false)).map(({ path }) => path)

/** Where a package finds another one, among those of the product: in its own folder, or in one above it. */
function find(name, from) {
  const path = `${from}${from === '' ? '' : '/'}node_modules/${name}`
  if (paths.includes(path)) return path
  return from === '' ? null : find(name, from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)))
}

const locked = Object.fromEntries(
  paths.map((path) => {
    const { dev: _, devOptional: __, peerDependencies: ___, optionalDependencies: ____, dependencies = {}, ...rest } = lock.packages[path]
    const found = Object.entries(dependencies).filter(([name]) => find(name, path) !== null)
    return [path, { ...rest, dependencies: Object.fromEntries(found) }]
  }),
)
// Those at the top count as the product's own, whoever asked for them: a part of a program is not always reached by packages of which code is left.
const dependencies = Object.fromEntries(
  paths.flatMap((path) => (find(nameOf(path), '') === path ? [[nameOf(path), locked[path].version]] : [])),
)

function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

const temporary = mkdtempSync(join(tmpdir(), 'gatehouse-sbom-'))
try {
  // npm takes the name of the folder for that of the product.
  const folder = join(temporary, manifest.name)
  const root = { ...manifest, dependencies }
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages: { '': root, ...locked } }))
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 })
  process.stdout.write(stdout ?? '')
  process.stderr.write(stderr ?? '')
  process.exitCode = status ?? 1
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
