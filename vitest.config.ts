import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Set by scripts/sdks.mjs: a folder with other versions of the official SDKs. */
const sdks = process.env['STRONGROOM_SDKS']
const names = [
  '@aws-sdk/client-secrets-manager',
  '@azure/keyvault-secrets',
  '@azure/identity',
  '@google-cloud/secret-manager',
  'age-encryption',
]

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['strongroom-source', 'node', 'import', 'default'] } },
  resolve: {
    conditions: ['strongroom-source'],
    alias:
      sdks === undefined
        ? {}
        : Object.fromEntries(names.map((name) => [name, join(sdks, 'node_modules', name)])),
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**', 'test/package/**', 'test/model/bugs.test.ts'],
    setupFiles: ['test/canary/setup.ts'],
    // A bound on what hangs, not on what is slow: machines differ, and verdicts must not.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})

export default config
