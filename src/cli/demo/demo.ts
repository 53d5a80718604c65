import type { Terminal } from '../terminal.js'
export async function demo(_terminal: Terminal): Promise<void> {}
