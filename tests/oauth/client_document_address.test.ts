import { isPublicAddress, networkOf } from '../../src/oauth/public_address.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const addresses = suite('public addresses')

/** The address before, the first and the last of a block, the address after; a neighbour in brackets is in another block. */
const BLOCKS: [name: string, before: string | null, first: string, last: string, after: string | null][] = [
  ['this network', null, '0.0.0.0', '0.255.255.255', '1.0.0.0'],
  ['private 10/8', '9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0'],
  ['carrier-grade NAT', '100.63.255.255', '100.64.0.0', '100.127.255.255', '100.128.0.0'],
  ['loopback', '126.255.255.255', '127.0.0.0', '127.255.255.255', '128.0.0.0'],
  ['link-local', '169.253.255.255', '169.254.0.0', '169.254.255.255', '169.255.0.0'],
  ['private 172.16/12', '172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0'],
  ['IETF protocols', '191.255.255.255', '192.0.0.0', '192.0.0.255', '192.0.1.0'],
  ['TEST-NET-1', '192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0'],
  ['AS112', '192.31.195.255', '192.31.196.0', '192.31.196.255', '192.31.197.0'],
  ['AMT', '192.52.192.255', '192.52.193.0', '192.52.193.255', '192.52.194.0'],
  ['6to4 relays', '192.88.98.255', '192.88.99.0', '192.88.99.255', '192.88.100.0'],
  ['private 192.168/16', '192.167.255.255', '192.168.0.0', '192.168.255.255', '192.169.0.0'],
  ['AS112 by delegation', '192.175.47.255', '192.175.48.0', '192.175.48.255', '192.175.49.0'],
  ['benchmarking', '198.17.255.255', '198.18.0.0', '198.19.255.255', '198.20.0.0'],
  ['TEST-NET-2', '198.51.99.255', '198.51.100.0', '198.51.100.255', '198.51.101.0'],
  ['TEST-NET-3', '203.0.112.255', '203.0.113.0', '203.0.113.255', '203.0.114.0'],
  ['multicast', '223.255.255.255', '224.0.0.0', '239.255.255.255', null],
  ['reserved and broadcast', null, '240.0.0.0', '255.255.255.255', null],
  ['all before unicast', null, '::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2000::'],
  ['IETF protocols, Teredo', '2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:200::'],
  ['documentation', '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
  ['6to4', '2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2003::'],
  ['AS112 v6', '2620:4f:7fff:ffff:ffff:ffff:ffff:ffff', '2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff', '2620:4f:8001::'],
  ['documentation 3fff::/20', '3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:1000::'],
  ['all after unicast', '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '4000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null],
]
for (const [name, before, first, last, after] of BLOCKS) {
  addresses(`${name} is not public, from its first to its last address, and its neighbours are`, () => {
    assert.is(isPublicAddress(first), false, first)
    assert.is(isPublicAddress(last), false, last)
    if (before !== null) assert.is(isPublicAddress(before), true, before)
    if (after !== null) assert.is(isPublicAddress(after), true, after)
  })
}

const PRIVATE = [
  ['127.0.0.1', 'loopback'],
  ['169.254.169.254', 'metadata of EC2'],
  ['169.254.170.2', 'credentials of ECS'],
  ['100.100.100.200', 'metadata of another cloud'],
  ['192.0.0.192', 'metadata of a third'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback in full'],
  ['::', 'unspecified'],
  ['fd00:ec2::254', 'metadata of EC2 over IPv6'],
  ['fc00::1', 'unique-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['2606:4700::1%eth0', 'public with a zone'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['100::1', 'discard-only'],
  ['5f00::1', 'segment routing'],
  ['::ffff:127.0.0.1', 'mapped loopback'],
  ['::ffff:7f00:1', 'mapped loopback in hex'],
  ['::ffff:8.8.8.8', 'mapped, of a public one: no resolver gives that'],
  ['0:0:0:0:0:ffff:a00:1', 'mapped private in full'],
  ['::127.0.0.1', 'compatible loopback'],
  ['::10.0.0.1', 'compatible private'],
  ['::ffff:0:127.0.0.1', 'translated loopback'],
  ['2002:7f00:1::', '6to4 of loopback'],
  ['2002:a9fe:a9fe::1', '6to4 of the metadata'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
  ['2001:2::1', 'benchmarking'],
  ['2001:20::1', 'ORCHIDv2'],
  ['64:ff9b::127.0.0.1', 'NAT64 of loopback'],
  ['64:ff9b::7f00:1', 'NAT64 of loopback in hex'],
  ['64:ff9b::a9fe:a9fe', 'NAT64 of the metadata'],
  ['64:FF9B::A00:1', 'NAT64 of a private one, in capitals'],
  ['64:ff9b:0:0:0:0:6440:1', 'NAT64 of carrier-grade NAT in full'],
  ['64:ff9b::e000:1', 'NAT64 of multicast'],
  ['64:ff9b:1::8.8.8.8', 'NAT64 of a local prefix'],
  ['64:ff9b::1:808:808', 'beside the NAT64 prefix'],
  ['64:ff9a::808:808', 'before the NAT64 prefix'],
] as const
for (const [address, what] of PRIVATE) addresses(`${address} (${what}) is not public`, () => assert.is(isPublicAddress(address), false))

for (const address of [
  '1.1.1.1',
  '8.8.8.8',
  '52.95.110.1',
  '2606:4700::1',
  '2a00:1450:4001::',
  '2600:1f18::1',
  '64:ff9b::8.8.8.8',
  '64:ff9b::808:808',
])
  addresses(`${address} is public`, () => assert.is(isPublicAddress(address), true))

const NO_ADDRESSES = [
  '',
  'localhost',
  'client.example',
  '1.1.1',
  '134744072',
  '0x8.8.8.8',
  '010.1.1.1',
  '8.8.8.8.',
  ' 8.8.8.8',
  '8.8.8.8\n',
  '[2606:4700::1]',
  '1.1.1.1/8',
  '::g',
  '2606:4700::1::2',
]
for (const text of NO_ADDRESSES)
  addresses(`${JSON.stringify(text)} is no address, so not a public one`, () => assert.is(isPublicAddress(text), false))

const NETWORKS: [string, string][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['2606:4700::1', '2606:4700:0:0'],
  ['2606:4700:0:0:ffff::', '2606:4700:0:0'],
  ['2606:4700:1:2:3:4:5:6', '2606:4700:1:2'],
  ['2606::1:2:3:4:5', '2606:0:0:1'],
  ['::1', '0:0:0:0'],
]
for (const [address, network] of NETWORKS) addresses(`${address} counts as of ${network}`, () => assert.is(networkOf(address), network))

addresses.run()
