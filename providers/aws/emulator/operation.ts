import {
  type Input,
  list,
  type Member,
  type Members,
  readInput,
  required,
  structure,
  text,
} from './members.js'
import type { Scope } from './model.js'

/** One operation of the service: the model of its request, and what it does. */
export interface Operation {
  /** `undefined` is an answer without a body. @throws {AwsError} what the service refuses. */
  run(body: unknown, scope: Scope): object | undefined
}

export function operation<S extends Members>(
  members: S,
  run: (input: Input<S>, scope: Scope) => object | undefined,
): Operation {
  return { run: (body, scope) => run(readInput(members, body), scope) }
}

export const secretId: Member<string, true> = required(text({ min: 1, max: 2048 }))
export const versionId: Member<string> = text({ min: 32, max: 64 })
export const nextToken: Member<string> = text({ min: 1, max: 4096 })
export const kmsKeyId: Member<string> = text({ max: 2048 })
export const description: Member<string> = text({ max: 2048 })
export const region: Member<string> = text({ min: 1, max: 128, pattern: /^([a-z]+-)+\d+$/ })

export interface TagInput {
  readonly Key?: string
  readonly Value?: string
}
export const tagList: Member<readonly TagInput[]> = list(
  structure({ Key: text({ min: 1, max: 128 }), Value: text({ max: 256 }) }),
)

export interface ReplicaInput {
  readonly Region?: string
  readonly KmsKeyId?: string
}
export const replicaList: Member<readonly ReplicaInput[]> = list(
  structure({ Region: region, KmsKeyId: kmsKeyId }),
  1,
)
