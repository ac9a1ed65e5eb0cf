/** What the lab needs of this machine. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PROGRAM } from './tidecast.ts';

const { PATH = '' } = process.env;
const PROGRAMS = ['ip', 'tcpdump', 'tshark', 'bird', 'birdc', 'vtysh', 'nft', 'nsd', 'dnsperf'];
const FRR_DAEMONS = ['zebra', 'ospf6d', 'bfdd'].map((name) => `/usr/lib/frr/${name}`);

function found(program: string): boolean {
  const places = PATH.split(delimiter).concat('/usr/sbin', '/sbin');
  return places.some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why the lab cannot run here; undefined when it can. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'the lab needs Linux';
  if (process.getuid?.() !== 0) return 'the lab needs root for network namespaces';
  const missing = [
    ...PROGRAMS.filter((program) => !found(program)),
    ...FRR_DAEMONS.filter((program) => !existsSync(program)),
  ];
  if (missing.length > 0) return `the lab needs ${missing.join(', ')} (see test/lab/README.md)`;
  if (!existsSync(PROGRAM)) return 'the lab needs the build: npm run build';
  return undefined;
}
