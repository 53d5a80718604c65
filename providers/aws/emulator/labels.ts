import { AwsError, invalidParameter, notFound } from './errors.js'
import { getWritable, saveSecret } from './lookup.js'
import { required, text } from './members.js'
import type { SecretDocument } from './model.js'
import { type Operation, operation, secretId, versionId } from './operation.js'

export const current = 'AWSCURRENT'
export const previous = 'AWSPREVIOUS'
export const pending = 'AWSPENDING'

type Labels = SecretDocument['labels']

export function holderOf(labels: Labels, label: string): string | undefined {
  return labels.find(([name]) => name === label)?.[1]
}

/** Sorted, as the service lists them. */
export function labelsOf(labels: Labels, versionId: string): string[] {
  return labels
    .filter(([, id]) => id === versionId)
    .map(([label]) => label)
    .sort()
}

/**
 * Puts a label on a version, and takes it off the one that had it. When `AWSCURRENT` leaves a version, `AWSPREVIOUS`
 * moves there.
 *
 * @throws {AwsError} `LimitExceededException` for more than 20 labels over all versions.
 */
export function attach(labels: Labels, label: string, versionId: string): Labels {
  const holders = new Map(labels)
  const left = holders.get(label)
  if (label === current && left !== undefined && left !== versionId) holders.set(previous, left)
  holders.set(label, versionId)
  if (holders.size > 20) {
    throw new AwsError(
      'LimitExceededException',
      'You have reached the maximum number of staging labels, 20, across all versions of this secret.',
    )
  }
  return [...holders]
}

export function detach(labels: Labels, label: string): Labels {
  return labels.filter(([name]) => name !== label)
}

/**
 * Labels after a value was written: those asked for, else `AWSCURRENT`, which the first version always gets. A write
 * that makes a new current version gives up a pending one.
 */
export function attachWritten(secret: SecretDocument, versionId: string, asked?: readonly string[]): Labels {
  const isFirst = secret.versions.length === 0
  const wanted = new Set(asked === undefined || isFirst ? [current, ...(asked ?? [])] : asked)
  let { labels } = secret
  if (wanted.has(current)) labels = attach(detach(labels, pending), current, versionId)
  for (const label of wanted) labels = attach(labels, label, versionId)
  return labels
}

export const updateSecretVersionStage: Operation = operation(
  {
    SecretId: secretId,
    VersionStage: required(text({ min: 1, max: 256 })),
    RemoveFromVersionId: versionId,
    MoveToVersionId: versionId,
  },
  ({ SecretId, VersionStage: label, RemoveFromVersionId: from, MoveToVersionId: to }, scope) => {
    const secret = getWritable(scope, SecretId)
    for (const id of [from, to]) {
      if (id !== undefined && !secret.versions.some((version) => version.id === id)) {
        throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`)
      }
    }
    const holder = holderOf(secret.labels, label)
    if (from === undefined && to === undefined) {
      throw invalidParameter('You must provide a RemoveFromVersionId or a MoveToVersionId value.')
    }
    if (to === undefined && label === current) {
      throw invalidParameter(
        'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
      )
    }
    if (holder !== undefined && holder !== to && from === undefined) {
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
      )
    }
    if (from !== undefined && from !== holder) {
      throw invalidParameter(
        `When you move staging label ${label}, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label ${label}.`,
      )
    }
    const labels = to === undefined ? detach(secret.labels, label) : attach(secret.labels, label, to)
    saveSecret(scope, { ...secret, labels })
    return { ARN: secret.arn, Name: secret.name }
  },
)
