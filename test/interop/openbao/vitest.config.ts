import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['strongroom-source', 'node', 'import', 'default'] } },
  resolve: { conditions: ['strongroom-source'] },
  test: {
    include: ['test/interop/openbao/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxConcurrency: 10,
  },
})

export default config
