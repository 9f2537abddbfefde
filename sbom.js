/**
 * Writes what the product is made of to standard output, as a CycloneDX document: every package that package-lock.json installs without
 * devDependencies. npm makes it, in a folder where there are none, because `npm sbom --omit dev` leaves out too what both kinds depend on.
 *
 *   node sbom.js > sbom.cdx.json
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const read = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))
const { devDependencies: _, ...manifest } = read('package.json')
const lock = read('package-lock.json')
const packages = Object.entries(lock.packages).filter(([, { dev }]) => !dev)
const [[, { devDependencies: __, ...root }]] = packages

const temporary = mkdtempSync(join(tmpdir(), 'gatehouse-sbom-'))
try {
  // npm takes the name of the folder for that of the product.
  const folder = join(temporary, manifest.name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...lock, packages: Object.fromEntries([['', root], ...packages.slice(1)]) }),
  )
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 })
  process.stdout.write(stdout ?? '')
  process.stderr.write(stderr ?? '')
  process.exitCode = status ?? 1
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
