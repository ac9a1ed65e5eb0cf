import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AnycastAddress } from '../../src/host/anycast-address.ts';
import { parseAddress } from '../../src/wire/address.ts';

let folder: string;
let address: AnycastAddress;

/** In the place of `ip` and `nft`: notes what it is told, and refuses what `refused` names. */
const KERNEL = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> told
if grep -qxF -- "$*" refused; then echo refused >&2; exit 2; fi
if [ -e has ]; then info='{"local":"2001:db8:53::53","prefixlen":128,"metric":177}'; fi
case "$*" in
  *" address add "*) touch has ;;
  *" address delete "*) rm has ;;
  *" address show "*) echo '[{"addr_info":['"$info"']}]' ;;
esac
`;
const SHOW = 'ip -6 -json address show dev eth0';
const ADD = 'ip -6 address add 2001:db8:53::53/128 dev eth0 nodad metric 177';
const DELETE = 'ip -6 address delete 2001:db8:53::53/128 dev eth0';
const SPEAK = 'nft delete table ip6 tidecast-20010db8005300000000000000000053';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-address-'));
  const kernel = join(folder, 'kernel');
  writeFileSync(kernel, KERNEL);
  chmodSync(kernel, 0o755);
  refuse();
  address = new AnycastAddress({
    address: parseAddress('2001:db8:53::53'),
    placement: 'link',
    interfaceName: 'eth0',
    commandPrefix: [kernel],
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const refuse = (...commands: string[]) =>
  writeFileSync(join(folder, 'refused'), `${commands.join('\n')}\n`);
/** What the kernel was told since it was asked here last. */
const told = () => {
  const lines = readFileSync(join(folder, 'told'), 'utf8').trim().split('\n');
  rmSync(join(folder, 'told'));
  return lines;
};

test('an address goes as it came, and the kernel speaks for it again', () => {
  address.add();
  expect(told()).toEqual([expect.stringMatching(/^nft add table ip6 tidecast-/), SHOW, ADD]);
  address.remove();
  expect(told()).toEqual([SHOW, DELETE, SPEAK]);
  address.remove();
  expect(existsSync(join(folder, 'told'))).toBe(false);
});

test('an address that is refused leaves no silence behind', () => {
  refuse(ADD);
  expect(() => address.add()).toThrow(`${ADD}: refused`);
  expect(told().at(-1)).toBe(SPEAK);
});

test('an address that went with its interface is gone, and the kernel speaks again', () => {
  address.add();
  refuse(SHOW);
  told();
  address.remove();
  expect(told()).toEqual([SHOW, SPEAK]);
});

test('what is refused at the end is told, after all was tried', () => {
  address.add();
  refuse(DELETE, SPEAK);
  told();
  expect(() => address.remove()).toThrow(`${DELETE}: refused`);
  expect(told()).toEqual([SHOW, DELETE, SPEAK]);
});
