import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['strongroom-source', 'node', 'import', 'default'] } },
  resolve: { conditions: ['strongroom-source'] },
  test: {
    include: ['test/interop/moto/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Each file has a server of its own, and waits for it most of the time.
    maxWorkers: 3,
  },
})

export default config
