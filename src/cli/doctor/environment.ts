import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Terminal } from '../terminal.js'
import type { Finding } from './finding.js'

type Env = Terminal['env']

/** Where each cloud's own chain looks for credentials, in the environment. */
const credentials: Readonly<Record<string, readonly string[]>> = {
  aws: [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_PROFILE',
    'AWS_ROLE_ARN',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ],
  azure: [
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'AZURE_FEDERATED_TOKEN_FILE',
    'IDENTITY_ENDPOINT',
    'MSI_ENDPOINT',
  ],
}

const redirecting = ['AWS_ENDPOINT_URL_SECRETS_MANAGER', 'AWS_ENDPOINT_URL']

/** Credentials and endpoints that a store would find: by name, never by value. */
export function checkCredentials(env: Env, awsFolder: string = join(homedir(), '.aws')): Finding[] {
  const findings = Object.entries(credentials).map(([provider, names]): Finding => {
    const seen = names.filter((name) => env[name])
    if (provider === 'aws' && existsSync(join(awsFolder, 'credentials'))) seen.push('~/.aws/credentials')
    if (provider === 'aws' && existsSync(join(awsFolder, 'config'))) seen.push('~/.aws/config')
    const message =
      seen.length === 0
        ? `${provider}: no credentials in the environment; the chain would ask the machine it runs on`
        : `${provider}: credentials from ${seen.join(', ')}`
    return { id: `credentials.${provider}`, status: 'info', message }
  })
  const endpoints = redirecting
    .filter((name) => env[name])
    .map(
      (name): Finding => ({
        id: `endpoint.${name}`,
        status: 'info',
        message: `${name} moves requests elsewhere`,
      }),
    )
  return [...findings, ...endpoints]
}

/** What opens encrypted files: where it comes from, never what it is. */
export function checkFileKey(env: Env): Finding[] {
  const findings: Finding[] = []
  const { STRONGROOM_KEY_FILE: path, STRONGROOM_KEY: key } = env
  if (path) {
    const message = `file: the key comes from STRONGROOM_KEY_FILE${existsSync(path) ? '' : ', which names no file'}`
    findings.push({ id: 'credentials.file', status: existsSync(path) ? 'info' : 'warn', message })
  }
  if (key) {
    const message =
      'file: STRONGROOM_KEY holds the key itself, which every child process inherits; put it into a file, and its path ' +
      'into STRONGROOM_KEY_FILE'
    findings.push({ id: 'credentials.STRONGROOM_KEY', status: 'warn', message })
  }
  return findings
}

interface Danger {
  readonly name: string
  /** Default: any text. */
  readonly when?: RegExp
  readonly why: string
}

/** Switches that print secrets or weaken a connection. What each does was tried: see SECURITY.md. */
const dangers: readonly Danger[] = [
  { name: 'GOOGLE_SDK_NODE_LOGGING', why: 'prints values that are read and written' },
  { name: 'NODE_DEBUG', when: /http|tls|net|stream|\*/i, why: 'prints headers with tokens' },
  { name: 'DEBUG', when: /node-vault|\*/, why: 'prints values that node-vault writes' },
  { name: 'GRPC_TRACE', why: 'prints the metadata of calls' },
  {
    name: 'AZURE_LOG_LEVEL',
    when: /verbose|info/i,
    why: 'prints requests; values are masked by the SDK today',
  },
  { name: 'NODE_TLS_REJECT_UNAUTHORIZED', when: /^0$/, why: 'accepts any certificate' },
  {
    name: 'NODE_OPTIONS',
    when: /--inspect|--cpu-prof|--heap/,
    why: 'lets a debugger or a dump read the memory',
  },
  { name: 'SSLKEYLOGFILE', why: 'writes the keys of TLS connections to a file' },
]

export function checkDebugSwitches(env: Env): Finding[] {
  const set = dangers.filter(({ name, when = /./ }) => when.test(env[name] ?? ''))
  if (set.length === 0)
    return [{ id: 'debug', status: 'ok', message: 'no debug switch is set that prints secrets' }]
  return set.map(({ name, why }) => ({
    id: `debug.${name}`,
    status: 'warn',
    message: `${name} is set: it ${why}`,
  }))
}
