import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { output } from './fake-terminal.js'

/** What bash offers for a line that ends in the word to complete. */
async function offered(line: string): Promise<string[]> {
  const script = await output(['completion', 'bash'])
  const words = line.split(' ')
  const program = `${script}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
    _strongroom; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n')
}

describe('completion', () => {
  it('offers commands, and the options of a command', async () => {
    expect(await offered('strongroom ver')).toEqual(['versions'])
    expect(await offered('strongroom get --re')).toEqual(['--reveal'])
    expect(await offered('strongroom put stripe --if')).toEqual(['--if-version', '--if-absent'])
  })

  it.each(['bash', 'zsh', 'fish'])('knows every command in %s', async (shell) => {
    const script = await output(['completion', shell])
    for (const command of ['get', 'put', 'list', 'versions', 'emulate', 'demo', 'doctor']) {
      expect(script).toMatch(new RegExp(`\\b${command}\\b`))
    }
  })
})
