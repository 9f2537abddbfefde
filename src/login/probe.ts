/** Whether somebody else has the same `SECRET_KEY`: they seal the time, and the gateway says whether it can open that. Nothing more. */
import type { Sealer } from '../session/seal.ts'
import type { LoginService } from './service.ts'

/** Bytes; a seal of a time has some 300. */
export const LONGEST_PROBE = 1024
/** Seconds by which the time in a probe may differ from the gateway's, either way. */
export const PROBE_LIFE = 60

/**
 * Makes a probe.
 * @param now seconds since 1970
 */
export const sealProbe = (sealer: Sealer, now: number): Promise<string> => sealer.seal('probe', { at: now })

/** Answers a probe. One that is old, of another key or no seal at all is not opened, and which of these it is stays unsaid. */
export async function opensProbe({ sealer, now }: Pick<LoginService, 'sealer' | 'now'>, order: string): Promise<{ opens: boolean }> {
  const { at } = (await sealer.open('probe', order)) ?? {}
  return { opens: typeof at === 'number' && Math.abs(now() - at) <= PROBE_LIFE }
}
