/** What a large database and all that is made of it takes of memory. */
import { LSA_HEADER_OCTETS } from '../src/lsa/header.ts';
import { atMost, type BenchContext, type BenchRow, sink } from './harness.ts';
import { caseOf, loaded } from './parts-spf.ts';

export async function memory(context: BenchContext): Promise<BenchRow[]> {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) {
    context.say('spf: memory needs node --expose-gc');
    return [];
  }
  const used = async (): Promise<number> => {
    // What the turn before held is let go only behind it.
    for (let i = 0; i < 3; i++) {
      await new Promise((done) => setTimeout(done, 20));
      collect();
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = await used();
  // Only the LSAs are kept, not what they were made from.
  const { lsas } = caseOf('random', 50_000);
  const withLsas = await used();
  const kept = loaded(lsas);
  kept.runFull();
  kept.routes.takeChanges();
  const withRoutes = await used();
  sink.value = [kept, lsas];
  const octets = lsas.reduce((sum, { lsa }) => sum + lsa.octets.length - LSA_HEADER_OCTETS, 0);
  context.say(`spf: ${lsas.length} LSAs with ${octets} octets of body`);
  const row = (name: string, ours: number, unit: string): BenchRow =>
    atMost({ bench: 'spf', case: `random 50,000: ${name}`, ours, unit }, null);
  return [
    row('memory of an LSA', (withLsas - before) / lsas.length, 'octets'),
    row('memory of a vertex, its prefixes and routes', (withRoutes - withLsas) / 50_000, 'octets'),
    atMost(
      {
        bench: 'spf',
        case: 'random 50,000: 100,000 LSAs and all that is made of them',
        ours: (withRoutes - before) / 1e6,
        unit: 'MB',
      },
      100,
    ),
  ];
}
