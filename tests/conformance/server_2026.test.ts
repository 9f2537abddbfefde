/** The official suite for revision 2026-07-28, through the gateway. */
import { suite } from '../support/suite.ts'
import { compare } from './through.ts'

const conformance = suite('conformance')
compare(conformance, '2026-07-28')
conformance.run()
