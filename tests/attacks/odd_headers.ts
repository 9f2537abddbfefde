/** Calls with a header that is malformed, or that must make no difference. */
import { type Case, DELIVERED, postTo } from './table.ts'
import type { World } from './world.ts'

export const malformed = (id: string, name: string, headers: (w: World) => readonly string[]): Case => ({
  id,
  name,
  send: (w) => postTo('/currenttime/mcp', headers(w)),
  status: 400,
  backend: 'nothing',
  decisions: 0,
})

export const untouched = (id: string, line: string, passes: readonly string[] = []): Case => ({
  id,
  name: `${line} changes nothing`,
  send: (w) => postTo('/currenttime/mcp', [w.agent, line]),
  status: 200,
  backend: { ...DELIVERED, passes },
})
