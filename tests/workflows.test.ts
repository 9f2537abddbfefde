/** What .github/ has GitHub do: only what there is, with no more rights than it takes, on what the project says it runs on. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import * as assert from './support/assert.ts'
import { root } from './support/gateway.ts'
import { suite } from './support/suite.ts'

interface Step {
  uses?: string
  run?: string
  with?: Record<string, unknown>
}

interface Job {
  uses?: string
  needs?: string
  permissions?: Record<string, string>
  'timeout-minutes'?: number
  strategy?: { matrix: { node?: number[]; include?: Record<string, string>[] } }
  steps?: Step[]
}

interface Workflow {
  on: Record<string, unknown>
  permissions: Record<string, string>
  jobs: Record<string, Job>
}

const workflows = suite('.github')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const names = readdirSync(join(root, '.github/workflows'))
const parsed = Object.fromEntries(names.map((name) => [name, load(read(`.github/workflows/${name}`)) as Workflow]))
const jobs = Object.entries(parsed).flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file} ${name}`, file, job })),
)
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, step })))
const commands = steps.flatMap(({ name, step }) => (step.run === undefined ? [] : [{ name, run: step.run }]))
const jobOf = (file: string, name: string): Job => parsed[file]?.jobs[name] as Job

workflows('every action is named by its commit, with the release beside it', () => {
  for (const file of names) {
    const lines = read(`.github/workflows/${file}`)
      .split('\n')
      .filter((line) => /^\s*(?:- )?uses:/.test(line))
    assert.ok(lines.length > 0, file)
    for (const line of lines)
      assert.match(line, /uses: (?:[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\.github\/workflows\/\w+\.yml)$/, file)
  }
})

workflows('nothing has rights that are not named at its job, and only what publishes may write', () => {
  for (const [file, { permissions }] of Object.entries(parsed)) assert.equal(permissions, {}, file)
  const writes = jobs.flatMap(({ name, job }) =>
    Object.entries(job.permissions ?? { 'not named': 'at all' })
      .filter(([, right]) => right !== 'read')
      .map(([what, right]) => `${name}: ${what} ${right}`),
  )
  assert.equal(writes.sort(), ['images.yml image: packages write', 'publish.yml publish: id-token write'])
  for (const { name, step } of steps.filter((one) => one.step.uses?.startsWith('actions/checkout@')))
    assert.is(step.with?.['persist-credentials'], false, name)
})

workflows('what publishes does so for tags alone, and once everything was tested', () => {
  for (const file of ['images.yml', 'publish.yml']) {
    assert.equal(parsed[file]?.on, { push: { tags: ['v*'] } }, file)
    assert.is(jobOf(file, 'tested').uses, './.github/workflows/ci.yml', file)
  }
  assert.equal([jobOf('images.yml', 'image').needs, jobOf('publish.yml', 'publish').needs], ['tested', 'tested'])
  assert.ok('workflow_call' in (parsed['ci.yml'] as Workflow).on)
})

workflows('every job ends, and no command is made of what a stranger can write', () => {
  for (const { name, job } of jobs) assert.ok(job.uses !== undefined || Number(job['timeout-minutes']) > 0, name)
  for (const { name, run } of commands) assert.not.match(run, /\$\{\{/, name)
})

workflows('commands name targets, scripts and files that there are', () => {
  const makefile = read('Makefile')
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const all = commands.map(({ run }) => run).join('\n')
  const targets = [...all.matchAll(/(?:^|&& )make ([\w-]+)/gm)].map(([, target]) => target as string)
  assert.ok(targets.includes('test'))
  for (const target of targets) assert.match(makefile, new RegExp(`^${target}:`, 'm'))
  for (const [, script] of all.matchAll(/npm run (?:--silent )?([\w-]+)/g)) assert.ok(scripts[script as string], script)
  const files = [...all.matchAll(/ -f (\S+)/g)].map(([, file]) => file as string)
  assert.ok(files.length > 0)
  for (const file of files) assert.ok(existsSync(join(root, file)), file)
})

workflows('the tests run on the oldest Node that is supported and on that of the images', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
  const [, oldest] = /^>=(\d+)\./.exec(engines.node) ?? []
  const [, newest] = /^ARG NODE_IMAGE=node:(\d+)-slim$/m.exec(read('docker/validator.Dockerfile')) ?? []
  assert.equal(jobOf('ci.yml', 'debian').strategy?.matrix.node, [Number(oldest), Number(newest)])
  for (const { name, step } of steps.filter((one) => one.step.uses?.startsWith('actions/setup-node@')))
    assert.is(step.with?.['node-version'], Number(newest), name)
})

workflows('every image that compose files and Kubernetes name is published, from a stage that there is', () => {
  const published = jobOf('images.yml', 'image').strategy?.matrix.include ?? []
  for (const { image, file, target } of published) assert.match(read(file as string), new RegExp(`^FROM .* AS ${target}$`, 'm'), image)
  const folders = ['docker', 'deploy/kubernetes/base', 'deploy/kubernetes/overlays/dev', 'deploy/kubernetes/overlays/ha']
  const texts = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.yml') || name.endsWith('.yaml'))
      .map((name) => read(`${folder}/${name}`)),
  )
  const used = texts.flatMap((text) => [...text.matchAll(/image: (mcp-gatehouse[\w-]*)/g)].map(([, image]) => image as string))
  assert.equal(published.map(({ image }) => image).sort(), [...new Set(used)].sort())
})

workflows('a release must be named as package.json says, and its package names the repository that it comes from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-workflow-'))
  try {
    writeFileSync(join(folder, 'package.json'), read('package.json'))
    const { version } = JSON.parse(read('package.json')) as { version: string }
    const [tag, repository] = ['npm pkg get version', 'npm pkg set repository'].map(
      (part) => commands.find(({ name, run }) => name === 'publish.yml publish' && run.includes(part))?.run as string,
    )
    const run = (command: string, env: Record<string, string>): number | null =>
      spawnSync('bash', ['-e', '-c', command], { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, ...env } }).status
    assert.is(run(tag as string, { GITHUB_REF_NAME: `v${version}` }), 0)
    assert.is(run(tag as string, { GITHUB_REF_NAME: `v${version}-rc` }), 1)
    assert.is(run(repository as string, { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'owner/name' }), 0)
    const written = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { repository: unknown }
    assert.equal(written.repository, { type: 'git', url: 'git+https://github.com/owner/name.git' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

workflows.run()
