import { expect, test } from '@jest/globals';
import { Rehearsal } from '../../src/host/rehearsal.ts';
import { MemoryRouteTable } from '../../src/host/route-table-memory.ts';

const SERVICE = '2001:db8::1/128';

/** Goes on until so many changes are over. */
async function changesOf(rehearsal: Rehearsal, count: number): Promise<void> {
  while (rehearsal.changes < count) {
    rehearsal.step();
    await null; // the route table answers in a turn of its own
  }
}

test('a rehearsed change goes all the way: a drained server leaves the routes and comes back', async () => {
  const table = new MemoryRouteTable();
  const rehearsal = new Rehearsal(table);
  const gateways = () => table.routes.get(SERVICE)?.nextHops.map(({ address }) => address);
  await changesOf(rehearsal, 10); // neighbors have found each other meanwhile
  expect(gateways()).toEqual(['fe80::2', 'fe80::3']);
  await changesOf(rehearsal, 11);
  expect(gateways()).toEqual(['fe80::3']);
  await changesOf(rehearsal, 12);
  expect(gateways()).toEqual(['fe80::2', 'fe80::3']);
});
