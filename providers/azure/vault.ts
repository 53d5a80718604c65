import { type ProviderContext, refusal } from 'strongroom/provider'
import type {
  AzureAnswer,
  AzureCallOptions,
  AzureChanges,
  AzureDeletedSecret,
  AzurePoller,
  AzureProperties,
  AzureSecret,
} from './client.js'
import type { Connection } from './connect.js'
import { inDoubt, isTyped } from './errors.js'
import { UnreadableAnswer } from './facts.js'
import { firstAlone } from './first-alone.js'
import type { AzurePage } from './paging.js'

/** The requests of the provider, each sent once, under the signal of its call. */
export interface Vault {
  readonly url: string
  /** The last expiry that can be stored. */
  readonly latestExpiry: Date
  readonly get: (name: string, version: string | undefined, context: ProviderContext) => Promise<AzureSecret>
  readonly set: (
    name: string,
    value: string,
    changes: AzureChanges,
    context: ProviderContext,
  ) => Promise<AzureProperties>
  readonly update: (
    name: string,
    version: string,
    changes: AzureChanges,
    context: ProviderContext,
  ) => Promise<AzureProperties>
  readonly getDeleted: (name: string, context: ProviderContext) => Promise<AzureDeletedSecret>
  readonly beginDelete: (name: string, context: ProviderContext) => Promise<AzurePoller<AzureDeletedSecret>>
  readonly beginRecover: (name: string, context: ProviderContext) => Promise<AzurePoller<AzureProperties>>
  readonly purge: (name: string, context: ProviderContext) => Promise<void>
  readonly list: (cursor: string | undefined, context: ProviderContext) => Promise<AzurePage>
  readonly versions: (
    name: string,
    cursor: string | undefined,
    context: ProviderContext,
  ) => Promise<AzurePage>
}

export function openVault({ client, pager: { read }, expiry }: Connection): Vault {
  const alone = firstAlone()

  const send = async <T>(
    { signal }: ProviderContext,
    run: (options: AzureCallOptions) => Promise<T>,
    onAnswer?: (answer: AzureAnswer) => void,
  ): Promise<T> => {
    signal.throwIfAborted()
    let answer: AzureAnswer | undefined
    const onResponse = (given: AzureAnswer): void => {
      answer = given
      onAnswer?.(given)
    }
    const result = await alone(() => run({ abortSignal: signal, onResponse }), signal).catch(
      (error: unknown) => {
        throw answer === undefined || isTyped(error) ? error : new UnreadableAnswer(answer)
      },
    )
    if (answer !== undefined) checkChallenged(answer)
    return result
  }

  /** A poller of the SDK sends its request and then looks: what fails after the first success was accepted. */
  const begin = async <T>(
    context: ProviderContext,
    run: (options: AzureCallOptions) => Promise<T>,
  ): Promise<T> => {
    let isAccepted = false
    const onAnswer = ({ status }: AzureAnswer): void => {
      isAccepted ||= status === 200
    }
    return send(context, run, onAnswer).catch((error: unknown) => {
      throw isAccepted ? inDoubt(error) : error
    })
  }

  return {
    url: client.vaultUrl.replace(/\/$/, ''),
    latestExpiry: expiry.latest,
    get: (name, version, context) =>
      send(context, (options) =>
        client.getSecret(name, version === undefined ? options : { ...options, version }),
      ),
    set: async (name, value, changes, context) => {
      const set = await send(context, (options) =>
        expiry.during(changes.expiresOn, () => client.setSecret(name, value, { ...options, ...changes })),
      )
      return set.properties
    },
    update: (name, version, changes, context) =>
      send(context, (options) => client.updateSecretProperties(name, version, { ...options, ...changes })),
    getDeleted: (name, context) => send(context, (options) => client.getDeletedSecret(name, options)),
    beginDelete: (name, context) => begin(context, (options) => client.beginDeleteSecret(name, options)),
    beginRecover: (name, context) =>
      begin(context, (options) => client.beginRecoverDeletedSecret(name, options)),
    purge: (name, context) => send(context, (options) => client.purgeDeletedSecret(name, options)),
    list: (cursor, context) =>
      send(context, (options) => read(client.listPropertiesOfSecrets(options), cursor, context.signal)),
    versions: (name, cursor, context) =>
      send(context, (options) =>
        read(client.listPropertiesOfSecretVersions(name, options), cursor, context.signal),
      ),
  }
}

/** The SDK sends its first request without token and body, to be asked for a token. A vault asks. */
function checkChallenged({ request }: AzureAnswer): void {
  if (request === undefined || request.headers.has('authorization')) return
  throw refusal(
    'UNAVAILABLE',
    'the answer came without asking for a token, so that it is not from a key vault; check its URL',
  )
}
