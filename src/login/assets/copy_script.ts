/**
 * Makes the Copy buttons work, and keeps a click that was meant for another window from agreeing to anything. The pages are complete
 * without it: Copy buttons keep their place and stay hidden.
 */
export const COPY_SCRIPT = `'use strict'
document.documentElement.classList.add('scripted')
const status = document.getElementById('copied')

const select = (source) => {
  const range = document.createRange()
  range.selectNodeContents(source)
  const selection = getSelection()
  selection.removeAllRanges()
  selection.addRange(range)
}

// Browsers offer the clipboard on https and on localhost alone. Elsewhere the old way; where that fails too, the text is selected.
const copy = async (source) => {
  try {
    await navigator.clipboard.writeText(source.textContent)
    return true
  } catch {
    select(source)
    return document.execCommand('copy')
  }
}

const say = (button, text) => {
  button.firstChild.data = text
  status.textContent = text === 'Copy' ? '' : text + ': ' + button.getAttribute('aria-label').replace(/^Copy /, '')
}

let last = null
let timer = 0
const show = (button, text) => {
  clearTimeout(timer)
  if (last && last !== button) say(last, 'Copy')
  last = button
  say(button, text)
  timer = setTimeout(say, 2500, button, 'Copy')
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]')
  const source = button && document.getElementById(button.dataset.copy)
  if (source) show(button, (await copy(source)) ? 'Copied' : 'Selected')
})

// A window that lay above may have gone between two clicks of a double click: consent waits until the page has been in front for a moment.
const settling = document.querySelectorAll('button[data-settle]')
const settle = () => {
  for (const button of settling) button.disabled = true
  setTimeout(() => { for (const button of settling) button.disabled = false }, 700)
}
if (settling.length > 0) {
  settle()
  addEventListener('focus', settle)
  addEventListener('pageshow', settle)
  document.addEventListener('visibilitychange', settle)
}
`
