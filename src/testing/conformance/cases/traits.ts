import { effects, type Operation, operationNames } from '../../../operations.js'
import { leaksIn } from '../../leaks.js'
import type { ConformanceCase } from '../case.js'
import { ConformanceFailure, check, quietly, refused, rejects, same } from '../expect.js'
import type { FaultKind, Harness } from '../harness.js'
import { operationNeeds, type Subject, samples } from '../samples.js'

interface Trait {
  readonly id: string
  readonly title: (operation: Operation) => string
  readonly uses?: readonly FaultKind[]
  readonly run: (h: Harness, operation: Operation) => Promise<void>
}

/** A call of the operation that would do something: on a secret that is there, with a version to work on. */
async function subjectOf(h: Harness): Promise<Subject> {
  const { name, version } = await h.given()
  const revision = h.capabilities.recordSwap === 'none' ? '0' : (await h.store.readRecord(name)).revision
  return { name, version, value: h.value(), revision }
}

const faultCodes = {
  denied: 'PERMISSION_DENIED',
  unauthenticated: 'UNAUTHENTICATED',
  throttled: 'RATE_LIMITED',
  unavailable: 'UNAVAILABLE',
} as const

const faulty = (Object.keys(faultCodes) as (keyof typeof faultCodes)[]).map((fault): Trait => {
  const code = faultCodes[fault]
  return {
    id: fault,
    title: (operation) => `${operation}: a backend that answers ${fault} is ${code}, and never NOT_FOUND`,
    uses: [fault],
    async run(h, operation) {
      const subject = await subjectOf(h)
      h.inject(fault)
      const error = await rejects(() => samples[operation](h.store, subject), code)
      h.mend()
      const { provider, secret } = error
      const named = operation === 'listPage' ? undefined : subject.name
      same({ operation: error.operation, secret }, { operation, secret: named }, 'what the error names')
      check(provider !== undefined && provider !== '', 'the error names no provider')
      const isPassing = code === 'RATE_LIMITED' || code === 'UNAVAILABLE'
      check(isPassing || !error.retryable, 'what does not pass by itself must not say that it may be retried')
      check(
        !isPassing || error.retryable || h.isLayered,
        'what passes by itself must say that it may be retried',
      )
      const doubt = code === 'UNAVAILABLE' && effects[operation] === 'write'
      check(doubt || !error.outcomeUnknown, 'outcomeUnknown is true for a call without an effect')
    },
  }
})

const traits: readonly Trait[] = [
  ...faulty,
  {
    id: 'closed',
    title: (operation) => `${operation} on a closed store is CLOSED before the wire`,
    async run(h, operation) {
      const subject = await subjectOf(h)
      const store = h.open()
      await store.close()
      await store.close()
      await quietly(h, () => rejects(() => samples[operation](store, subject), 'CLOSED'))
    },
  },
  {
    id: 'aborted-before',
    title: (operation) => `${operation} with a signal that is aborted already is ABORTED before the wire`,
    async run(h, operation) {
      const subject = await subjectOf(h)
      const options = { signal: AbortSignal.abort() }
      await quietly(h, () => rejects(() => samples[operation](h.store, subject, options), 'ABORTED'))
    },
  },
  {
    id: 'aborted-meanwhile',
    title: (operation) =>
      `${operation} ends with ABORTED when its signal is aborted while the backend is silent`,
    uses: ['hang'],
    async run(h, operation) {
      const subject = await subjectOf(h)
      const controller = new AbortController()
      h.inject('hang')
      const before = h.requests()
      const call = samples[operation](h.store, subject, { signal: controller.signal })
      const rejected = rejects(() => call, 'ABORTED')
      for (let turn = 0; h.requests() === before && turn < 500; turn += 1) {
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      controller.abort(new Error('the caller has had enough'))
      const error = await promptly(rejected)
      h.mend()
      check(
        error.outcomeUnknown === (effects[operation] === 'write'),
        'outcomeUnknown is not that of a write',
      )
    },
  },
  {
    id: 'no-value-in-errors',
    title: (operation) => `${operation}: no error shows a value, whatever the backend answers`,
    async run(h, operation) {
      const stored = h.value()
      const { name, version } = await h.given(stored)
      const subject = { name, version, value: h.value(), revision: 'none-such' }
      const faults: readonly (FaultKind | undefined)[] = [
        ...Object.keys(faultCodes),
        'reply-lost',
      ] as FaultKind[]
      for (const fault of [undefined, ...faults]) {
        if (fault !== undefined && !h.can(fault)) continue
        if (fault !== undefined) h.inject(fault)
        const wrong = { ...subject, name: h.name(), version: 'none-such' }
        const calls = [samples[operation](h.store, subject), samples[operation](h.store, wrong)]
        const settled = await Promise.allSettled(calls)
        h.mend()
        const errors = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
        for (const error of errors) {
          const leaks = leaksIn(error, [stored, subject.value])
          check(leaks.length === 0, `an error shows the value: ${leaks.map(({ view }) => view).join(', ')}`)
        }
      }
    },
  },
  {
    id: 'supported',
    title: (operation) =>
      `${operation} is there where the capabilities say so, and else UNSUPPORTED before the wire`,
    async run(h, operation) {
      const subject = await subjectOf(h)
      const [settled] = await Promise.allSettled([samples[operation](h.store, subject)])
      if (settled.status === 'fulfilled') return
      const finding = operation === 'discard' ? 'CONFLICT' : []
      await rejects(() => Promise.reject(settled.reason), finding)
    },
  },
]

/** Fails instead of waiting for ever. */
async function promptly<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConformanceFailure('no answer within 2 s of the abort')), 2_000)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

const withoutSecret: Trait = {
  id: 'missing',
  title: (operation) => `${operation} of a secret that does not exist is NOT_FOUND`,
  async run(h, operation) {
    const subject = { name: h.name(), version: 'none-such', value: h.value(), revision: '0' }
    const error = await rejects(() => samples[operation](h.store, subject), 'NOT_FOUND')
    same(error.secret, subject.name, 'the name in the error')
    check(error.message.includes(String(subject.name)), `the message does not name it: ${error.message}`)
  },
}

const inTrash: Trait = {
  id: 'deleted',
  title: (operation) => `${operation} of a secret in the trash is PENDING_DELETION, never NOT_FOUND`,
  async run(h, operation) {
    const subject = await subjectOf(h)
    await h.store.delete(subject.name)
    await rejects(() => samples[operation](h.store, subject), 'PENDING_DELETION')
  },
}

/** Creates what is missing, or is not about one secret, or answers for a name without one. */
const answersForMissing: readonly Operation[] = ['put', 'listPage', 'readRecord', 'swapRecord']
/** Answers for the trash, or is the way out of it, or is not about the secret itself. */
const answersForDeleted: readonly Operation[] = [
  'describe',
  'listPage',
  'versionsPage',
  'restore',
  'readRecord',
  'swapRecord',
]

function stamp(trait: Trait, operation: Operation): ConformanceCase {
  return {
    id: `every/${trait.id}/${operation}`,
    title: trait.title(operation),
    needs: operationNeeds[operation],
    ...(trait.uses && { uses: trait.uses }),
    run: (h) => trait.run(h, operation),
    otherwise: refused((h) =>
      samples[operation](h.store, { name: h.name(), version: 'v1', value: h.value(), revision: '0' }),
    ),
  }
}

function stampInTrash(operation: Operation): ConformanceCase {
  const needs = operationNeeds[operation].map((facts) => ({
    ...facts,
    writable: true,
    deleteRecoverable: true,
  }))
  const otherwise = refused((h) => {
    const subject = { name: h.name(), version: 'v1', value: h.value(), revision: '0' }
    return h.capabilities.writable && h.capabilities.deleteRecoverable
      ? samples[operation](h.store, subject)
      : h.store.delete(subject.name)
  })
  return { ...stamp(inTrash, operation), needs, otherwise }
}

/** Traits over the whole table: an operation that is added later has them too. */
export const traitCases: readonly ConformanceCase[] = [
  ...traits.flatMap((trait) => operationNames.map((operation) => stamp(trait, operation))),
  ...operationNames
    .filter((operation) => !answersForMissing.includes(operation))
    .map((operation) => stamp(withoutSecret, operation)),
  ...operationNames.filter((operation) => !answersForDeleted.includes(operation)).map(stampInTrash),
]
