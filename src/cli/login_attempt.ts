/** A login under way, whichever way it goes: shown to the person, waited for, completed, saved. */
import { type SessionCookie, saveCookie } from './cookie_file.ts'
import { CommandError, EXIT } from './exit.ts'
import { unlessAborted } from './interrupt.ts'
import type { Callback, Loopback } from './loopback.ts'
import { showWait } from './progress.ts'
import { inWords } from './words.ts'

export interface SignedIn extends SessionCookie {
  username: string
  groups: readonly string[]
}

export interface Attempt {
  /** For the browser. */
  url: string
  loopback: Loopback
  /** Said before the browser opens. */
  note?: string
  /** What may be wrong when nobody came. */
  hint: string
  /**
   * From the browser's answer to a session.
   * @throws {CommandError}
   */
  complete(answer: URL): Promise<SignedIn>
}

export interface Circumstances {
  file: string
  /** How long to wait for the person. */
  seconds: number
  signal: AbortSignal
  showInBrowser(url: string): Promise<void>
}

/**
 * Sees a login through to the saved session. Whatever comes of it, nothing listens afterwards.
 * @throws {CommandError}
 */
export async function seeThrough(attempt: Attempt, circumstances: Circumstances): Promise<SignedIn> {
  try {
    const callback = await waitForCallback(attempt, circumstances)
    return await finish(attempt, callback, circumstances)
  } finally {
    await attempt.loopback.close()
  }
}

async function waitForCallback(attempt: Attempt, { seconds, signal, showInBrowser }: Circumstances): Promise<Callback> {
  if (attempt.note !== undefined) process.stderr.write(`${attempt.note}\n`)
  await showInBrowser(attempt.url)
  const stop = await showWait(seconds)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const message = `Nobody logged in within ${inWords(seconds)}. ${attempt.hint}`
    timer = setTimeout(() => reject(new CommandError(EXIT.nobody, message)), seconds * 1000)
  })
  try {
    return await unlessAborted(Promise.race([attempt.loopback.called, late]), signal)
  } finally {
    clearTimeout(timer)
    stop()
  }
}

/** The browser is told last, so that its page is true. */
async function finish(attempt: Attempt, callback: Callback, { file, signal }: Circumstances): Promise<SignedIn> {
  try {
    const session = await unlessAborted(attempt.complete(callback.url), signal)
    saveCookie(file, session)
    await callback.answer('done')
    return session
  } catch (error) {
    await callback.answer('failed')
    throw error
  }
}
