/** Where a user pool's tokens come from and where its keys are published. Nothing is fetched here. */

export interface Pool {
  id: string
  /** Every `iss` that the pool's tokens may carry. */
  issuers: readonly string[]
  /** Where its keys are published; the next one is asked after one has failed. */
  jwksUrls: readonly string[]
}

/** AWS API_ResourceServerType: `[\w-]+_[0-9a-zA-Z]+`, at most 55 characters; the part before the underscore is the region. */
const POOL_ID = /^(?=.{1,55}$)([a-z]{2,4}(?:-[a-z]+)+-\d)_[0-9A-Za-z]+$/

/** The region in a pool id, or null when it is no pool id. */
export const regionOfPool = (id: string): string | null => POOL_ID.exec(id)?.[1] ?? null

/** Partitions whose issuer host is not documented well enough to be derived: China, GovCloud, the European sovereign cloud. */
export const needsExplicitIssuer = (region: string): boolean => /^(?:cn|us-gov|us-iso[a-z]?|eusc)-/.test(region)

const jwksUrl = (issuer: string): string => `${issuer}/.well-known/jwks.json`

/**
 * A pool of the commercial partition. Both issuer forms count (AWS API_IssuerConfigurationType: ORIGINAL and UPDATED).
 * @param id such as `us-east-1_AbCdEfGhI`
 */
export function poolInRegion(id: string, region: string): Pool {
  const issuers = [`https://cognito-idp.${region}.amazonaws.com/${id}`, `https://issuer-cognito-idp.${region}.amazonaws.com/${id}`]
  return { id, issuers, jwksUrls: issuers.map(jwksUrl) }
}

/** A pool whose issuer is configured; its keys are where Cognito publishes them unless said otherwise. */
export function poolWithIssuer(id: string, issuer: string, jwks: string | undefined): Pool {
  return { id, issuers: [issuer], jwksUrls: [jwks ?? jwksUrl(issuer)] }
}
