import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { start } from '../support/process.ts'
import { testGate } from './cases.ts'

// Debian puts it where only root's PATH looks.
const HAPROXY = existsSync('/usr/sbin/haproxy') ? '/usr/sbin/haproxy' : 'haproxy'

testGate('haproxy', (folder) => {
  const config = join(folder, 'haproxy.cfg')
  const text = readFileSync(config, 'utf8')
  if (!text.includes(' /etc/haproxy/gatehouse.lua\n')) throw new Error('haproxy.cfg does not load gatehouse.lua')
  writeFileSync(config, text.replace(' /etc/haproxy/gatehouse.lua\n', ` ${join(folder, 'gatehouse.lua')}\n`))
  return start(HAPROXY, ['-f', config, '-db'])
})
