import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['strongroom-source', 'node', 'import', 'default'] } },
  resolve: { conditions: ['strongroom-source'] },
  test: {
    include: ['test/interop/moto/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

export default config
