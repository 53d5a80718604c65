import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CertificateBundle, createCertificate } from './certificate.js'

/** Key and certificate of a TLS listener, and the file of the authority that its clients trust. */
export interface Identity {
  readonly key: string
  readonly cert: string
  readonly caFile: string
  /** Removes the files, unless they belong to a data folder. */
  close(): void
}

const renewBeforeMs = 30 * 86_400_000

/** Reuses what the folder holds while it is valid for another 30 days; without a folder, makes a temporary one. */
export function openIdentity(folder?: string): Identity {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'strongroom-'))
  const path = (name: string): string => join(home, name)
  const stored = folder === undefined ? undefined : read(path)
  const identity = stored ?? createCertificate()
  if (stored === undefined) {
    write(path('server.key'), identity.key, 0o600)
    write(path('server.pem'), identity.cert, 0o644)
    write(path('ca.pem'), identity.ca, 0o644)
  }
  return {
    key: identity.key,
    cert: identity.cert,
    caFile: path('ca.pem'),
    close() {
      if (folder === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}

function read(path: (name: string) => string): CertificateBundle | undefined {
  try {
    const [key = '', cert = '', ca = ''] = ['server.key', 'server.pem', 'ca.pem'].map((name) =>
      readFileSync(path(name), 'utf8'),
    )
    const isFresh = Date.parse(new X509Certificate(ca).validTo) - Date.now() > renewBeforeMs
    const isWhole = cert.endsWith(ca) && new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
    return isFresh && isWhole ? { key, cert, ca } : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function write(path: string, text: string, mode: number): void {
  rmSync(`${path}.tmp`, { force: true })
  writeFileSync(`${path}.tmp`, text, { mode, flag: 'wx' })
  renameSync(`${path}.tmp`, path)
}
