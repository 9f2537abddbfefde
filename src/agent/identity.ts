/** Who an agent is towards the gateway: itself, by a token, or the user who it acts for, by a session. */

export interface Identity {
  kind: 'own' | 'user'
  /**
   * What goes with each request.
   * @throws whatever keeps it from being somebody; it ends the command
   */
  headers(): Promise<Record<string, string>>
  /** After a 401: whether asking again, with other headers, may help. */
  renew(): boolean
}
