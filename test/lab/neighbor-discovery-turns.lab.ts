/** Turns of a plain Linux router's single entry: how they pass when a server ends, drains, freezes or dies. */
import { expect } from '@jest/globals';
import { Capture } from './harness/capture.ts';
import type { Lab } from './harness/lab.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import {
  type Answer,
  LabFarm,
  type LabServer,
  longestGapMs,
  pause,
  SERVICE,
} from './neighbor-discovery-farm.ts';

/** The kernel takes an advertisement in within 3 ms at most, as measured. */
const ENTRY_MOVES_MS = 5;
/** Within which a server answers. */
const ANSWER_MS = 5;
/** How long a monitor may take to notice. */
const FROZEN_FOR_MS = 300;

/** Advertisements and queries on the servers' link, by who sent or got them. */
interface Wire {
  readonly said: readonly { atMs: number; mac: string; override: boolean }[];
  readonly queries: readonly { atMs: number; mac: string; answered: boolean }[];
}

async function readWire(capture: Capture): Promise<Wire> {
  await pause(200); // what tcpdump has not read when it is ended, it does not write
  await capture.stop();
  const said = await capture.fields(
    `icmpv6.nd.na.target_address == ${SERVICE} && icmpv6.nd.na.flag.s == 0`,
    'frame.time_epoch',
    'eth.src',
    'icmpv6.nd.na.flag.o',
  );
  const names = ['frame.time_epoch', 'eth.dst', 'dns.id'];
  const queries = await capture.fields('udp.dstport == 53', ...names);
  const answered = new Set((await capture.fields('udp.srcport == 53', 'dns.id')).flat());
  const at = (epoch = ''): number => Number(epoch) * 1000;
  return {
    said: said.map(([epoch, mac = '', o]) => ({ atMs: at(epoch), mac, override: o === '1' })),
    queries: queries.map(([epoch, mac = '', id = '']) => {
      return { atMs: at(epoch), mac, answered: answered.has(id) };
    }),
  };
}

/** Three servers that have found into their turns. */
async function sharing(lab: Lab): Promise<LabFarm> {
  const farm = await LabFarm.build(lab, 3);
  await Promise.all(farm.servers.map((server) => server.start()));
  for (const { hosted } of farm.servers) hosted.serving(true);
  await pause(3_000);
  return farm;
}

const holderOf = (farm: LabFarm): LabServer | undefined =>
  farm.servers.find(({ hosted }) => hosted.advertiser.state === 'Holding');
const lostOf = (answers: readonly Answer[]): number =>
  answers.filter(([, server]) => server === null).length;

scenario(
  'rule 9: the service ends, and the others have taken over before the next query',
  async (lab) => {
    const farm = await sharing(lab);
    try {
      const capture = await Capture.start(lab, farm.router, 'eth0', 'icmp6 or udp port 53');
      const asked = farm.ask(6_000, 500);
      await pause(2_000);
      const ending = await until('a holder', () => holderOf(farm), 3_000, 1);
      const endedAtMs = Date.now();
      ending.hosted.serving(false); // the monitor saw the process end …
      await ending.stopNsd(); // … and nothing would answer any more
      await asked;
      const { said, queries } = await readWire(capture);
      const after = said.filter(({ atMs }) => atMs >= endedAtMs);
      const own = after.filter(({ mac }) => mac === ending.linkLayerAddress);
      // One word to the peers, which moves no entry; then not one advertisement more.
      const word = own.find(({ override }) => !override)!;
      expect(own.filter(({ atMs }) => atMs > word.atMs)).toEqual([]);
      const next = after.find(({ mac, override }) => override && mac !== ending.linkLayerAddress)!;
      const tookMs = next.atMs - word.atMs;
      const lost = queries.filter(({ answered }) => !answered);
      console.log(
        `service end: the next server advertised ${tookMs.toFixed(2)} ms after the word; ` +
          `${lost.length} of ${queries.length} queries lost`,
      );
      expect(queries.length).toBeGreaterThan(2_900);
      expect(tookMs).toBeLessThan(50);
      // The entry has moved with that advertisement: whatever came later went elsewhere, and what
      // is lost had been sent to the ended server before.
      const movedAtMs = next.atMs + ENTRY_MOVES_MS;
      const toEnded = queries.filter(({ mac }) => mac === ending.linkLayerAddress);
      expect(toEnded.filter(({ atMs }) => atMs > movedAtMs)).toEqual([]);
      const elsewhere = lost.filter(({ atMs, mac }) => {
        return mac !== ending.linkLayerAddress || atMs < endedAtMs - ANSWER_MS;
      });
      expect(elsewhere).toEqual([]);
    } finally {
      farm.close();
    }
  },
  { captures: false },
);

scenario(
  'a server stops in order, drains or freezes: nothing is lost but what a frozen one got',
  async (lab) => {
    const farm = await sharing(lab);
    try {
      const asked = farm.ask(9_000, 500);
      // Drained: no turns, and what is under way is answered.
      await pause(1_500);
      const drained = await until('a holder', () => holderOf(farm), 3_000, 1);
      drained.hosted.load({ weight: 1, state: 'draining' });
      await pause(1_500);
      drained.hosted.load({ weight: 1, state: 'up' });
      await until('it takes turns again', () => holderOf(farm) === drained, 5_000, 1);
      // Stopped in order: the word first, the process when routers have followed.
      drained.hosted.serving(false);
      await pause(20);
      await drained.stopNsd();
      await pause(1_000);
      const frozenAtMs = Date.now();
      const frozen = await until('a holder', () => holderOf(farm), 3_000, 1);
      frozen.signalNsd('SIGSTOP');
      await pause(FROZEN_FOR_MS); // until its monitor notices
      frozen.hosted.serving(false);
      const noticedAtMs = Date.now();
      const answers = await asked;
      const before = answers.filter(([atMs]) => atMs < frozenAtMs - 5);
      const during = answers.filter(([atMs]) => atMs >= frozenAtMs - 5 && atMs <= noticedAtMs);
      const after = answers.filter(([atMs]) => atMs > noticedAtMs + ENTRY_MOVES_MS + 50);
      console.log(
        `drain and stop: ${lostOf(before)} of ${before.length} lost; frozen for ${FROZEN_FOR_MS} ms: ` +
          `${lostOf(during)} of ${during.length}; then ${lostOf(after)} of ${after.length}`,
      );
      expect(before.length).toBeGreaterThan(1_500);
      expect(lostOf(before)).toBe(0);
      expect(after.length).toBeGreaterThan(200);
      expect(lostOf(after)).toBe(0);
    } finally {
      for (const server of farm.servers) server.signalNsd('SIGCONT'); // or it cannot be ended
      farm.close();
    }
  },
  { captures: false },
);

scenario('a killed holder is replaced after two missed refreshes', async (lab) => {
  const farm = await sharing(lab);
  try {
    const asked = farm.ask(6_000, 500);
    await pause(2_000);
    // In the beginning of its turn, where it hurts most.
    const turnOf = (): LabServer | undefined =>
      farm.servers.find(({ hosted }) => hosted.advertiser.state === 'Holding');
    const before = turnOf();
    const holder = await until(
      'the next turn',
      () => (turnOf() === before ? undefined : turnOf()),
      3_000,
      1,
    );
    holder.hosted.abandon();
    await holder.stopNsd();
    const answers = await asked;
    const gapMs = longestGapMs(answers);
    console.log(`kill: gap ${gapMs} ms`);
    expect(gapMs).toBeLessThan(900); // two refreshes of 200 ms, a take-over delay, and a busy machine
    const last = answers.slice(-1_000).filter(([, server]) => server === null).length;
    expect(last).toBe(0);
  } finally {
    farm.close();
  }
});
