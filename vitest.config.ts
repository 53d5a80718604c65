import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['strongroom-source', 'node', 'import', 'default'] } },
  resolve: { conditions: ['strongroom-source'] },
  test: { include: ['test/**/*.test.ts'], exclude: ['test/interop/**', 'test/package/**'] },
})
