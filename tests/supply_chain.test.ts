/** What the product is made of besides its own code: package-lock.json, and what npm has installed by it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../bundle.js'
import { notices, packagesOf } from '../licences.js'
import * as assert from './support/assert.ts'
import { root } from './support/gateway.ts'
import { type Locked, productPackages, withWhatTheyNeed } from './support/product.ts'
import { suite } from './support/suite.ts'

interface Manifest {
  name: string
  version: string
  license?: string
  scripts?: Record<string, string>
  [dependencies: string]: unknown
}

const supply = suite('the supply chain')
const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))
const manifest = json('package.json') as Manifest
const lock = json('package-lock.json') as { lockfileVersion: number; packages: Record<string, Locked> }
const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
/** What stands in the programs, and what it has been taken from. */
const bundled = packagesOf(await bundle([], false))
const production = Object.entries<Locked>({
  ...Object.fromEntries(withWhatTheyNeed(productPackages(), lock.packages)),
  ...Object.fromEntries(bundled.map(({ path }) => [path, lock.packages[path] as Locked])),
})
/** Each name and the versions that are asked for; overrides may be those of one package's own. */
const rangesOf = (asked: object): [string, string][] =>
  Object.entries(asked).flatMap(([name, range]) => (typeof range === 'object' ? rangesOf(range) : [[name, range as string]]))
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Licences that ask for no more than their text. */
const LICENCES = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Unlicense', 'PSF-2.0', 'Python-2.0']

/** Packages that would run a program of their own when they are installed. `npm ci --ignore-scripts` runs none, and nothing needs it. */
const SCRIPTS = ['esbuild']

supply('the lock says of every package what its bytes are', () => {
  assert.is(lock.lockfileVersion, 3)
  assert.ok(packages.length > 100)
  const open = packages.filter(([, { integrity, link }]) => link || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))
  assert.equal(
    open.map(([path]) => path),
    [],
  )
})

supply('every package comes from the registry, by its version', () => {
  const strange = packages.filter(([, { version, resolved }]) => {
    return !/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version) || (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'))
  })
  assert.equal(
    strange.map(([path]) => path),
    [],
  )
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides'])
    for (const [name, range] of rangesOf(manifest[kind] ?? {})) assert.match(range, /^\^?\d+\.\d+\.\d+(?:-[\w.]+)?$/, name)
})

supply('no package of the product runs anything when it is installed', () => {
  assert.equal(
    production.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    [],
  )
  assert.equal(
    packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path)),
    SCRIPTS,
  )
  for (const [path] of production) {
    const { scripts = {} } = json(`${path}/package.json`) as Manifest
    for (const name of ['preinstall', 'install', 'postinstall']) assert.is(scripts[name], undefined, `${path} ${name}`)
  }
  const own = Object.keys(manifest.scripts ?? {})
  assert.equal(
    own.filter((name) => /^(?:pre|post)?(?:install|prepare|prepublish)$/.test(name)),
    [],
  )
})

supply('whoever installs the package gets it and nothing besides', () => {
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'])
    assert.is(manifest[kind], undefined, kind)
})

supply('every package of which code is in a program stands in its notices with the text of its licence', () => {
  const text = notices(bundled)
  assert.ok(readFileSync(join(root, 'dist/THIRD_PARTY_LICENSES'), 'utf8') === text, 'dist/ is older than the packages: npm run build')
  // Found by another way than the one that made the notices: what the packages themselves name.
  for (const name of productPackages()) assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\([\\w.-]+\\)$`, 'm'))
  for (const { name, version, license, text: terms } of bundled) {
    assert.ok(text.includes(`\n${name} ${version} (${license})\n`), name)
    assert.ok(text.includes(terms) && terms.length > 200, name)
    assert.match(terms, /permission|licen[cs]e|public domain/i, name)
  }
})

supply('every package of the product has a licence that asks for no more than its text, and is the one that the lock names', () => {
  assert.ok(production.length > 50)
  for (const [path, { license, version }] of production) {
    const installed = json(`${path}/package.json`) as Manifest
    assert.equal([installed.name, installed.version], [nameOf(path), version], path)
    assert.ok(LICENCES.includes(installed.license ?? ''), `${path} has the licence ${installed.license}`)
    assert.is(license, installed.license, path)
  }
})

/** Whether a range of package.json holds for a version; only the forms that are in use, and no for every other. */
function holds(range: string, version: readonly [number, number]): boolean {
  return range.split('||').some((part) =>
    part
      .trim()
      .replaceAll(/([<>=^~]) +/g, '$1')
      .split(/\s+/)
      .every((comparator) => {
        const [, operator = '', major = '', minor = '0'] =
          /^(>=|>|<|<=|\^|~|)v?(\d+|\*)(?:\.(\d+|x))?(?:\.(?:\d+|x))?$/.exec(comparator) ?? []
        if (major === '') return false
        if (major === '*') return true
        const difference = version[0] - Number(major) || (operator === '' ? 0 : version[1] - (Number(minor) || 0))
        if (operator === '>=' || operator === '>') return difference >= 0
        if (operator.startsWith('<')) return difference < 0
        return version[0] === Number(major) && difference >= 0
      }),
  )
}

supply('the reader of ranges knows yes from no', () => {
  for (const range of ['>=20', '>= 18.0.0', '^18.0.0 || >=20', '20 || >=22', '>=18.20.0 <22', '20.x || 22.x', '*', '>=20.12', '^20.12.0'])
    assert.ok(holds(range, [20, 12]), range)
  for (const range of ['>=22', '^18.0.0', '>=20.13', '22 || >=24', '<20', '>=18 <20', '~18.1', 'nonsense', '^20.13.0 || >=22'])
    assert.not(holds(range, [20, 12]), range)
})

/** The packages that do not run there, and what they ask for. */
const without = (node: readonly [major: number, minor: number], of: readonly (readonly [string, Locked])[]): string[] =>
  of.flatMap(([path, { engines }]) => (engines?.node === undefined || holds(engines.node, node) ? [] : [`${path} ${engines.node}`]))

supply('every package of the product runs on the oldest Node that the product does, and every tool on the last one of that line', () => {
  const { node } = manifest.engines as { node: string }
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(node) ?? []
  assert.equal(without([Number(major), Number(minor)], production), [])
  assert.equal(without([Number(major), 20], packages), [])
})

supply('the list of what the product is made of leaves nothing out', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'sbom.js')], { encoding: 'utf8', maxBuffer: 64 << 20 })
  assert.is(status, 0, stderr)
  const { bomFormat, metadata, components } = JSON.parse(stdout) as {
    bomFormat: string
    metadata: { component: { name: string; version: string } }
    components: { name: string; version: string; purl: string; licenses?: unknown[]; hashes?: unknown[] }[]
  }
  assert.equal([bomFormat, metadata.component.name, metadata.component.version], ['CycloneDX', manifest.name, manifest.version])
  const listed = components.map(({ name, version }) => `${name}@${version}`)
  const installed = bundled.map(({ name, version }) => `${name}@${version}`)
  assert.ok(installed.length > 50)
  assert.equal([...new Set(listed)].sort(), [...new Set(installed)].sort())
  for (const { name, licenses, hashes } of components) assert.ok(licenses?.length && hashes?.length, name)
})

supply.run()
