/** Pages that are made from the code, by their paths from the root of the repository. */
import { commands } from './commands.ts'
import { headers } from './headers.ts'
import { refusals } from './refusals.ts'
import { settings } from './settings.ts'

export const references = async (): Promise<Record<string, string>> => ({
  'docs/reference/settings.md': settings(),
  'docs/reference/refusals.md': refusals(),
  'docs/reference/headers.md': headers(),
  'docs/reference/commands.md': await commands(),
})
