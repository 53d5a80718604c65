// Everything that must hold before a change lands; CI runs the same command.
import { runSteps } from './lib/steps.mjs'

await runSteps([
  { name: 'types', command: 'tsc --noEmit -p tsconfig.json' },
  { name: 'types of scripts', command: 'tsc -p tsconfig.scripts.json' },
  { name: 'style', command: 'biome check --error-on-warnings .' },
  { name: 'tests', command: 'vitest run' },
  { name: 'unused code', command: 'knip' },
  { name: 'docs in sync', command: 'node scripts/docs.mjs --check' },
  { name: 'dependencies', command: 'node scripts/gates/dependencies.mjs' },
  { name: 'addresses', command: 'node scripts/gates/addresses.mjs' },
  { name: 'build', command: 'node scripts/build.mjs' },
  { name: 'bundles', command: 'node scripts/gates/bundles.mjs' },
  { name: 'declarations', command: 'node scripts/gates/declarations.mjs' },
  { name: 'start-up', command: 'node scripts/gates/start-up.mjs' },
  { name: 'pack', command: 'node scripts/pack.mjs' },
  { name: 'publint', command: 'publint run --strict .cache/pack/strongroom.tgz' },
  // esm-only: the package is ESM by decision; CommonJS reaches it through require(esm), which test:package proves.
  {
    name: 'types as packed',
    command:
      'attw --no-emoji --no-color --profile esm-only .cache/pack/strongroom.tgz && echo every subpath resolves with its types',
  },
])
