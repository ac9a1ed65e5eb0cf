import { expect, test } from '@jest/globals';
import { BucketInstaller, type BucketNextHop } from '../../src/host/bucket-installer.ts';
import type { ExactService } from '../../src/host/nft-rules.ts';
import type { RouteFailure } from '../../src/host/route-table.ts';

const KEY = '2001:db8::53/128';
const HOPS = new Map<string, BucketNextHop>([
  ['3 fe80::1', { interfaceName: 'east', address: 'fe80::1' }],
  ['3 fe80::2', { interfaceName: 'east', address: 'fe80::2' }],
  ['4 fe80::3', { interfaceName: 'west', address: 'fe80::3' }],
]);

/** An installer whose kernel writes down what it is told. */
function installer() {
  const told: (ExactService | string)[] = [];
  const failures: string[] = [];
  /** What the kernel answers to the next commands. */
  const answers: (RouteFailure[] | Error | Promise<RouteFailure[]>)[] = [];
  const carryOut = async (what: ExactService | string) => {
    told.push(what);
    const answer = answers.shift() ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const resolved = new Map([
    ['fe80::1', '02:00:00:00:00:01'],
    ['fe80::3', '02:00:00:00:00:03'],
  ]);
  const made = new BucketInstaller({
    exact: { set: carryOut, remove: carryOut },
    linkLayerAddress: ({ address }) => resolved.get(address),
    onFailure: (message) => failures.push(message),
  });
  made.add(KEY, '2001:db8::53', 4, 7);
  made.route(KEY, HOPS);
  return { made, told, failures, resolved, answers };
}
const moves = (...to: (string | undefined)[]) =>
  to.map((owner, bucket) => ({ bucket, from: undefined, to: owner }));

test('moves of one moment are one change, by link-layer address', async () => {
  const { made, told } = installer();
  made.moves(KEY, moves('3 fe80::1', '3 fe80::1'));
  made.moves(KEY, [
    { bucket: 2, from: undefined, to: '3 fe80::1' },
    { bucket: 3, from: undefined, to: '3 fe80::1' },
  ]);
  await made.settled();
  expect(told).toEqual([
    {
      address: '2001:db8::53',
      interfaceName: 'east',
      seed: 7,
      bucketLoad: false,
      inTurn: false,
      buckets: new Array(4).fill('02:00:00:00:00:01'),
    },
  ]);
});

test('a next hop that is not resolved is waited for', async () => {
  const { made, told, resolved } = installer();
  made.moves(KEY, moves('3 fe80::1', '3 fe80::1', '3 fe80::2', '3 fe80::2'));
  await made.settled();
  expect(told).toEqual([]);
  resolved.set('fe80::2', '02:00:00:00:00:02');
  made.resolved();
  await made.settled();
  expect(told).toMatchObject([
    {
      buckets: ['02:00:00:00:00:01', '02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:02'],
    },
  ]);
});

test('without a next hop the service is removed, once, and only if it was there', async () => {
  const { made, told } = installer();
  made.moves(KEY, moves(undefined, undefined, undefined, undefined));
  await made.settled();
  expect(told).toEqual([]);
  made.moves(KEY, moves('3 fe80::1', '3 fe80::1', '3 fe80::1', '3 fe80::1'));
  await made.settled();
  made.moves(KEY, moves(undefined, undefined, undefined, undefined));
  await made.settled();
  made.resolved();
  await made.settled();
  expect(told.slice(1)).toEqual(['2001:db8::53']);
});

test('next hops on several links are refused in words', async () => {
  const { made, told, failures } = installer();
  made.moves(KEY, moves('3 fe80::1', '3 fe80::1', '4 fe80::3', '4 fe80::3'));
  await made.settled();
  expect(told).toEqual([]);
  expect(failures[0]).toMatch(/several links cannot be spread by buckets/);
});

test('a table that is known in another way takes over as a whole, without a moment of nothing', async () => {
  const { made, told } = installer();
  made.moves(KEY, moves('3 fe80::1', '3 fe80::1', '3 fe80::1', '3 fe80::1'));
  await made.settled();
  const other = new Map([['4 fe80::3', HOPS.get('4 fe80::3')!]]);
  made.take(KEY, other, () => '4 fe80::3', true);
  await made.settled();
  expect(told.slice(1)).toMatchObject([
    { interfaceName: 'west', inTurn: true, buckets: new Array(4).fill('02:00:00:00:00:03') },
  ]);
  made.take(KEY, new Map(), () => undefined);
  await made.settled();
  expect(told.slice(2)).toEqual(['2001:db8::53']);
});

test('buckets of an earlier run are held whatever is said, without lost next hops, until released', async () => {
  const { made, told } = installer();
  const [one, two] = ['02:00:00:00:00:01', '02:00:00:00:00:02'] as const;
  const held = {
    interfaceName: 'east',
    buckets: [one, two, one, two],
    keys: new Map([
      [one, ['3 fe80::1']],
      [two, ['3 fe80::22', '3 fe80::2']],
    ]),
  };
  expect(made.hold(KEY, held)).toBe(true);
  made.moves(KEY, moves('3 fe80::1', '3 fe80::1', '3 fe80::1', '3 fe80::1'));
  await made.settled();
  expect(told).toEqual([]);
  made.reduce(KEY, new Set(['3 fe80::2']));
  await made.settled();
  expect(told).toMatchObject([{ seed: 7, buckets: new Array(4).fill('02:00:00:00:00:02') }]);
  made.release(KEY);
  await made.settled();
  expect(told[1]).toMatchObject({ buckets: new Array(4).fill('02:00:00:00:00:01') });
});

test('buckets of another number than the service is to have now are not held', () => {
  const { made } = installer();
  const buckets = ['02:00:00:00:00:01', '02:00:00:00:00:01'];
  const held = { interfaceName: 'east', buckets, keys: new Map() };
  expect(made.hold(KEY, held)).toBe(false);
});

const ALL_AT_ONE = moves('3 fe80::1', '3 fe80::1', '3 fe80::1', '3 fe80::1');

test.each([
  ['a refusal of the kernel', [{ what: 'add element', message: 'Device or resource busy' }]],
  ['the end of nft', new Error('nft ended (SIGKILL)')],
])('what was not taken is tried again when asked for, until it is: %s', async (_, answer) => {
  const { made, told, failures, answers } = installer();
  answers.push(answer);
  made.moves(KEY, ALL_AT_ONE);
  await made.settled();
  expect(failures).toHaveLength(1);
  made.retry();
  await made.settled();
  made.retry();
  await made.settled();
  expect(told).toHaveLength(2);
  expect(told[1]).toEqual(told[0]);
  expect(failures).toHaveLength(1);
});

test('a service that could not be removed is removed when tried again', async () => {
  const { made, told, answers } = installer();
  made.moves(KEY, ALL_AT_ONE);
  await made.settled();
  answers.push(new Error('nft ended (SIGKILL)'));
  made.moves(KEY, moves(undefined, undefined, undefined, undefined));
  await made.settled();
  made.retry();
  await made.settled();
  expect(told.slice(1)).toEqual(['2001:db8::53', '2001:db8::53']);
});

test('buckets that are held without a lost next hop are tried again, too', async () => {
  const { made, told, answers } = installer();
  const [one, two] = ['02:00:00:00:00:01', '02:00:00:00:00:02'] as const;
  const keys = new Map([
    [one, ['3 fe80::1']],
    [two, ['3 fe80::2']],
  ]);
  made.hold(KEY, { interfaceName: 'east', buckets: [one, two, one, two], keys });
  answers.push(new Error('nft ended (SIGKILL)'));
  made.reduce(KEY, new Set(['3 fe80::2']));
  await made.settled();
  made.retry();
  await made.settled();
  expect(told).toHaveLength(2);
  expect(told[1]).toMatchObject({ buckets: new Array(4).fill(two) });
});

test('everything asked for is waited for, also behind what is done at once', async () => {
  const { made, told, answers } = installer();
  let taken = false;
  const slow = new Promise<RouteFailure[]>((resolve) => {
    setTimeout(() => {
      taken = true;
      resolve([]);
    }, 20);
  });
  answers.push(slow);
  made.moves(KEY, ALL_AT_ONE);
  made.flush();
  made.moves(KEY, moves('3 fe80::2')); // not resolved: nothing to do
  made.flush();
  await made.settled();
  expect(told).toHaveLength(1);
  expect(taken).toBe(true);
});
