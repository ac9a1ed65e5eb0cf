import { describe, expect, test } from '@jest/globals';
import { NeighborJudge, readNeighborLine } from '../../src/host/neighbor-judge.ts';

describe('lines of `ip -o monitor neigh` (Linux 6.18, iproute2 6.1)', () => {
  test.each([
    [
      'fe80::9 dev v0 lladdr 02:00:00:00:00:09 REACHABLE ',
      { address: 'fe80::9', linkLayerAddress: '02:00:00:00:00:09', state: 'REACHABLE' },
    ],
    [
      'fe80::9 dev v0 lladdr 02:00:00:00:00:09 router STALE ',
      { address: 'fe80::9', linkLayerAddress: '02:00:00:00:00:09', state: 'STALE' },
    ],
    [
      'fe80::9 dev v0 router FAILED ',
      { address: 'fe80::9', linkLayerAddress: undefined, state: 'FAILED' },
    ],
    [
      'fe80::7 dev v0  INCOMPLETE',
      { address: 'fe80::7', linkLayerAddress: undefined, state: 'INCOMPLETE' },
    ],
    [
      'Deleted fe80::9 dev v0 router FAILED ',
      { address: 'fe80::9', linkLayerAddress: undefined, state: undefined },
    ],
    [
      '192.0.2.1 dev v0 lladdr 02:00:00:00:00:01 DELAY ',
      { address: '192.0.2.1', linkLayerAddress: '02:00:00:00:00:01', state: 'DELAY' },
    ],
  ])('%s', (line, entry) => {
    expect(readNeighborLine(line)).toEqual({ interfaceName: 'v0', ...entry });
  });

  test('anything else is nothing', () => {
    expect(readNeighborLine('')).toBeUndefined();
    expect(readNeighborLine('[NEIGH]nonsense')).toBeUndefined();
  });
});

describe('which next hops are usable (RFC 4861 7.3.2)', () => {
  const entry = (state: string | undefined, mac?: string) => ({
    interfaceName: 'east',
    address: 'fe80::1',
    linkLayerAddress: mac,
    state,
  });

  test('one that was never resolved is not, until it is', () => {
    const judge = new NeighborJudge();
    expect(judge.watch('east', 'fe80::1')).toBe(false);
    expect(judge.learn(entry('INCOMPLETE'))).toBeUndefined();
    expect(judge.learn(entry('REACHABLE', '02:00:00:00:00:01'))).toEqual({
      interfaceName: 'east',
      address: 'fe80::1',
      usable: true,
    });
    expect(judge.linkLayerAddressOf('east', 'fe80::1')).toBe('02:00:00:00:00:01');
  });

  test('those that are watched and not usable are told, to be asked for', () => {
    const judge = new NeighborJudge();
    judge.watch('east', 'fe80::1');
    judge.watch('east', 'fe80::2');
    judge.learn(entry('REACHABLE', '02:00:00:00:00:01'));
    expect(judge.unusable()).toEqual([{ interfaceName: 'east', address: 'fe80::2' }]);
    judge.learn(entry('FAILED'));
    expect(judge.unusable()).toHaveLength(2);
    judge.unwatch('east', 'fe80::2');
    expect(judge.unusable()).toEqual([{ interfaceName: 'east', address: 'fe80::1' }]);
  });

  test('the kernel’s housekeeping changes nothing: stale, probed, removed, resolved again', () => {
    const judge = new NeighborJudge();
    judge.learn(entry('REACHABLE'));
    expect(judge.watch('east', 'fe80::1')).toBe(true);
    for (const state of ['STALE', 'DELAY', 'PROBE', undefined, 'INCOMPLETE', 'REACHABLE']) {
      expect(judge.learn(entry(state))).toBeUndefined();
    }
  });

  test('a failed resolution makes it unusable at once, a later answer usable again', () => {
    const judge = new NeighborJudge();
    judge.learn(entry('STALE'));
    judge.watch('east', 'fe80::1');
    expect(judge.learn(entry('FAILED'))).toMatchObject({ usable: false });
    expect(judge.learn(entry('INCOMPLETE'))).toBeUndefined();
    expect(judge.learn(entry('REACHABLE'))).toMatchObject({ usable: true });
  });

  test('one that moves to another link-layer address is told again', () => {
    const judge = new NeighborJudge();
    judge.learn(entry('STALE', '02:00:00:00:00:01'));
    expect(judge.watch('east', 'fe80::1')).toBe(true);
    for (const state of [undefined, 'INCOMPLETE']) judge.learn(entry(state));
    expect(judge.learn(entry('REACHABLE', '02:00:00:00:00:01'))).toBeUndefined();
    expect(judge.learn(entry('STALE', '02:00:00:00:00:02'))).toMatchObject({ usable: true });
    expect(judge.linkLayerAddressOf('east', 'fe80::1')).toBe('02:00:00:00:00:02');
    expect(judge.learn(entry('REACHABLE', '02:00:00:00:00:02'))).toBeUndefined();
  });

  test('one that an earlier run used is, resolved or not, until its resolution fails', () => {
    const judge = new NeighborJudge();
    expect(judge.watch('east', 'fe80::1', true)).toBe(true);
    expect(judge.learn(entry('INCOMPLETE'))).toBeUndefined();
    expect(judge.learn(entry('FAILED'))).toMatchObject({ usable: false });
    judge.unwatch('east', 'fe80::1');
    expect(judge.watch('east', 'fe80::1', true)).toBe(false);
  });

  test('a link-layer address leads to the link-local addresses that have it', () => {
    const judge = new NeighborJudge();
    const mac = '02:00:00:00:00:01';
    judge.learn(entry('STALE', mac));
    judge.learn({ ...entry('PERMANENT', mac), address: '2001:db8::53' });
    judge.learn({ ...entry('STALE', mac), address: 'fe80::2' });
    expect(judge.neighborsAt(mac)).toEqual([
      { interfaceName: 'east', address: 'fe80::1' },
      { interfaceName: 'east', address: 'fe80::2' },
    ]);
    expect(judge.neighborsAt('02:00:00:00:00:02')).toEqual([]);
  });

  test('nothing is told of next hops that nobody watches', () => {
    const judge = new NeighborJudge();
    judge.watch('east', 'fe80::1');
    judge.unwatch('east', 'fe80::1');
    expect(judge.learn(entry('REACHABLE'))).toBeUndefined();
  });
});
