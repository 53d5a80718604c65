import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Whether the model finds what is wrong: minutes, and a command of its own. */
const config: ViteUserConfig = defineConfig({ test: { include: ['test/model/bugs.test.ts'] } })

export default config
