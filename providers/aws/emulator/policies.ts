import { JsonError, parseJson } from 'strongroom/testing'
import { AwsError } from './errors.js'
import { getActive, getWritable, saveSecret } from './lookup.js'
import { flag, required, text } from './members.js'
import { type Operation, operation, secretId } from './operation.js'

const policyText = required(text({ min: 1, max: 20_480 }))

export const putResourcePolicy: Operation = operation(
  { SecretId: secretId, ResourcePolicy: policyText, BlockPublicPolicy: flag() },
  ({ SecretId, ResourcePolicy: policy, BlockPublicPolicy = false }, scope) => {
    const secret = getWritable(scope, SecretId)
    const statements = parsePolicy(policy)
    if (BlockPublicPolicy && statements.some(isPublic)) {
      throw new AwsError(
        'PublicPolicyException',
        "You can't attach a resource-based policy that allows broad access to the secret.",
      )
    }
    saveSecret(scope, { ...secret, policy })
    return { ARN: secret.arn, Name: secret.name }
  },
)

export const getResourcePolicy: Operation = operation({ SecretId: secretId }, ({ SecretId }, scope) => {
  const { arn, name, policy } = getActive(scope, SecretId)
  return { ARN: arn, Name: name, ResourcePolicy: policy }
})

export const deleteResourcePolicy: Operation = operation({ SecretId: secretId }, ({ SecretId }, scope) => {
  const { policy, ...secret } = getWritable(scope, SecretId)
  if (policy !== undefined) saveSecret(scope, secret)
  return { ARN: secret.arn, Name: secret.name }
})

export const validateResourcePolicy: Operation = operation(
  { SecretId: text({ min: 1, max: 2048 }), ResourcePolicy: policyText },
  ({ SecretId, ResourcePolicy }, scope) => {
    if (SecretId !== undefined) getActive(scope, SecretId)
    const isBroad = parsePolicy(ResourcePolicy).some(isPublic)
    return {
      PolicyValidationPassed: !isBroad,
      ValidationErrors: isBroad
        ? [
            {
              CheckName: 'PUBLIC_ACCESS',
              ErrorMessage: 'This resource policy grants broad access to your secret.',
            },
          ]
        : [],
    }
  },
)

type Statement = Readonly<Record<string, unknown>>

/** Only the grammar is checked; who may do what is not the emulator's business. */
function parsePolicy(policy: string): readonly Statement[] {
  const document = parse(policy)
  const { Version = '2008-10-17', Statement } = isRecord(document) ? document : {}
  const statements = Array.isArray(Statement) ? Statement : [Statement]
  const isValid =
    (Version === '2012-10-17' || Version === '2008-10-17') &&
    statements.length > 0 &&
    statements.every(isStatement)
  if (!isValid) {
    throw new AwsError('MalformedPolicyDocumentException', 'This resource policy contains a syntax error.')
  }
  return statements
}

function parse(policy: string): unknown {
  try {
    return parseJson(policy)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

const isRecord = (value: unknown): value is Statement =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isStatement(value: unknown): value is Statement {
  if (!isRecord(value)) return false
  const { Effect, Principal, NotPrincipal, Action, NotAction } = value
  return (
    (Effect === 'Allow' || Effect === 'Deny') &&
    (Principal ?? NotPrincipal) !== undefined &&
    (Action ?? NotAction) !== undefined
  )
}

function isPublic({ Effect, Principal, Condition }: Statement): boolean {
  const aws = isRecord(Principal) ? Principal['AWS'] : Principal
  const isAnyone = aws === '*' || (Array.isArray(aws) && aws.includes('*'))
  return Effect === 'Allow' && isAnyone && Condition === undefined
}
