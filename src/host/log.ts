/**
 * Logs, and which happening gets which level: what changes state is info, what an operator should
 * look at is a warning, what peers do wrong is debug with a counter, single packets are trace.
 * @module
 */
import { type Logger, pino } from 'pino';
import type { DropReason, InstanceEvent } from '../instance/output.ts';
import { formatAddress, formatDottedQuad } from '../wire/address.ts';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger that writes JSON lines to stderr, so that stdout stays free. */
export function openLog(level: LogLevel = 'info'): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

/** Name of an interface by its Interface ID. */
export type InterfaceNames = (interfaceId: number) => string;

/** Drops that mean a mistake in somebody's configuration: worth a warning, once per neighbor. */
const MISCONFIGURATIONS: ReadonlySet<DropReason> = new Set<DropReason>([
  'AreaMismatch',
  'HelloIntervalMismatch',
  'RouterDeadIntervalMismatch',
  'OptionsMismatch',
  'MtuMismatch',
  'AuthenticationMissing',
  'AuthenticationTrailer',
  'AuthenticationKey',
  'AuthenticationDigest',
  'AuthenticationReplay',
  'AuthenticationUnexpected',
  'DuplicateRouterId',
]);

/** Writes an instance's events to a log; keeps what was said already, to say it once. */
export class EventLog {
  readonly #log: Logger;
  readonly #nameOf: InterfaceNames;
  readonly #said = new Set<string>();

  constructor(log: Logger, nameOf: InterfaceNames) {
    this.#log = log;
    this.#nameOf = nameOf;
  }

  write(event: InstanceEvent): void {
    const on = 'interfaceId' in event && event.interfaceId !== undefined ? event.interfaceId : 0;
    const interfaceName = on ? this.#nameOf(on) : undefined;
    switch (event.name) {
      case 'interfaceState':
        this.#log.info({ interface: interfaceName, from: event.from, to: event.to }, event.name);
        break;
      case 'neighborState':
        this.#neighborState(event, interfaceName);
        break;
      case 'bfdState': {
        const { from, to, diagnostic } = event;
        const neighbor = formatDottedQuad(event.neighbor);
        this.#log.info({ interface: interfaceName, neighbor, from, to, diagnostic }, event.name);
        break;
      }
      case 'designatedRouter':
        this.#log.info(
          {
            interface: interfaceName,
            designatedRouter: formatDottedQuad(event.designatedRouter),
            backupDesignatedRouter: formatDottedQuad(event.backupDesignatedRouter),
          },
          event.name,
        );
        break;
      case 'datagramDropped':
        this.#dropped(event, interfaceName);
        break;
      case 'duplicateRouterId':
        this.#duplicate(event, interfaceName);
        break;
      case 'lsaOriginated':
      case 'lsaFlushed':
        this.#log.debug({ lsa: identityText(event.lsa.header) }, event.name);
        break;
      case 'lsaFoughtBack':
        this.#log.info({ lsa: identityText(event.lsa) }, event.name);
        break;
      case 'stopped':
        break; // the daemon says so itself when it has ended
    }
  }

  #neighborState(
    event: Extract<InstanceEvent, { name: 'neighborState' }>,
    interfaceName: string | undefined,
  ): void {
    const { from, to, because } = event;
    const neighbor = formatDottedQuad(event.neighbor);
    const level = to === 'Full' || from === 'Full' || to === 'Down' ? 'info' : 'debug';
    this.#log[level]({ interface: interfaceName, neighbor, from, to, because }, event.name);
  }

  #dropped(
    event: Extract<InstanceEvent, { name: 'datagramDropped' }>,
    interfaceName: string | undefined,
  ): void {
    const { reason, detail } = event;
    const source = formatAddress(event.source);
    const fields = { interface: interfaceName, source, reason, detail };
    if (MISCONFIGURATIONS.has(reason) && this.#once(`${interfaceName} ${source} ${reason}`)) {
      this.#log.warn(fields, `datagramDropped: ${reason}: ${detail}; said once, see show drops`);
    } else {
      this.#log.debug(fields, event.name);
    }
  }

  #duplicate(
    event: Extract<InstanceEvent, { name: 'duplicateRouterId' }>,
    interfaceName: string | undefined,
  ): void {
    const routerId = formatDottedQuad(event.routerId);
    const source = event.source && formatAddress(event.source);
    if (!this.#once(`duplicate ${interfaceName} ${source}`)) return;
    const where = source
      ? `${source} on ${interfaceName} uses it too`
      : 'a router elsewhere originates LSAs under it';
    this.#log.warn({ routerId, source }, `duplicate router id ${routerId}: ${where}`);
  }

  #once(what: string): boolean {
    if (this.#said.has(what)) return false;
    this.#said.add(what);
    return true;
  }
}

/** What names an LSA: type in hexadecimal, Link State ID, advertising router. */
export function identityText(header: {
  readonly lsType: number;
  readonly linkStateId: number;
  readonly advertisingRouter: number;
}): string {
  const type = header.lsType.toString(16).padStart(4, '0');
  const id = formatDottedQuad(header.linkStateId);
  return `0x${type} ${id} ${formatDottedQuad(header.advertisingRouter)}`;
}
