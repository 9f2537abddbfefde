/** Rules of a policy, written short. */
import { createPolicy, type Policy, type Rule } from '../../src/gate/policy.ts'

export const rule = (scope: string, server: string, methods: Rule['methods'], opened: Partial<Rule> = {}): Rule => ({
  scope,
  server,
  methods,
  tools: [],
  prompts: [],
  resources: [],
  ...opened,
})

export const compile = (...rules: Rule[]): Policy => createPolicy(rules, [...new Set(rules.map(({ scope }) => scope))], new Map())
