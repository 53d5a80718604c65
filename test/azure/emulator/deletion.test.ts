import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, notFound, start, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const second = start / 1000
const again = (state: string) => `Secret a is currently being ${state} and cannot be re-created; retry later.`
const deleting = [409, 'Conflict', 'ObjectIsBeingDeleted', 'Secret is currently being deleted.']
const setDeleting = [...deleting.slice(0, 3), again('deleted')]
const recovering = [409, 'Conflict', 'ObjectIsBeingRecovered', 'Secret is currently being recovered.']
const setRecovering = [...recovering.slice(0, 3), again('recovered')]
const missing = [404, 'SecretNotFound', undefined, notFound('a')]
const notDeleted = [404, 'SecretNotFound', undefined, 'Deleted Secret not found: a']
const recoverable = [
  409,
  'Conflict',
  'ObjectIsDeletedButRecoverable',
  'Secret a is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.',
]

/** What every operation on the name `a` answers now: its status, or how it is refused. */
async function look(): Promise<Record<string, unknown>> {
  const requests = {
    get: ['GET', '/secrets/a'],
    update: ['PATCH', '/secrets/a', {}],
    versions: ['GET', '/secrets/a/versions'],
    getDeleted: ['GET', '/deletedsecrets/a'],
  } as const
  const found: Record<string, unknown> = {}
  for (const [name, request] of Object.entries(requests)) {
    const [method, path, body] = request
    const answer = await h.refusal(method, path, body)
    found[name] = answer[0] === 200 ? 200 : answer
  }
  const list = async (path: string) => (await h.raw('GET', path)).body.value.length
  found['listed'] = await list('/secrets')
  found['listedDeleted'] = await list('/deletedsecrets')
  return found
}

const live = { get: 200, update: 200, versions: 200, getDeleted: notDeleted, listed: 1, listedDeleted: 0 }
const neither = { ...live, get: missing, update: missing, listed: 0 }
const deleted = { ...neither, getDeleted: 200, listedDeleted: 1 }

const remove = () => h.raw('DELETE', '/secrets/a')
const recover = () => h.refusal('POST', '/deletedsecrets/a/recover')
const purge = () => h.refusal('DELETE', '/deletedsecrets/a')
const set = () => h.refusal('PUT', '/secrets/a', { value: 'w' })

describe('delete', () => {
  test('answers the latest version, its dates, and no value', async () => {
    const id = await h.set('a', 'v', { tags: { k: 'v' }, contentType: 't' })
    const { status, body } = await remove()
    expect(status).toBe(200)
    expect(body).toMatchObject({
      recoveryId: `${h.emulator.httpUrl}/deletedsecrets/a`,
      deletedDate: second,
      scheduledPurgeDate: second + 90 * 86_400,
      id: `${h.emulator.httpUrl}/secrets/a/${id}`,
      tags: { k: 'v' },
      contentType: 't',
      attributes: { enabled: true },
    })
    expect(body).not.toHaveProperty('value')
  })

  test('takes a while, in which the secret is neither live nor deleted', async () => {
    await h.set('a')
    expect(await look()).toEqual(live)
    await remove()
    expect(await look()).toEqual(neither)
    expect([await set(), await recover(), await purge()]).toEqual([setDeleting, deleting, deleting])
    h.advance(999)
    expect(await look()).toEqual(neither)
    h.advance(1)
    expect(await look()).toEqual(deleted)
    expect(await set()).toEqual(recoverable)
  })

  test('of what is not there, or no more there, is not found', async () => {
    expect(await h.refusal('DELETE', '/secrets/a')).toEqual(missing)
    await h.set('a')
    await remove()
    expect(await h.refusal('DELETE', '/secrets/a')).toEqual(missing)
    h.advance(1_000)
    expect(await h.refusal('DELETE', '/secrets/a')).toEqual(missing)
  })

  test('of a name in another case blocks it all the same', async () => {
    await h.set('a')
    await h.raw('DELETE', '/secrets/A')
    h.advance(1_000)
    expect((await h.refusal('PUT', '/secrets/A', { value: 'w' }))[2]).toBe('ObjectIsDeletedButRecoverable')
  })

  test('the deleted secret answers as its deletion did, and in the list without a version', async () => {
    await h.set('a')
    const { body } = await remove()
    h.advance(1_000)
    expect((await h.raw('GET', '/deletedsecrets/a')).body).toEqual(body)
    const [item] = (await h.raw('GET', '/deletedsecrets')).body.value
    expect(item).toEqual({ ...body, id: `${h.emulator.httpUrl}/secrets/a`, previousVersion: undefined })
  })

  test('retention over, it is gone and the name is free', async () => {
    await h.close()
    h = await startHarness({ retentionDays: 7 })
    await h.set('a', 'old')
    expect((await remove()).body.scheduledPurgeDate).toBe(second + 7 * 86_400)
    h.advance(7 * 86_400_000 - 1)
    expect(await set()).toEqual(recoverable)
    h.advance(1)
    expect(await look()).toEqual({ ...neither, getDeleted: missing })
    expect(await recover()).toEqual(missing)
    await h.set('a', 'new')
    expect((await h.raw('GET', '/secrets/a/versions')).body.value).toHaveLength(1)
    expect(JSON.stringify(h.emulator.state.dump())).not.toContain('old')
  })
})

describe('recover', () => {
  test('answers the latest version, and takes a while', async () => {
    const id = await h.set('a', 'kept', { tags: { k: 'v' } })
    await remove()
    h.advance(1_000)
    const answer = await h.raw('POST', '/deletedsecrets/a/recover')
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ id: `${h.emulator.httpUrl}/secrets/a/${id}`, tags: { k: 'v' } })
    expect(answer.body).not.toHaveProperty('value')
    expect(answer.body).not.toHaveProperty('recoveryId')
    expect(await look()).toEqual(neither)
    expect([await set(), await recover(), await purge()]).toEqual([setRecovering, recovering, recovering])
    h.advance(1_000)
    expect(await look()).toEqual(live)
    expect((await h.raw('GET', '/secrets/a')).body.value).toBe('kept')
  })

  test('brings every version back, and the secret can be deleted again', async () => {
    const first = await h.set('a', 'one')
    await h.set('a', 'two')
    for (let round = 0; round < 2; round += 1) {
      await remove()
      h.advance(1_000)
      await recover()
      h.advance(1_000)
    }
    expect((await h.raw('GET', `/secrets/a/${first}`)).body.value).toBe('one')
    expect((await h.raw('GET', '/secrets/a')).body.value).toBe('two')
  })

  test('of what is not deleted is not found', async () => {
    expect(await recover()).toEqual(missing)
    await h.set('a')
    expect(await recover()).toEqual(missing)
  })
})

describe('purge', () => {
  test('answers 204 and nothing, shows for a while, and blocks the name a little longer', async () => {
    await h.set('a', 'burned')
    await remove()
    h.advance(1_000)
    const answer = await h.raw('DELETE', '/deletedsecrets/a')
    expect([answer.status, answer.body, answer.headers.get('content-type')]).toEqual([204, undefined, null])
    expect(JSON.stringify(h.emulator.state.dump())).not.toContain('burned')
    expect(await look()).toEqual(deleted)
    expect([await set(), await recover(), await purge()]).toEqual([setDeleting, deleting, deleting])
    h.advance(500)
    expect(await look()).toEqual(neither)
    expect(await set()).toEqual(setDeleting)
    h.advance(500)
    expect(await purge()).toEqual(missing)
    expect((await set())[0]).toBe(200)
    expect((await h.raw('GET', '/secrets/a/versions')).body.value).toHaveLength(1)
  })

  test('of what is not deleted is not found', async () => {
    expect(await purge()).toEqual(missing)
    await h.set('a')
    expect(await purge()).toEqual(notDeleted)
  })

  test('is refused by purge protection', async () => {
    await h.close()
    h = await startHarness({ purgeProtection: true, vaultName: 'prod', region: 'westus2' })
    await h.set('a')
    await remove()
    h.advance(1_000)
    const text =
      'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: prod;location=westus2'
    expect(await purge()).toEqual([403, 'Forbidden', undefined, text])
    expect((await recover())[0]).toBe(200)
  })

  test('has the inner code that was asked for', async () => {
    await h.close()
    h = await startHarness({ purgeProtection: true, facts: { purgeProtectedInnerCode: 'PurgeProtected' } })
    await h.set('a')
    await remove()
    h.advance(1_000)
    expect((await purge())[2]).toBe('PurgeProtected')
  })
})

describe('delays', () => {
  test('of zero settle at once', async () => {
    await h.close()
    h = await startHarness({ deleteDelayMs: 0, recoverDelayMs: 0, purgeDelayMs: 0, purgedNameDelayMs: 0 })
    await h.set('a')
    await remove()
    expect(await look()).toEqual(deleted)
    await recover()
    expect(await look()).toEqual(live)
    await remove()
    await purge()
    expect((await set())[0]).toBe(200)
  })

  test.each(['deleteDelayMs', 'recoverDelayMs', 'purgeDelayMs', 'purgedNameDelayMs'])(
    '%s is checked',
    async (name) => {
      await expect(startHarness({ [name]: -1 })).rejects.toThrow(
        `${name} must be a number of milliseconds >= 0`,
      )
    },
  )
})

describe('the pollers of the official client', () => {
  test('wait for deletion and recovery', async () => {
    const client = h.client()
    await client.setSecret('a', 'v')
    const deletion = await client.beginDeleteSecret('a', { intervalInMs: 1 })
    expect(deletion.isDone()).toBe(false)
    h.advance(1_000)
    expect((await deletion.pollUntilDone()).properties).toMatchObject({
      deletedOn: new Date(start),
      recoveryId: `${h.emulator.httpUrl}/deletedsecrets/a`,
    })
    const recovery = await client.beginRecoverDeletedSecret('a', { intervalInMs: 1 })
    expect(recovery.isDone()).toBe(false)
    h.advance(1_000)
    expect((await recovery.pollUntilDone()).name).toBe('a')
    expect((await client.getSecret('a')).value).toBe('v')
    expect(h.emulator.calls).toMatchObject({ DeleteSecret: 1, RecoverDeletedSecret: 1 })
  })

  test('take a disabled recovered secret for done', async () => {
    const client = h.client()
    await client.setSecret('a', 'v', { enabled: false })
    await client.beginDeleteSecret('a')
    h.advance(1_000)
    const recovery = await client.beginRecoverDeletedSecret('a', { intervalInMs: 1 })
    h.advance(1_000)
    await recovery.pollUntilDone()
    expect(recovery.isDone()).toBe(true)
  })
})
