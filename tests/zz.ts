import * as fs from 'node:fs'
import { readdirSync, readFileSync } from 'node:fs'
import { startWorld } from './attacks/world.ts'

const timer = setTimeout(() => {
  for (const d of readdirSync('/tmp')) {
    const f = `/tmp/${d}/logs/error.log`
    if (fs.existsSync(f) && Date.now() - fs.statSync(f).mtimeMs < 20000) console.log(f, readFileSync(f, 'utf8').slice(-600))
  }
}, 5000)
const w = await startWorld({}).catch((e) => {
  console.log(String(e).slice(0, 1500))
  process.exit(1)
})
clearTimeout(timer)
await w.gateway.close()
