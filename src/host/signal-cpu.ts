/**
 * CPU time as utilization: of a control group (version 2 or 1) or of one process and its
 * descendants, over the CPUs that it may use. Costs a small file or two per process and look. It
 * lies when the machine is overbooked (others take the CPU: see signal-pressure.ts), when the
 * service waits for something else than CPU, and when a single-threaded service is judged by all
 * CPUs: say `cpus: 1` then.
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { CounterRate, type LoadReading, type LoadSignal, reading } from './load-signal.ts';
import { type ProcessChoice, pidOf } from './process-choice.ts';

const CGROUP_V2 = '/sys/fs/cgroup';
const CGROUP_V1_USAGE = '/sys/fs/cgroup/cpuacct';
const CGROUP_V1_QUOTA = '/sys/fs/cgroup/cpu';
/** Ticks per second of /proc/PID/stat; 100 on every Linux (USER_HZ). */
const TICKS_PER_SECOND = 100;

export interface CpuSource {
  /** Path of the control group below its hierarchy, such as `/system.slice/nsd.service`. */
  readonly cgroup?: string | undefined;
  readonly process?: ProcessChoice | undefined;
  /** CPUs that count as full use; by default those that the group or machine may use. */
  readonly cpus?: number | undefined;
  readonly timeoutMs: number;
}

export class CpuSignal implements LoadSignal {
  readonly name: string;
  readonly #source: CpuSource;
  readonly #rate = new CounterRate();

  constructor(source: CpuSource) {
    this.#source = source;
    const { cgroup, process } = source;
    this.name = cgroup === undefined ? `cpu of ${describe(process)}` : `cpu of cgroup ${cgroup}`;
  }

  async look(nowMs: number): Promise<LoadReading> {
    const { cgroup, process, timeoutMs } = this.#source;
    const usage =
      cgroup === undefined
        ? await processUsage(await pidOf(process ?? {}, timeoutMs))
        : await cgroupUsage(cgroup);
    const cpus = this.#source.cpus ?? usage.cpus ?? availableParallelism();
    const rate = this.#rate.add(nowMs, usage.seconds);
    return reading({ utilizationRatio: rate === undefined ? undefined : rate / cpus });
  }
}

const describe = (process: ProcessChoice = {}): string =>
  `process ${process.unit ?? process.pidfile ?? process.pid}`;

/** CPU seconds so far, and the CPUs that a limit grants, when there is one. */
export interface CpuUsage {
  readonly seconds: number;
  readonly cpus: number | undefined;
}

/** Of a version 2 group: `cpu.stat` and `cpu.max`. */
export function parseCgroupV2(stat: string, max: string): CpuUsage {
  const usec = /^usage_usec (\d+)$/m.exec(stat)?.[1];
  if (usec === undefined) throw new Error('no usage_usec in cpu.stat');
  const [quota, period] = max.trim().split(' ');
  const limited = quota !== undefined && quota !== 'max' && quota !== '';
  return {
    seconds: Number(usec) / 1e6,
    cpus: limited ? Number(quota) / Number(period) : undefined,
  };
}

/** The utime and stime of `/proc/PID/stat`; the name before them may hold anything. */
export function parseProcessStat(stat: string): CpuUsage {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]); // utime and stime, fields 14 and 15
  if (!Number.isFinite(ticks)) throw new Error('no times in /proc/PID/stat');
  return { seconds: ticks / TICKS_PER_SECOND, cpus: undefined };
}

async function cgroupUsage(path: string): Promise<CpuUsage> {
  try {
    const stat = await readFile(`${CGROUP_V2}${path}/cpu.stat`, 'utf8');
    return parseCgroupV2(
      stat,
      await readFile(`${CGROUP_V2}${path}/cpu.max`, 'utf8').catch(() => ''),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const nanoseconds = await readFile(`${CGROUP_V1_USAGE}${path}/cpuacct.usage`, 'utf8');
  const limit = async (file: string): Promise<number> =>
    Number(await readFile(`${CGROUP_V1_QUOTA}${path}/${file}`, 'utf8').catch(() => '-1'));
  const quota = await limit('cpu.cfs_quota_us');
  const period = await limit('cpu.cfs_period_us');
  const cpus = quota > 0 && period > 0 ? quota / period : undefined;
  return { seconds: Number(nanoseconds) / 1e9, cpus };
}

/** Of a process and all its descendants: name servers let children do the work. */
async function processUsage(pid: number): Promise<CpuUsage> {
  const own = parseProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  let { seconds } = own;
  for (const child of await childrenOf(pid)) {
    // A child may end between the two looks.
    seconds += await processUsage(child).then(
      (usage) => usage.seconds,
      () => 0,
    );
  }
  return { ...own, seconds };
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => ''),
    ),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}
