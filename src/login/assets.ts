/** The stylesheet and the script of the pages. Their addresses change with their content, so browsers may keep them for good. */
import { createHash } from 'node:crypto'
import { BASE_STYLE } from './assets/base_style.ts'
import { COPY_SCRIPT } from './assets/copy_script.ts'
import { PARTS_STYLE } from './assets/parts_style.ts'

export interface Asset {
  body: string
  /** Content-Type. */
  type: string
  /** Path on the gateway, with the hash of the content. */
  href: string
}

function asset(name: string, type: string, body: string): Asset {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
  return { body, type: `${type}; charset=utf-8`, href: `/oauth2/${name}?v=${hash}` }
}

export const ASSETS: Record<'style.css' | 'copy.js', Asset> = {
  'style.css': asset('style.css', 'text/css', BASE_STYLE + PARTS_STYLE),
  'copy.js': asset('copy.js', 'text/javascript', COPY_SCRIPT),
}
