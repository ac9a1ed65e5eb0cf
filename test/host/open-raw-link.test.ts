import { networkInterfaces } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { openRawLink } from '../../src/host/open-raw-link.ts';
import { formatAddress } from '../../src/wire/address.ts';

describe('a link on an interface of this machine', () => {
  test.each(['nowhere0', 'lo'])(
    '%s has no link-local address: it is refused by name',
    async (name) => {
      await expect(openRawLink({ name })).rejects.toThrow(
        new RangeError(`name: found ${name}, allowed is an interface with a link-local address`),
      );
    },
  );

  const [name, addresses] =
    Object.entries(networkInterfaces()).find(([, all]) =>
      all?.some((one) => one.family === 'IPv6' && one.scopeid > 0),
    ) ?? [];
  const root = process.getuid?.() === 0;
  const obstacle = root ? 'no interface has a link-local address' : 'not root';
  const possible = root && name !== undefined;
  if (!possible) process.stderr.write(`open-raw-link: skipped, ${obstacle}\n`);
  (possible ? test : test.skip)('is opened as the kernel has it', async () => {
    const link = await openRawLink({ name: name! });
    expect(link.name).toBe(name);
    expect(link.mtu).toBeGreaterThanOrEqual(1280);
    expect(addresses?.map(({ address }) => address)).toContain(
      formatAddress(link.linkLocalAddress),
    );
    link.close();
  });
});
