import { type NameCodec, type NameConvention, nameCodec } from 'strongroom/provider'

const arn = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)$/
/** AWS adds a hyphen and six characters of its own to the name in an ARN. */
const suffix = /-[A-Za-z0-9]{6}$/

export function awsNames(prefix: string | undefined, names: NameConvention | undefined): NameCodec {
  return nameCodec({ allowed: 'A-Za-z0-9/_+=.@-', prefix, names, refOfId: nameOf })
}

export function isArn(id: string): boolean {
  return arn.test(id)
}

/** The name in an ARN, whole or without its suffix; any other identifier is a name already. */
export function nameOf(id: string): string {
  return withoutSuffix(arn.exec(id)?.[1] ?? id, id)
}

/** Whether AWS reads an ARN as a whole one. A name like `db-secret` fools it when the real suffix was cut off. */
export function looksWhole(id: string): boolean {
  return isArn(id) && suffix.test(id)
}

/** Whether an identifier that a caller gave means the secret of this name and ARN. */
export function means(id: string, secret: { readonly name: string; readonly arn: string }): boolean {
  return id === secret.name || id === secret.arn || id === withoutSuffix(secret.arn, secret.arn)
}

function withoutSuffix(text: string, id: string): string {
  return isArn(id) ? text.replace(suffix, '') : text
}
