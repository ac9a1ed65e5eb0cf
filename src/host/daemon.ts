/**
 * A daemon: one role driven on the interfaces of this machine until it is told to stop.
 * @module
 */
import { randomInt } from 'node:crypto';
import { EventEmitter } from 'eventemitter3';
import type { InstanceConfig, InterfaceConfig } from '../instance/config.ts';
import type { InstanceEvent, TransmitBfdOutput } from '../instance/output.ts';
import { Prng } from '../prng.ts';
import { formatDottedQuad } from '../wire/address.ts';
import { Attachments } from './attachments.ts';
import type { Config } from './config.ts';
import { instanceConfig } from './config-instance.ts';
import { Driver } from './driver.ts';
import { LinkRecordings } from './link-recordings.ts';
import { EventLog, type Logger } from './log.ts';
import { rehearse } from './rehearse.ts';
import type { DaemonInput, InstanceReads, Role, RoleOutput, Surroundings } from './role.ts';
import { wakeSoon } from './scheduling.ts';

/** Makes the role on a daemon, whose driver takes the role's inputs. */
type MakeRole = (
  instance: InstanceConfig,
  prng: Prng,
  surroundings: Surroundings,
  input: (make: (nowMs: number) => DaemonInput) => void,
) => Role;

/** Loads the code of the role that is asked for, and not that of the other. */
async function roleOf(config: Config): Promise<MakeRole> {
  if (config.role === 'router') {
    const { RouterRole } = await import('./router-role.ts');
    return (...made) => new RouterRole(config, ...made);
  }
  const { ServerRole } = await import('./server-role.ts');
  return (...made) => new ServerRole(config, ...made);
}

/** The longest that a farewell takes before it is cut short. */
const FAREWELL_MS = 5000;

export interface DaemonEvents {
  /** Whatever the instance tells. */
  event: (event: InstanceEvent) => void;
  /** Every other output of the role but `transmit`. */
  output: (output: RoleOutput) => void;
}

export class Daemon {
  readonly config: Config;
  readonly role: Role;
  readonly log: Logger;
  readonly events = new EventEmitter<DaemonEvents>();
  readonly startedAtMs: number;
  readonly #driver: Driver<DaemonInput, RoleOutput>;
  #attachments: Attachments | undefined;
  /** What the role is to carry out once it has begun; `undefined` from then on. */
  #held: RoleOutput[] | undefined = [];
  #recordings: LinkRecordings | undefined;
  readonly #interfaces: readonly InterfaceConfig[];
  readonly #interfaceNames: ReadonlyMap<number, string>;
  #stopping: Promise<void> | undefined;
  #endRehearsal: (() => void) | undefined;

  /** Starts a daemon; interfaces that are not usable yet are waited for. */
  static async start(config: Config, log: Logger): Promise<Daemon> {
    const daemon = new Daemon(config, log, await roleOf(config));
    daemon.#attach();
    try {
      await daemon.role.begin();
    } catch (error) {
      await daemon.#close();
      throw error;
    }
    daemon.#performHeld();
    return daemon;
  }

  private constructor(config: Config, log: Logger, makeRole: MakeRole) {
    this.config = config;
    this.log = log;
    const forwards = config.role === 'router';
    const settings = instanceConfig(config, { forwards, startedAtMs: Date.now() });
    this.#interfaces = settings.interfaces;
    this.#interfaceNames = new Map(this.#interfaces.map((one) => [one.interfaceId, one.name]));
    const eventLog = new EventLog(log, (interfaceId) => this.interfaceName(interfaceId));
    const prng = new Prng(randomInt(2 ** 32));
    const surroundings = { log, interfaceName: (id: number) => this.interfaceName(id) };
    this.role = makeRole(settings, prng, surroundings, (make) => this.#driver.input(make));
    this.#driver = new Driver(this.role.machine, {
      onOutput: (output) => {
        if (output.kind === 'event') {
          const { event } = output as unknown as { readonly event: InstanceEvent };
          eventLog.write(event);
          this.events.emit('event', event);
          return;
        }
        if (output.kind === 'transmitBfd') {
          this.#sendBfd(output as unknown as TransmitBfdOutput);
          return;
        }
        if (this.#held) this.#held.push(output);
        else this.#perform(output);
      },
      onLinkStateUpdate: () => this.role.prepare?.(),
      onForwarding: () => {
        if (!this.#held) this.role.forward();
      },
      onSendError: (link, error) =>
        log.debug({ interface: link.name, error: String(error) }, 'datagram not sent'),
    });
    this.startedAtMs = this.#driver.nowMs();
  }

  /** Neighbors are met while the role begins: a router reads the kernel for as long as that takes. */
  #performHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const output of held) this.#perform(output);
    this.role.forward();
  }

  #perform(output: RoleOutput): void {
    this.role.perform(output);
    this.events.emit('output', output);
  }

  #sendBfd({ interfaceId, destination, octets }: TransmitBfdOutput): void {
    try {
      this.#attachments?.sendBfd(interfaceId, destination, octets);
    } catch (error) {
      const on = this.interfaceName(interfaceId);
      this.log.debug({ interface: on, error: String(error) }, 'BFD packet not sent');
    }
  }

  #attach(): void {
    const { config, log } = this;
    log.info({ role: config.role, routerId: formatDottedQuad(config.routerId) }, 'started');
    wakeSoon(); // before any tool is started: they inherit it
    const driver = this.#driver;
    const say = (level: 'info' | 'warn', message: string): void => log[level](message);
    const recordings = new LinkRecordings(config.interfaces, say);
    this.#recordings = recordings;
    this.#attachments = new Attachments({
      interfaces: this.#interfaces,
      driver: {
        attach: (link) => driver.attach(recordings.around(link)),
        detach: (interfaceId) => driver.detach(interfaceId),
        input: (make) => driver.input(make),
      },
      say,
    });
    this.#endRehearsal = rehearse((told) => log.debug(told));
  }

  get instance(): InstanceReads {
    return this.role.instance;
  }

  /** Milliseconds, as the machine sees them. */
  nowMs(): number {
    return this.#driver.nowMs();
  }

  interfaceName(interfaceId: number): string {
    return this.#interfaceNames.get(interfaceId) ?? `${interfaceId}`;
  }

  /** Hands an input to the role's machine. */
  input(make: (nowMs: number) => DaemonInput): void {
    this.#driver.input(make);
  }

  /** Flushes what was originated, says goodbye, and ends; the same promise when asked again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.log.info('stopping');
    this.#endRehearsal?.();
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, FAREWELL_MS);
      this.events.on('event', ({ name }) => {
        if (name !== 'stopped') return;
        clearTimeout(late);
        resolve();
      });
      this.#driver.input((nowMs) => ({ kind: 'stop', nowMs }));
    });
    try {
      await this.role.end();
    } catch (error) {
      this.log.error(`not all was cleaned up: ${(error as Error).message}`);
    }
    await this.#close();
    this.log.info('stopped');
  }

  async #close(): Promise<void> {
    this.#endRehearsal?.();
    this.#attachments?.close();
    this.#driver.close();
    await this.#recordings?.close();
  }
}
