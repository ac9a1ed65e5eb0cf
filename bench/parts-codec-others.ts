/**
 * What scapy and gopacket take for the Link State Updates of `bench/codec.ts`, where Python and Go
 * have them (Debian: python3-scapy, golang-go and golang-github-google-gopacket-dev). Neither
 * verifies anything.
 */
import { spawnSync } from 'node:child_process';

const inputOf = (updates: readonly Buffer[]): string =>
  updates.map((octets) => octets.toString('hex')).join('\n');

const SCAPY = `
import sys, time
from scapy.contrib.ospf import OSPFv3_Hdr
packets = [bytes.fromhex(line) for line in sys.stdin.read().split()]
for p in packets: OSPFv3_Hdr(p)
best = None
for _ in range(3):
    t = time.perf_counter_ns()
    for p in packets: OSPFv3_Hdr(p)
    t = time.perf_counter_ns() - t
    best = t if best is None else min(best, t)
print(best)`;

/** Nanoseconds that scapy takes for all of them; undefined where it is not installed. */
export function scapyNs(updates: readonly Buffer[]): number | undefined {
  const { PYTHON } = process.env;
  const input = inputOf(updates);
  // The system's Python has the system's packages; the first one in the path may be another.
  for (const python of PYTHON === undefined ? ['python3', '/usr/bin/python3'] : [PYTHON]) {
    const { status, stdout } = spawnSync(python, ['-c', SCAPY], { input, encoding: 'utf8' });
    if (status === 0) return Number(stdout);
  }
  return undefined;
}

/** Where Debian puts Go's libraries. */
const GO_LIBRARIES = '/usr/share/gocode';

/** What gopacket made of the updates. */
export interface GopacketResult {
  /** Median for all that it can decode. */
  readonly ns: number;
  /** Which those are. */
  readonly numbers: readonly number[];
}

/** Undefined where Go or gopacket is not installed. */
export function gopacket(updates: readonly Buffer[]): GopacketResult | undefined {
  const { GO = 'go', GOPATH = GO_LIBRARIES, HOME = '/tmp' } = process.env;
  const env = { ...process.env, GO111MODULE: 'off', CGO_ENABLED: '0', GOPATH, HOME };
  const options = { input: inputOf(updates), encoding: 'utf8', env } as const;
  const { status, stdout } = spawnSync(GO, ['run', 'bench/parts-gopacket.go'], options);
  if (status !== 0) return undefined;
  const [ns = '', ...numbers] = stdout.trim().split('\n');
  return { ns: Number(ns), numbers: numbers.map(Number) };
}
