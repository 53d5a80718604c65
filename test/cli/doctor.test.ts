import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { awsEmulator } from 'strongroom/aws/emulator'
import type { Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCredentials, checkDebugSwitches } from '../../src/cli/doctor/environment.js'
import type { Finding } from '../../src/cli/doctor/finding.js'
import { satisfies } from '../../src/cli/doctor/range.js'
import { checkClock, checkNode } from '../../src/cli/doctor/runtime.js'
import { checkSdks } from '../../src/cli/doctor/sdks.js'
import { type Answer, strongroom } from './fake-terminal.js'

let emulator: Emulator
let cwd: string
beforeAll(async () => {
  emulator = await awsEmulator()
  cwd = mkdtempSync(join(tmpdir(), 'strongroom-doctor-'))
})
afterAll(async () => {
  rmSync(cwd, { recursive: true })
  await emulator.close()
})

const doctor = (args: readonly string[], env: Record<string, string> = {}): Promise<Answer> =>
  strongroom(['doctor', ...args], { cwd, env })

async function storeFinding(url: string): Promise<Finding & { readonly code: number }> {
  const { code, stdout } = await doctor(['--json', '--store', url])
  const { findings } = JSON.parse(stdout) as { findings: Finding[] }
  return { code, ...(findings.find(({ id }) => id === 'store') as Finding) }
}

describe('doctor', () => {
  it('names what it sees of credentials and debug switches, never what is in them', async () => {
    const env = {
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
      AZURE_CLIENT_SECRET: 'q8Q~secret',
      NODE_DEBUG: 'http,wJal',
    }
    const { stdout, stderr } = await doctor([], env)
    for (const name of Object.keys(env)) expect(stdout).toContain(name)
    for (const value of Object.values(env)) expect(stdout + stderr).not.toContain(value)
    expect(stdout).toContain('warn  NODE_DEBUG is set: it prints headers with tokens')
  })

  it('asks the store one question, to which "no such secret" is the good answer', async () => {
    emulator.reset()
    expect(await storeFinding(emulator.storeUrl)).toMatchObject({ code: 0, status: 'ok' })
    expect(emulator.calls).toEqual({ GetSecretValue: 1 })
  })

  it('tells a denied probe from a store that refuses or does not answer', async () => {
    emulator.faults.add({ operation: '*', error: 'AccessDeniedException', times: 1 })
    expect(await storeFinding(emulator.storeUrl)).toMatchObject({ code: 0, status: 'warn' })
    emulator.faults.add({ operation: '*', error: 'UnrecognizedClientException', times: 1 })
    expect(await storeFinding(emulator.storeUrl)).toMatchObject({ code: 1, status: 'fail' })
    emulator.faults.clear()
    const { code, status, message } = await storeFinding('aws://nowhere')
    expect([code, status]).toEqual([1, 'fail'])
    expect(message).toContain('[CONFIG_INVALID]')
  })

  it('checks Node, the clock and the SDKs against their floors', () => {
    expect(checkNode('24.1.0', '>=20.19').status).toBe('ok')
    expect(checkNode('20.19.0', '>=20.19').status).toBe('warn')
    expect(checkNode('20.18.9', '>=20.19').status).toBe('fail')
    expect(checkClock(2_000, 1_000).status).toBe('ok')
    expect(checkClock(1_000, 2_000).status).toBe('fail')
    const versions: Record<string, string> = {
      '@azure/keyvault-secrets': '4.11.1',
      '@azure/identity': '4.13.1',
    }
    const ranges = {
      '@aws-sdk/client-secrets-manager': '^3.600.0',
      '@azure/keyvault-secrets': '^4.11.2',
      '@azure/identity': '^4.5.0',
    }
    expect(checkSdks(ranges, (name) => versions[name]).map(({ status }) => status)).toEqual([
      'info',
      'fail',
      'ok',
      'info',
      'info',
    ])
  })

  it.each([
    ['3.600.0', '^3.600.0', true],
    ['3.1164.0', '^3.600.0', true],
    ['3.599.9', '^3.600.0', false],
    ['4.0.0', '^3.600.0', false],
    ['0.12.3', '^0.12.0', true],
    ['0.13.0', '^0.12.0', false],
    ['7.0.1', '^6.1.0 || ^7.0.0', true],
    ['6.0.9', '^6.1.0 || ^7.0.0', false],
    ['26.0.0-nightly', '>=20.19', true],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfies(version, range)).toBe(expected)
  })

  it.each([
    [{ GOOGLE_SDK_NODE_LOGGING: '*' }, 'debug.GOOGLE_SDK_NODE_LOGGING'],
    [{ DEBUG: 'express,node-vault' }, 'debug.DEBUG'],
    [{ GRPC_TRACE: 'all' }, 'debug.GRPC_TRACE'],
    [{ AZURE_LOG_LEVEL: 'verbose' }, 'debug.AZURE_LOG_LEVEL'],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'debug.NODE_TLS_REJECT_UNAUTHORIZED'],
    [{ NODE_OPTIONS: '--inspect=0.0.0.0:9229' }, 'debug.NODE_OPTIONS'],
    [{ DEBUG: 'express', NODE_DEBUG: 'timer', AZURE_LOG_LEVEL: 'warning' }, 'debug'],
  ])('%j is %s', (env, id) => {
    expect(checkDebugSwitches(env).map((finding) => finding.id)).toEqual([id])
  })

  it('looks for the files of the AWS chain too', () => {
    expect(checkCredentials({}, cwd)[0]?.message).toContain('no credentials in the environment')
    expect(checkCredentials({ AWS_ENDPOINT_URL: 'http://x' }, cwd).at(-1)?.id).toBe(
      'endpoint.AWS_ENDPOINT_URL',
    )
  })
})
