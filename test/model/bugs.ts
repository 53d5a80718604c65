/** One wrong behaviour: a change to the text of a source file, which must be found there exactly once. */
export interface Bug {
  readonly name: string
  readonly file: string
  readonly right: string
  readonly wrong: string
}

const cache = 'src/layers/cache.ts'
const clock = 'src/layers/cache/clock.ts'
const entries = 'src/layers/cache/entries.ts'
const failures = 'src/layers/cache/failures.ts'
const flights = 'src/layers/cache/flights.ts'
const identity = 'src/layers/cache/identity.ts'
const memory = 'src/layers/cache/memory.ts'
const refreshes = 'src/layers/cache/refreshes.ts'
const reader = 'src/reader.ts'
const retry = 'src/layers/retry.ts'
const turningPoints = 'src/layers/cache/turning-points.ts'
const versions = 'src/layers/cache/versions.ts'

const bug = (name: string, file: string, right: string, wrong: string): Bug => ({ name, file, right, wrong })

/** What a cache can get wrong. The model must find each. */
export const bugs: readonly Bug[] = [
  bug('key without stage', identity, 'version ?? null, stage ?? null]', 'version ?? null]'),
  bug('key without version', identity, 'version ?? null, stage ?? null]', 'stage ?? null]'),
  bug(
    'key without name',
    identity,
    'JSON.stringify([namespace, group, id])',
    'JSON.stringify([namespace, id])',
  ),
  bug('a version for another one', versions, ' && answer.record.version === version', ''),
  bug(
    'stale on denied',
    memory,
    '!transient.has(error.code)',
    "!(transient.has(error.code) || error.code === 'PERMISSION_DENIED')",
  ),
  bug('denied leaves what is held', memory, 'if (ofSecret.has(error.code)) forget', 'if (closed) forget'),
  bug('disabled leaves what is held', memory, "'NOT_FOUND', 'DISABLED', ", "'NOT_FOUND', "),
  bug(
    'missing leaves the version',
    memory,
    "['NOT_FOUND', 'DISABLED', 'INVALID_VALUE']",
    "['DISABLED', 'INVALID_VALUE']",
  ),
  bug('denied is remembered', failures, "  'UNKNOWN',\n", "  'UNKNOWN',\n  'PERMISSION_DENIED',\n"),
  bug('missing is remembered too long', memory, 'isMissing ? negativeTtlMs', 'isMissing ? negativeTtlMs * 2'),
  bug(
    'missing outlives a put',
    memory,
    'const forget = (group: string): void => entries.ofGroup(group)',
    "const forget = (group: string): void => entries.ofGroup(group).filter(({ answer }) => 'record' in answer)",
  ),
  bug(
    'stale without a bound',
    memory,
    'isYoung(entry, entry.confirmedAt + staleIfErrorMs, maxAgeMs)',
    'isYoung(entry, Number.POSITIVE_INFINITY, maxAgeMs)',
  ),
  bug(
    'stale is not marked',
    cache,
    "trail.source = 'stale'\n          return",
    "trail.source = 'cache'\n          return",
  ),
  bug(
    'stale makes young',
    memory,
    'return isYoung(entry, entry.confirmedAt + staleIfErrorMs, maxAgeMs) ?',
    'entry.usableUntil = clock.now() + ttlMs\n      return isYoung(entry, entry.confirmedAt + staleIfErrorMs, maxAgeMs) ?',
  ),
  bug(
    'stale for whoever wants it young',
    memory,
    'isYoung(entry, entry.confirmedAt + staleIfErrorMs, maxAgeMs)',
    'isYoung(entry, entry.confirmedAt + staleIfErrorMs)',
  ),
  bug(
    'refreshed without end',
    memory,
    'isMissing ? freshUntil : until(ttlMs * 2)',
    'isMissing ? freshUntil : until(ttlMs * 5)',
  ),
  bug(
    'never refreshed',
    refreshes,
    'if (running.size < maxAtOnce) void run(identity, input)',
    'if (running.size > maxAtOnce) void run(identity, input)',
  ),
  bug('a refresh that outlives the store', refreshes, 'closing.abort()', 'closing.signal.throwIfAborted()'),
  bug('jitter upward', memory, '(0.8 + 0.2 * env.random())', '(1.2 + 0.2 * env.random())'),
  bug(
    'age from the landing',
    flights,
    'const landing = landed(identity, answer, departedAt)',
    'const landing = landed(identity, answer, clock.now())',
  ),
  bug(
    'maxAgeMs is not heard',
    memory,
    'look: (identity, maxAgeMs) => {',
    'look: (identity, maxAgeMs = 0) => {\n      maxAgeMs = Number.POSITIVE_INFINITY',
  ),
  bug(
    'maxAgeMs joins an old flight',
    flights,
    '< maxAgeMs) return flight',
    '< Number.POSITIVE_INFINITY) return flight',
  ),
  bug('two flights at once', flights, 'current.set(flight.identity.key, flight)\n', ''),
  bug('a flight that is never over', flights, 'current.delete(flight.identity.key)\n    if', 'if'),
  bug(
    'one who leaves takes all along',
    flights,
    'if (flight.waiters.size === 0) {\n',
    'if (flight.waiters.size >= 0) {\n',
  ),
  bug('a late answer counts', flights, 'if (signal.aborted) return\n    const landing', 'const landing'),
  bug('a write leaves reads under way', cache, 'flights.restart(group)\n', ''),
  bug('a write leaves what is held', cache, 'memory.forget(group)\n', ''),
  bug('a write leaves the failure', cache, 'failures.forget(group)\n', ''),
  bug(
    'a failed write leaves what is held',
    cache,
    '        } finally {\n          forget()\n        }',
    '        }',
  ),
  bug(
    'no doubt about a lost write',
    cache,
    'memory.unsettle(group, Math.max(lateWriteMs, propagationMs))',
    'memory.unsettle(group, propagationMs)',
  ),
  bug(
    'doubt is forgotten while a read is under way',
    turningPoints,
    'const rememberedMs = 3_600_000',
    'const rememberedMs = 0',
  ),
  bug('no memory of failures', failures, 'return now < failure.until', 'return now < failure.departedAt'),
  bug('failures are remembered for ever', failures, 'return now < failure.until &&', 'return'),
  bug(
    'a failure outlives success',
    failures,
    '        failures.delete(key)\n        return\n',
    '        return\n',
  ),
  bug('a clock that stands still in the freezer', clock, 'if (lead > gain) slept += lead - gain\n', ''),
  bug('a clock that is set back', clock, 'latest = steady + slept', 'latest = now()'),
  bug('no bound', entries, 'byKey.size > maxEntries || ', ''),
  bug('a hit outlives its entry', entries, '    for (const run of this.onEnd.splice(0)) run()\n', ''),
  bug('a hit is never old', memory, 'if (now >= entry.freshUntil || now < entry.confirmedAt) return 0\n', ''),
  bug('a hit of what was dropped', reader, 'held.delete(name)\n', ''),
  bug('the end leaves what is held', cache, 'env.onClose(memory.close)\n', ''),
  bug(
    'a write is sent twice',
    retry,
    'if (error.outcomeUnknown && !repeatIsHarmless(call, env.capabilities)) return undefined\n',
    '',
  ),
]
