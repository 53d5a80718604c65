/** Whether an error says that the password, token or key was refused: what `withSecret` asks about what it caught. */
export type IsAuthError = (error: unknown) => boolean

interface Shape {
  readonly code?: unknown
  readonly errno?: unknown
  readonly message?: unknown
  readonly status?: unknown
  readonly statusCode?: unknown
  readonly response?: unknown
  readonly $metadata?: unknown
  readonly cause?: unknown
  readonly lastNodeError?: unknown
}

const maxDepth = 5

/**
 * Ready-made answers by client. They look at the shape of an error, so that no driver is loaded, and also at its
 * `cause`, since query builders wrap what a driver throws. An error that says "not allowed to do this" is none of
 * them: another password would not help.
 *
 * - `pg` (and what stands on it): SQLSTATE `28P01`, a wrong password, and `28000`, a login that is refused.
 * - `ioredis` (and `redis`): replies that begin with `WRONGPASS`, `NOAUTH` or, before Redis 6, `ERR invalid password`.
 * - `mysql2` (and `mariadb`): `ER_ACCESS_DENIED_ERROR` (1045) and `ER_ACCESS_DENIED_NO_PASSWORD_ERROR` (1698).
 * - `http`: status 401, as `status` or `statusCode` of the error or of its `response`, or in `$metadata`.
 */
export const isAuthError: Readonly<Record<'pg' | 'ioredis' | 'mysql2' | 'http', IsAuthError>> = Object.freeze(
  {
    pg: orItsCause(({ code }) => code === '28P01' || code === '28000'),
    ioredis: orItsCause(({ message }) => /^(WRONGPASS|NOAUTH|ERR invalid password)\b/.test(String(message))),
    mysql2: orItsCause(({ code, errno }) => {
      const named = code === 'ER_ACCESS_DENIED_ERROR' || code === 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR'
      return named || errno === 1045 || errno === 1698
    }),
    http: orItsCause(
      (error) =>
        [error, error.response].some((part) => statusOf(part) === 401) ||
        (isObject(error.$metadata) && 'httpStatusCode' in error.$metadata
          ? error.$metadata.httpStatusCode === 401
          : false),
    ),
  },
)

function orItsCause(test: (error: Shape) => boolean): IsAuthError {
  const look = (error: unknown, depth: number): boolean => {
    if (!isObject(error) || depth > maxDepth) return false
    const shape: Shape = error
    return test(shape) || look(shape.cause, depth + 1) || look(shape.lastNodeError, depth + 1)
  }
  return (error) => look(error, 0)
}

function statusOf(part: unknown): unknown {
  if (!isObject(part)) return undefined
  const { status, statusCode }: Shape = part
  return statusCode ?? status
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
