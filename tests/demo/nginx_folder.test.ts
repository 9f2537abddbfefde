/** The folder that the local stack's NGINX is set up in may have any name, or is named as the one that it cannot have. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Addresses, findNginx, installNginx } from '../../src/demo/nginx.ts'
import { StartError } from '../../src/start_error.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const folders = suite("the folder of the local stack's nginx")
const parent = mkdtempSync(join(tmpdir(), 'gatehouse-folders-'))
const { NGINX_BIN, NJS_MODULE } = process.env
let addresses: Addresses
folders.before(async () => {
  addresses = { gateway: `127.0.0.1:${await freePort()}`, validator: '127.0.0.1:9', currenttime: '127.0.0.1:9', mcpgw: '127.0.0.1:9' }
})
folders.after.each(() => {
  for (const [name, value] of Object.entries({ NGINX_BIN, NJS_MODULE })) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})
folders.after(() => rmSync(parent, { recursive: true, force: true }))

const install = (folder: string): string[] => installNginx(join(root, 'nginx'), folder, addresses, { memory: 'files' })

for (const name of ['a b', ' b ', "it's", 'say "it"', 'back\\slash\\', 'new\\name', 'ä;#', '{}', '~x', '%41&', 'two\nlines', 'a]b']) {
  folders(`nginx starts in one called ${JSON.stringify(name)}`, () => {
    const folder = join(parent, name)
    const { status, stderr } = spawnSync(findNginx().nginx, ['-t', ...install(folder)], { encoding: 'utf8' })
    assert.is(status, 0, stderr)
    assert.ok(existsSync(join(folder, 'decisions')), 'decisions are kept elsewhere')
  })
}

for (const name of ['a$b', 'all*', 'who?', '[a]']) {
  folders(`one called ${JSON.stringify(name)} is named as what nginx cannot be told of`, () => {
    const folder = join(parent, name)
    assert.throws(
      () => install(folder),
      (error: Error) => error instanceof StartError && error.message.includes(folder),
    )
    assert.not(existsSync(folder))
  })
}

folders('the module may be in a folder with a space', () => {
  const { nginx, module } = findNginx()
  process.env.NJS_MODULE = join(parent, 'the module.so')
  cpSync(module, process.env.NJS_MODULE)
  const { status, stderr } = spawnSync(nginx, ['-t', ...install(join(parent, 'with module'))], { encoding: 'utf8' })
  assert.is(status, 0, stderr)
})

for (const [what, path] of [
  ['that is not there', join(parent, 'nowhere/nginx')],
  ['that is a folder', parent],
  ['that is no program', join(root, 'package.json')],
  ['that no folder of PATH has', 'gatehouse-nowhere'],
] as const) {
  folders(`an nginx ${what} is named before anything starts`, () => {
    process.env.NGINX_BIN = path
    assert.throws(
      () => findNginx(),
      (error: Error) => error instanceof StartError && error.message.startsWith(`NGINX_BIN names ${path}, `),
    )
  })
}

folders('an nginx without a folder is looked for in PATH', () => {
  mkdirSync(join(parent, 'bin'))
  cpSync(findNginx().nginx, join(parent, 'bin/gatehouse-nginx'))
  const { PATH } = process.env
  process.env.NGINX_BIN = 'gatehouse-nginx'
  process.env.PATH = `${PATH}:${join(parent, 'bin')}`
  const { nginx } = findNginx()
  process.env.PATH = PATH
  assert.is(nginx, join(parent, 'bin/gatehouse-nginx'))
})

folders.run()
