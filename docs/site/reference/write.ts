/** Writes docs/reference from the code: `node --import tsx docs/site/reference/write.ts`. */
import { writeFileSync } from 'node:fs'
import { ROOT } from './page.ts'
import { references } from './references.ts'

for (const [path, text] of Object.entries(await references())) writeFileSync(ROOT + path, text)
