/** Who a credential is, as far as could be found out. The names are those of the gateway's answer. */
export interface Identity {
  user: string
  client_id: string
  auth_method: 'session_cookie' | 'jwt'
  /** Null when a session holds only digests of the names. */
  groups: readonly string[] | null
  scopes?: readonly string[]
  servers?: readonly string[]
  /** Seconds since 1970. */
  expires_at: number
}
