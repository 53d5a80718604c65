import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config'
import base from '../vitest.config.js'

/** Set by scripts/mutants.mjs: the tests to which the mutants at hand must fall. */
const include = JSON.parse(process.env['STRONGROOM_MUTANT_TESTS'] ?? '[]') as string[]

const config: ViteUserConfig = mergeConfig(
  { ...base, test: {} },
  defineConfig({ test: { include, setupFiles: ['test/canary/setup.ts'] } }),
)

export default config
