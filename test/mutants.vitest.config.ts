import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config'
import base from '../vitest.config.js'

/** Tests that need no server: a mutant in the core must fall to them, and they are run thousands of times. */
const include = ['test/core/**/*.test.ts', 'test/layers/**/*.test.ts', 'test/conformance/memory.test.ts']

const config: ViteUserConfig = mergeConfig(
  { ...base, test: {} },
  defineConfig({ test: { include, setupFiles: ['test/canary/setup.ts'] } }),
)

export default config
