import { BlockList, isIP, isIPv6 } from 'node:net'
import { badRequest } from './errors.js'

/** Whether loopback, where every client comes from, is among these networks; without any, it is. */
export function isFromHere(networks: readonly string[]): boolean {
  if (networks.length === 0) return true
  const allowed = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    allowed.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return allowed.check('127.0.0.1') || allowed.check('::1', 'ipv6')
}

/** @throws {VaultError} 400 for what is no address and no network. */
export function checkNetworks(networks: readonly string[]): void {
  for (const network of networks) {
    const [address = '', prefix = '0', ...rest] = network.split('/')
    const longest = isIPv6(address) ? 128 : 32
    const isOne =
      isIP(address) !== 0 && /^\d+$/.test(prefix) && Number(prefix) <= longest && rest.length === 0
    if (isOne) continue
    const quoted = JSON.stringify(network)
    throw badRequest(
      `error parsing address ${quoted}: Unable to convert ${quoted} to an IPv4 or IPv6 address, or a UNIX Socket`,
    )
  }
}
