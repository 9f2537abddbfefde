import { needsExplicitIssuer, poolInRegion, poolWithIssuer, regionOfPool } from '../../src/cognito/pool.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const pools = suite('a user pool')

const IDS: [string, string, string | null][] = [
  ['of the commercial partition', 'us-east-1_AbCdEfGhI', 'us-east-1'],
  ['of a region with a long name', 'ap-southeast-2_Ab1', 'ap-southeast-2'],
  ['of GovCloud', 'us-gov-west-1_Ab1', 'us-gov-west-1'],
  ['of China', 'cn-north-1_Ab1', 'cn-north-1'],
  ['of an isolated partition', 'us-isob-east-1_Ab1', 'us-isob-east-1'],
  ['of the European sovereign cloud', 'eusc-de-east-1_Ab1', 'eusc-de-east-1'],
  ['of one character', 'eu-west-1_a', 'eu-west-1'],
  ['of 55 characters', `us-east-1_${'a'.repeat(45)}`, 'us-east-1'],
  ['of 56 characters', `us-east-1_${'a'.repeat(46)}`, null],
  ['that is empty', '', null],
  ['without a region', 'AbCdEfGhI', null],
  ['without a suffix', 'us-east-1_', null],
  ['with a hyphen for the underscore', 'us-east-1-AbCdEfGhI', null],
  ['with two underscores', 'us-east-1_Ab_Cd', null],
  ['with the region in upper case', 'US-EAST-1_AbC', null],
  ['with a region without a number', 'us-east_AbC', null],
  ['with a region of two words', 'us-1_AbC', null],
  ['with a slash', 'us-east-1_Ab/../x', null],
  ['with a newline behind', 'us-east-1_AbC\n', null],
  ['with a space before', ' us-east-1_AbC', null],
  ['with a letter outside of ASCII', 'us-east-1_Äbc', null],
  ['that is an issuer', 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbC', null],
]
for (const [what, id, region] of IDS) {
  pools(`an id ${what} ${region === null ? 'is none' : `is in ${region}`}`, () => {
    assert.is(regionOfPool(id), region)
  })
}

const REGIONS: [string, boolean][] = [
  ['us-east-1', false],
  ['eu-central-2', false],
  ['il-central-1', false],
  ['mx-central-1', false],
  ['cn-north-1', true],
  ['cn-northwest-1', true],
  ['us-gov-east-1', true],
  ['us-iso-east-1', true],
  ['us-isob-east-1', true],
  ['eusc-de-east-1', true],
]
for (const [region, expected] of REGIONS) {
  pools(`the issuer of ${region} ${expected ? 'must be given' : 'is known'}`, () => {
    assert.is(needsExplicitIssuer(region), expected)
  })
}

pools('a pool issues under both names, the older one first, with keys at each', () => {
  const issuers = [
    'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1',
    'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1',
  ]
  const jwksUrls = issuers.map((issuer) => `${issuer}/.well-known/jwks.json`)
  assert.equal(poolInRegion('eu-west-1_Ab1', 'eu-west-1'), { id: 'eu-west-1_Ab1', issuers, jwksUrls })
})

pools('a configured issuer is the only one, with keys at their place below it', () => {
  assert.equal(poolWithIssuer('eu-west-1_Ab1', 'http://localhost:9/x', undefined), {
    id: 'eu-west-1_Ab1',
    issuers: ['http://localhost:9/x'],
    jwksUrls: ['http://localhost:9/x/.well-known/jwks.json'],
  })
})

pools('configured keys are taken from where they are said to be', () => {
  assert.equal(poolWithIssuer('eu-west-1_Ab1', 'http://localhost:9/x', 'https://keys.test/k').jwksUrls, ['https://keys.test/k'])
})

pools.run()
