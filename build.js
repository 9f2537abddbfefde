// Bundles the programs into dist/, with the licences of what is in them.
//
//   node build.js [gatehouse|validator|demo]...      all of them when none is named
import { rmSync, writeFileSync } from 'node:fs'
import { bundle } from './bundle.js'
import { notices, packagesOf } from './licences.js'

rmSync('dist', { recursive: true, force: true })
const files = await bundle(process.argv.slice(2))
writeFileSync('dist/THIRD_PARTY_LICENSES', notices(packagesOf(files)))
