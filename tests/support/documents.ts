/** Documents as they come from elsewhere, without a server. */
import type { Document } from '../../src/document.ts'

/** @param type the media type; empty for none */
export const textDocument = (text: string, type: string, status = 200): Document => ({ status, type, body: Buffer.from(text) })
export const jsonDocument = (value: unknown): Document => textDocument(JSON.stringify(value), 'application/json')
/** What a pool publishes. */
export const jwks = (keys: readonly unknown[]): Document => jsonDocument({ keys })
