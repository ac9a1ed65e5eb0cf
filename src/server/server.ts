/**
 * The server role: an OSPFv3 instance of a host, and one controller per anycast service whose
 * decisions become LSAs. Load comes in as samples, the farm as the link-state database shows it;
 * out go an Intra-Area-Prefix-LSA per service (its metric) and one Router Information LSA (weight
 * and load of all services).
 * @module
 */
import { assert } from '../errors.ts';
import type { InstanceInput } from '../instance/input.ts';
import { Instance } from '../instance/instance.ts';
import type {
  InstanceEvent,
  InstanceOutput,
  LsaOutput,
  TransmitBfdOutput,
  TransmitOutput,
} from '../instance/output.ts';
import { functionCodeOf, LsType } from '../lsa/ls-type.ts';
import { OutputQueue } from '../machine.ts';
import type { Prng } from '../prng.ts';
import type { Explanation } from '../server-cost/explanation.ts';
import type { LoadSample } from '../server-cost/load-sample.ts';
import type { ControllerCommand, ControllerOutput } from '../server-cost/service-controller.ts';
import type { AdvertiseBy, ServerConfig } from './config.ts';
import { FarmView } from './farm-view.ts';
import { loadInput, ServiceSpeaker, type ServiceStatus } from './service-speaker.ts';
import { SpfPrompt } from './spf-prompt.ts';

interface ServiceAt {
  readonly nowMs: number;
  /** A configured service's name. */
  readonly service: string;
}

/** What a server can be told beside what its instance can. */
export type ServerInput =
  | InstanceInput
  | (ServiceAt & { readonly kind: 'sample'; readonly sample: LoadSample })
  | (ServiceAt & { readonly kind: 'liveness'; readonly alive: boolean; readonly reason: string })
  | (ServiceAt & { readonly kind: 'command'; readonly command: ControllerCommand })
  /** Somebody asked for the service's address: a server that stands by goes on (rule 8). */
  | (ServiceAt & { readonly kind: 'solicited' })
  /** From now on the service is advertised in this way. */
  | (ServiceAt & { readonly kind: 'advertise'; readonly by: AdvertiseBy });

/** What a service decided: to say something, to fall silent, or that its state changed; and why. */
export interface ServiceOutput {
  readonly kind: 'service';
  readonly service: string;
  readonly output: ControllerOutput;
}

export type ServerOutput =
  | TransmitOutput
  | TransmitBfdOutput
  | LsaOutput
  | { readonly kind: 'event'; readonly event: InstanceEvent }
  | ServiceOutput;

/** Decisions that follow from one input; more means that they chase each other. */
const MAX_ROUNDS = 1000;
/** LSAs that say something of a service, by function code. */
const SERVICE_FUNCTION_CODES = new Set(
  [LsType.IntraAreaPrefix, LsType.RouterInformation].map(functionCodeOf),
);
/** LSAs whose change lets every router of the area run SPF. */
const isOfTopology = (lsType: number): boolean =>
  lsType === LsType.Router || lsType === LsType.Network;

export class Server {
  readonly #routerId: number;
  readonly #areaIds: readonly number[];
  readonly #instance: Instance;
  readonly #speakers: readonly ServiceSpeaker[];
  readonly #outputs = new OutputQueue<ServerOutput>();
  /** The farms as each area's LSAs show them, by Area ID. */
  readonly #farms: ReadonlyMap<number, FarmView>;
  readonly #spfPrompt: SpfPrompt | undefined;
  #stopping = false;
  /** Something is to be said that no controller decided. */
  #unsaid = false;

  /** @throws {RangeError} as {@link Instance} does, and for a configuration of cost that cannot be. */
  constructor(config: ServerConfig, prng: Prng) {
    this.#routerId = config.instance.routerId;
    this.#areaIds = config.instance.areas.map(({ areaId }) => areaId);
    this.#instance = new Instance(config.instance, prng.fork());
    this.#farms = new Map(
      this.#areaIds.map((areaId) => {
        const lsdb = this.#instance.lsdbOf({ kind: 'area', areaId });
        return [areaId, new FarmView(lsdb, this.#routerId)];
      }),
    );
    this.#speakers = config.services.map(
      (service, index) => new ServiceSpeaker(service, index, this.#routerId, prng.fork()),
    );
    if (config.promptsSpf) this.#spfPrompt = new SpfPrompt(prng.fork());
  }

  /** Takes one input in. @throws {RangeError} when it names a service that is not configured. */
  handle(input: ServerInput): void {
    switch (input.kind) {
      case 'sample':
      case 'liveness':
      case 'command':
      case 'solicited':
        this.#speaker(input.service).controller.handle(input);
        break;
      case 'advertise':
        this.#speaker(input.service).advertiseBy = input.by;
        this.#unsaid = true;
        if (input.by === 'ospfv3') this.#spfPrompt?.said(input.nowMs);
        break;
      case 'stop':
        this.#stopping = true;
        this.#instance.handle(input);
        break;
      default:
        this.#instance.handle(input);
        if (input.kind === 'deadline') {
          for (const { controller } of this.#speakers) controller.handle(input);
        }
    }
    this.#settle(input.nowMs);
    this.#promptSpf(input.nowMs);
  }

  /** The next output, or `undefined` when everything was taken. */
  poll(): ServerOutput | undefined {
    return this.#outputs.poll();
  }

  /** When `handle` wants to be called with `deadline`, milliseconds; `Infinity` for never. */
  deadlineMs(): number {
    let deadline = this.#instance.deadlineMs();
    if (this.#stopping) return deadline;
    deadline = Math.min(deadline, this.#spfPrompt?.deadlineMs ?? Number.POSITIVE_INFINITY);
    for (const { controller } of this.#speakers) {
      deadline = Math.min(deadline, controller.deadlineMs());
    }
    return deadline;
  }

  /** The instance, to read: its databases, interfaces, neighbors and drops. */
  get instance(): Pick<Instance, 'lsdbOf' | 'interfaces' | 'neighbors' | 'drops' | 'isStubRouter'> {
    return this.#instance;
  }

  /** What each service says and why. */
  services(): ServiceStatus[] {
    return this.#speakers.map((speaker) => speaker.status());
  }

  /** Why a service says what it says. @throws {RangeError} when no service has the name. */
  explain(service: string): Explanation {
    return this.#speaker(service).controller.explain();
  }

  #speaker(name: string): ServiceSpeaker {
    const speaker = this.#speakers.find(({ config }) => config.name === name);
    if (speaker === undefined) throw new RangeError(`service: none is named ${name}`);
    return speaker;
  }

  /** LSAs change the farm's view, the view changes decisions, decisions change LSAs: until none do. */
  #settle(nowMs: number): void {
    for (let rounds = 0; ; rounds++) {
      assert(rounds < MAX_ROUNDS, 'decisions about a farm come to rest');
      const farmChanged = this.#collect(nowMs);
      if (farmChanged && !this.#stopping) this.#tellFarm(nowMs);
      if (!this.#speak(nowMs)) break;
    }
  }

  #collect(nowMs: number): boolean {
    let farmChanged = false;
    for (let out = this.#instance.poll(); out !== undefined; out = this.#instance.poll()) {
      this.#outputs.put(out);
      this.#noteForPrompt(out, nowMs);
      if (out.kind !== 'lsa' || !out.contentsChanged || out.scope.kind !== 'area') continue;
      farmChanged = this.#farms.get(out.scope.areaId)?.take(out.lsa) || farmChanged;
      const code = functionCodeOf(out.lsa.header.lsType);
      if (SERVICE_FUNCTION_CODES.has(code)) this.#tellOfPeer(out, nowMs);
    }
    return farmChanged;
  }

  #noteForPrompt(out: InstanceOutput, nowMs: number): void {
    if (out.kind === 'lsa') {
      if (out.contentsChanged && isOfTopology(out.lsa.header.lsType)) {
        this.#spfPrompt?.linksChanged(nowMs);
      }
    } else if (out.kind === 'event' && out.event.name === 'neighborState') {
      if (out.event.to === 'Full') this.#spfPrompt?.said(nowMs);
    }
  }

  #promptSpf(nowMs: number): void {
    if (this.#stopping || !this.#spfPrompt?.take(nowMs)) return;
    const announces = this.#speakers.some(({ metric }) => metric !== undefined);
    if (!announces || this.#allRoutersUseWeights()) return;
    this.#instance.handle({ kind: 'promptSpf', nowMs });
    this.#settle(nowMs);
  }

  #allRoutersUseWeights(): boolean {
    return [...this.#farms.values()].every((farms) => farms.allRoutersUseWeights());
  }

  /** Another server said something of a service that is ours too. */
  #tellOfPeer({ lsa }: LsaOutput, nowMs: number): void {
    if (lsa.header.advertisingRouter === this.#routerId) return;
    for (const speaker of this.#speakers) {
      if (speaker.isNamedBy(lsa)) speaker.controller.handle({ kind: 'peerAdvertised', nowMs });
    }
  }

  #tellFarm(nowMs: number): void {
    const areas = [...this.#farms.values()];
    const weights = this.#allRoutersUseWeights();
    for (const { config, controller } of this.#speakers) {
      const members = areas.flatMap((farms) => farms.members(config.address));
      const once = [...new Map(members.map((member) => [member.routerId, member])).values()];
      controller.handle({ kind: 'farm', nowMs, members: once, allRoutersUseWeights: weights });
    }
  }

  /** Turns decisions into LSAs. @returns whether any was made. */
  #speak(nowMs: number): boolean {
    let changed = this.#unsaid;
    this.#unsaid = false;
    for (const speaker of this.#speakers) {
      const { controller, config } = speaker;
      for (let out = controller.poll(); out !== undefined; out = controller.poll()) {
        this.#outputs.put({ kind: 'service', service: config.name, output: out });
        const { metric } = speaker;
        changed = speaker.take(out) || changed;
        if (speaker.metric !== undefined && speaker.metric !== metric) this.#spfPrompt?.said(nowMs);
      }
    }
    if (!changed || this.#stopping) return false;
    for (const areaId of this.#areaIds) {
      // Cost and load of all services leave together, and routers take them in together.
      for (const speaker of this.#speakers)
        this.#instance.handle({ ...speaker.prefixInput(areaId, nowMs), more: true });
      this.#instance.handle(loadInput(this.#speakers, areaId, nowMs));
    }
    return true;
  }
}
