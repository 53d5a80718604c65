import { isAuthError } from 'strongroom'
import { describe, expect, it } from 'vitest'

/** What the drivers throw, field by field, as their classes make it. */
function shaped(name: string, message: string, fields: object): Error {
  return Object.assign(new Error(message), { name }, fields)
}

// pg 8: class DatabaseError of pg-protocol.
const pgRefused = (code: string, message: string): Error =>
  shaped('error', message, {
    length: 104,
    severity: 'FATAL',
    code,
    detail: undefined,
    hint: undefined,
    position: undefined,
    file: 'auth.c',
    line: '326',
    routine: 'auth_failed',
  })
// ioredis 5: class ReplyError of redis-errors.
const redisReply = (message: string): Error =>
  shaped('ReplyError', message, { command: { name: 'auth', args: ['app', 'wrong'] } })
// mysql2 3: what Packet.asError makes.
const mysqlRefused = (code: string, errno: number, sqlState: string): Error =>
  shaped('Error', `Access denied for user 'app'@'localhost' (using password: YES)`, {
    code,
    errno,
    sqlState,
    sqlMessage: `Access denied for user 'app'@'localhost' (using password: YES)`,
    sql: undefined,
    fatal: true,
  })

const authentication = {
  pg: [
    pgRefused('28P01', 'password authentication failed for user "app"'),
    pgRefused('28000', 'role "app" is not permitted to log in'),
    shaped('DrizzleQueryError', 'Failed query', {
      cause: pgRefused('28P01', 'password authentication failed'),
    }),
  ],
  ioredis: [
    redisReply('WRONGPASS invalid username-password pair or user is disabled.'),
    redisReply('NOAUTH Authentication required.'),
    redisReply('ERR invalid password'),
    shaped('ClusterAllFailedError', 'Failed to refresh slots cache.', {
      lastNodeError: redisReply('WRONGPASS invalid username-password pair or user is disabled.'),
    }),
  ],
  mysql2: [
    mysqlRefused('ER_ACCESS_DENIED_ERROR', 1045, '28000'),
    mysqlRefused('ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 1698, '28000'),
    // mariadb: class SqlError.
    shaped('SqlError', '(conn:3, no: 1045, SQLState: 28000) Access denied', {
      errno: 1045,
      sqlState: '28000',
    }),
  ],
  http: [
    shaped('AxiosError', 'Request failed with status code 401', {
      code: 'ERR_BAD_REQUEST',
      status: 401,
      response: { status: 401, data: {} },
    }),
    shaped('HTTPError', 'Response code 401 (Unauthorized)', { response: { statusCode: 401 } }),
    shaped('StatusCodeError', '401', { statusCode: 401 }),
    shaped('UnrecognizedClientException', 'The token is invalid.', { $metadata: { httpStatusCode: 401 } }),
    new Response(null, { status: 401 }),
  ],
} as const

const other = {
  pg: [
    pgRefused('42501', 'permission denied for table t'),
    pgRefused('57P03', 'the database is starting up'),
  ],
  ioredis: [
    redisReply("NOPERM this user has no permissions to run the 'get' command"),
    redisReply('ERR unknown command'),
    shaped('MaxRetriesPerRequestError', 'Reached the max retries per request limit (which is 20).', {}),
  ],
  mysql2: [
    mysqlRefused('ER_DBACCESS_DENIED_ERROR', 1044, '42000'),
    mysqlRefused('ER_TABLEACCESS_DENIED_ERROR', 1142, '42000'),
    shaped('Error', 'connect ECONNREFUSED 127.0.0.1:3306', {
      code: 'ECONNREFUSED',
      errno: -111,
      fatal: true,
    }),
  ],
  http: [
    shaped('AxiosError', 'Request failed with status code 403', { status: 403, response: { status: 403 } }),
    shaped('ThrottlingException', 'Rate exceeded', { $metadata: { httpStatusCode: 400 } }),
    new Response(null, { status: 500 }),
  ],
} as const

const drivers = ['pg', 'ioredis', 'mysql2', 'http'] as const

describe('isAuthError', () => {
  it.each(drivers)('%s knows a refused password, and what wraps it', (driver) => {
    for (const error of authentication[driver]) expect(isAuthError[driver](error), String(error)).toBe(true)
  })

  it.each(drivers)('%s takes nothing else for one', (driver) => {
    const circle: { cause?: unknown } = {}
    circle.cause = circle
    const nothing = [undefined, null, 'WRONGPASS', 401, {}, circle, { $metadata: {} }, { response: null }]
    for (const error of [...other[driver], ...nothing]) expect(isAuthError[driver](error)).toBe(false)
  })
})
