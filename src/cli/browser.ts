/** Opening the person's browser, or saying what to open. */

/** Where a browser can be expected. Over SSH it would open in front of somebody else. */
function hasDisplay({ DISPLAY, WAYLAND_DISPLAY, BROWSER, WSL_DISTRO_NAME, SSH_CONNECTION }: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return !SSH_CONNECTION
  return [DISPLAY, WAYLAND_DISPLAY, BROWSER, WSL_DISTRO_NAME].some(Boolean)
}

/**
 * Opens a URL of our own making in the browser, without a shell. The URL is written to standard error in any case, because a program
 * that was started has not necessarily shown anything.
 */
export async function showInBrowser(url: string, wanted: boolean): Promise<void> {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(url)) throw new TypeError('not a web address')
  const say = (text: string): void => {
    process.stderr.write(`${text}\n`)
  }
  if (!wanted || !hasDisplay(process.env)) return say(`Open this in a browser on this machine:\n\n  ${url}\n`)
  say(`Opening the browser. If it shows nothing, open this in it:\n\n  ${url}\n`)
  // The browser inherits the environment, and has no use for these.
  for (const name of ['SECRET_KEY', 'COGNITO_CLIENT_SECRET', 'SESSION_STORE_URL']) delete process.env[name]
  try {
    const { default: open } = await import('open')
    const opener = await open(url)
    opener.once('close', (code) => {
      if (code !== null && code !== 0) say('No browser could be opened.')
    })
  } catch {
    say('No browser could be opened.')
  }
}
