import { Command } from 'commander'
import type { Terminal } from '../terminal.js'

export function demoCommand(terminal: Terminal): Command {
  return new Command('demo')
    .summary('see it work on emulators, without a network or an account')
    .description(
      'see it work: store, read, change, roll back, and survive a fault, on emulators and without a network',
    )
    .action(async () => {
      const { demo } = await import('../demo/demo.js')
      await demo(terminal)
    })
}
