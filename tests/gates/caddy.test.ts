import { join } from 'node:path'
import { start } from '../support/process.ts'
import { testGate } from './cases.ts'

testGate('caddy', (folder) =>
  start('caddy', ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'], {
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  }),
)
