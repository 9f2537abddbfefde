/** Where a browser may be sent after login. */
export function localPath(text: string | undefined | null, gateway: string): string | null {
  if (!text || text.length > 2048) return null
  const path = text.startsWith(`${gateway}/`) ? text.slice(gateway.length) : text
  if (!/^\/(?:[A-Za-z0-9._~-]+\/)*[A-Za-z0-9._~-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?$/.test(path)) return null
  return new URL(path, gateway).href === gateway + path ? path : null
}
