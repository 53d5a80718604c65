/** What one check found. */
export interface Finding {
  /** Stable, for programs: `node`, `sdk.aws`, `debug.NODE_DEBUG`. */
  readonly id: string
  readonly status: 'ok' | 'warn' | 'fail' | 'info'
  /** Names of variables and files, never what is in them. */
  readonly message: string
}
