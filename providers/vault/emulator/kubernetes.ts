/** What the API server of Kubernetes says of a token. */
export interface Review {
  readonly authenticated: boolean
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly username?: string
  readonly uid?: string
  readonly error?: string
}
