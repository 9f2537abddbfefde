/** Addresses of the public Internet: those that are nobody's private network, by the IANA special-purpose registries (RFC 6890). */
import { BlockList, isIP } from 'node:net'

type Block = readonly [network: string, bits: number]

/** https://www.iana.org/assignments/iana-ipv4-special-registry and the multicast addresses (RFC 5771). */
const SPECIAL_IPV4: readonly Block[] = [
  ['0.0.0.0', 8], // this network, unspecified
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT; AWS uses it inside of VPCs
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local; the metadata services of clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // IETF protocol assignments; metadata of some clouds
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // AMT
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, with the broadcast address
]

/**
 * What IANA has given out for unicast (https://www.iana.org/assignments/ipv6-address-space): everything else, be it loopback,
 * unique-local, link-local, multicast, mapped or compatible, is outside of it.
 */
const UNICAST_IPV6: Block = ['2000::', 3]

/** https://www.iana.org/assignments/iana-ipv6-special-registry, as far as it lies in the unicast block. */
const SPECIAL_IPV6: readonly Block[] = [
  ['2001::', 23], // IETF protocol assignments: Teredo, benchmarking, ORCHID …
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which leads to the IPv4 address in it
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
]

/** RFC 6052 section 2.1: behind it a NAT64 reaches the IPv4 address of the last 32 bits. Networks without IPv4 see every host so. */
const NAT64 = '64:ff9b::'
const NAT64_BITS = 96

const special4 = new BlockList()
const special6 = new BlockList()
const unicast6 = new BlockList()
unicast6.addSubnet(...UNICAST_IPV6, 'ipv6')
unicast6.addSubnet(NAT64, NAT64_BITS, 'ipv6')
for (const [network, bits] of SPECIAL_IPV6) special6.addSubnet(network, bits, 'ipv6')
for (const [network, bits] of SPECIAL_IPV4) {
  special4.addSubnet(network, bits, 'ipv4')
  special6.addSubnet(`${NAT64}${network}`, NAT64_BITS + bits, 'ipv6')
}

/** @param text an address as a resolver writes it; whatever is none (a name, an address with a zone) is not public */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 4) return !special4.check(text, 'ipv4')
  if (isIP(text) !== 6 || text.includes('%')) return false
  return unicast6.check(text, 'ipv6') && !special6.check(text, 'ipv6')
}

/** Whose address it probably is: an IPv4 address alone, of an IPv6 address the first 64 bits, within which a host has any number. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  return [...groups(head), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(tail ?? '')].slice(0, 4).join(':')
}
