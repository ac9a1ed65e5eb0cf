import { expect, test } from '@jest/globals';
import { ManualClock } from '../../src/host/clock.ts';
import { InterfaceAttachment } from '../../src/host/interface-attachment.ts';
import { snapshotOf } from '../../src/host/interface-watch.ts';
import { formatAddress } from '../../src/wire/address.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';

type IpLinks = Parameters<typeof snapshotOf>[1];

// From `ip -json address show` of iproute2 6.1.0, shortened to the keys that are read.
const ADDRESS = {
  family: 'inet6',
  local: 'fe80::a41b:89ff:fed4:8be1',
  prefixlen: 64,
  scope: 'link',
};
const ETH0 = {
  ifindex: 3,
  ifname: 'eth0',
  flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
  mtu: 1500,
  address: 'a6:1b:89:d4:8b:e1',
  addr_info: [
    { family: 'inet', local: '192.0.2.2', prefixlen: 24, scope: 'global' },
    { family: 'inet6', local: '2001:db8:1::2', prefixlen: 64, scope: 'global' },
    { family: 'inet6', local: '2001:db8:1::3', prefixlen: 64, scope: 'global' },
    ADDRESS,
  ],
};
const eth0 = (change: object) => [{ ...ETH0, ...change }] as IpLinks;

test('a snapshot tells state, MTU, link-local address and prefixes of the interface', () => {
  const { linkLocalAddress, prefixes, addresses, ...rest } = snapshotOf('eth0', eth0({}));
  expect(rest).toEqual({
    name: 'eth0',
    ifIndex: 3,
    up: true,
    mtu: 1500,
    linkLayerAddress: 'a6:1b:89:d4:8b:e1',
    linkLocalState: 'usable',
  });
  expect(formatAddress(linkLocalAddress!)).toBe('fe80::a41b:89ff:fed4:8be1');
  expect(prefixes.map(formatPrefix)).toEqual(['2001:db8:1::/64']);
  expect(addresses.map(formatAddress)).toEqual(['2001:db8:1::2', '2001:db8:1::3']);
});

test.each([
  ['no carrier', { flags: ['BROADCAST', 'MULTICAST', 'UP'] }, { up: false }],
  ['tentative', { addr_info: [{ ...ADDRESS, tentative: true }] }, { linkLocalState: 'tentative' }],
  ['duplicate', { addr_info: [{ ...ADDRESS, dadfailed: true }] }, { linkLocalState: 'duplicate' }],
  ['no address', { addr_info: [] }, { linkLocalState: 'none', linkLocalAddress: undefined }],
  ['renamed', { ifname: 'eth1' }, { ifIndex: 0, up: false }],
])('a snapshot of an interface that is not usable: %s', (_why, change, expected) => {
  expect(snapshotOf('eth0', eth0(change))).toMatchObject(expected);
});

test('a link-local address is kept while it is there, whichever the kernel names first', () => {
  const before = snapshotOf('eth0', eth0({}));
  // An address that is added later comes first.
  const more = eth0({ addr_info: [{ ...ADDRESS, local: 'fe80::1' }, ADDRESS] });
  expect(snapshotOf('eth0', more, before).linkLocalAddress).toEqual(before.linkLocalAddress);
  const gone = eth0({ addr_info: [{ ...ADDRESS, local: 'fe80::1' }] });
  expect(formatAddress(snapshotOf('eth0', gone, before).linkLocalAddress!)).toBe('fe80::1');
  const duplicate = [
    { ...ADDRESS, dadfailed: true },
    { ...ADDRESS, local: 'fe80::1' },
  ];
  const refused = snapshotOf('eth0', eth0({ addr_info: duplicate }), before);
  expect(formatAddress(refused.linkLocalAddress!)).toBe('fe80::1');
});

/** An attachment whose every step is a line. */
function attachment(carriesPackets = true) {
  const lines: string[] = [];
  const clock = new ManualClock();
  const machine = {
    refuse: undefined as Error | undefined,
    refuseGroups: undefined as Error | undefined,
  };
  const one = new InterfaceAttachment({
    interfaceId: 1,
    name: 'eth0',
    carriesPackets,
    clock,
    openLink: (snapshot, linkLocalAddress) => {
      if (machine.refuse) throw machine.refuse;
      lines.push(`open ${formatAddress(linkLocalAddress)}`);
      return {
        interfaceId: 1,
        name: 'eth0',
        mtu: snapshot.mtu,
        linkLocalAddress,
        send: () => undefined,
        listen: () => undefined,
        join: () => undefined,
        leave: () => undefined,
        close: () => undefined,
      };
    },
    driver: {
      attach: () => {
        if (machine.refuseGroups) throw machine.refuseGroups;
        lines.push('attach');
      },
      detach: () => lines.push('detach'),
      input: (make) => {
        const { up, mtu } = make(0);
        lines.push(up ? `up ${mtu}` : 'down');
      },
    },
    say: (level, text) => lines.push(`${level}: ${text}`),
  });
  const follow = (change: object) => {
    one.follow(snapshotOf('eth0', eth0(change)));
    return lines.splice(0);
  };
  return { one, follow, lines, machine, clock };
}

const UP = [
  'open fe80::a41b:89ff:fed4:8be1',
  'attach',
  'info: interface eth0: up, fe80::a41b:89ff:fed4:8be1, MTU 1500',
  'up 1500',
];

test('a usable interface is attached, its MTU followed, its end told', () => {
  const { follow } = attachment();
  expect(follow({})).toEqual(UP);
  expect(follow({ mtu: 1400 })).toEqual([
    'info: interface eth0: up, fe80::a41b:89ff:fed4:8be1, MTU 1400',
    'up 1400',
  ]);
  expect(follow({ flags: [] })).toEqual([
    'down',
    'detach',
    'warn: interface eth0: is down or has no carrier; waiting for it',
  ]);
  expect(follow({})).toEqual(UP);
});

test('a missing interface or address is said once, waited for, and used when it comes', () => {
  const { follow } = attachment();
  const missing = ['warn: interface eth0: there is no such interface; waiting for it'];
  expect(follow({ ifname: 'other' })).toEqual(missing);
  expect(follow({ ifname: 'other' })).toEqual([]);
  expect(follow({ addr_info: [{ ...ADDRESS, tentative: true }] })[0]).toMatch(/still tentative/);
  expect(follow({ addr_info: [] })[0]).toMatch(/has no link-local address/);
  expect(follow({})).toEqual(UP);
});

test('another link-local address, or another interface of that name, is a new attachment', () => {
  const { follow } = attachment();
  follow({});
  expect(follow({ addr_info: [{ ...ADDRESS, local: 'fe80::2' }] })).toEqual([
    'down',
    'detach',
    'open fe80::2',
    'attach',
    'info: interface eth0: up, fe80::2, MTU 1500',
    'up 1500',
  ]);
  const renumbered = follow({ ifindex: 9, addr_info: [{ ...ADDRESS, local: 'fe80::2' }] });
  expect(renumbered.slice(0, 3)).toEqual(['down', 'detach', 'open fe80::2']);
});

test('missing privilege is said with the capability it takes, and tried again each second', () => {
  const { follow, lines, machine, clock } = attachment();
  machine.refuse = Object.assign(new Error('socket: EPERM'), { code: 'EPERM' });
  expect(follow({})[0]).toMatch(/^warn: interface eth0: no privilege .* CAP_NET_RAW/);
  clock.advance(5000);
  expect(lines).toEqual([]);
  machine.refuse = undefined;
  clock.advance(1000);
  expect(lines).toEqual(UP);
});

test('an interface that goes while it is attached is waited for', () => {
  const { follow, lines, machine, clock } = attachment();
  machine.refuseGroups = Object.assign(new Error('setsockopt: ENODEV'), { code: 'ENODEV' });
  expect(follow({})).toEqual([
    'open fe80::a41b:89ff:fed4:8be1',
    'detach',
    'warn: interface eth0: setsockopt: ENODEV; trying again',
  ]);
  machine.refuseGroups = undefined;
  clock.advance(1000);
  expect(lines).toEqual(UP);
});

test('a loopback interface is announced without opening a link', () => {
  const { follow } = attachment(false);
  expect(follow({ addr_info: [] })).toEqual([
    'info: interface eth0: up, no link-local address, MTU 1500',
    'up 1500',
  ]);
});
