import { describe, expect, test } from '@jest/globals';
import {
  ADVERTISED_STATES,
  SERVICE_EVENTS,
  SERVICE_STATES,
  SERVICE_TABLE,
  type ServiceQuestion,
  serviceRowFor,
} from '../../src/server-cost/state-table.ts';

const ANSWERS: Record<ServiceQuestion, boolean>[] = [
  { risen: false, fallen: false },
  { risen: true, fallen: false },
  { risen: false, fallen: true },
];

describe('the table of a service', () => {
  test('has at most one row for a state, an event and the answers', () => {
    for (const state of SERVICE_STATES) {
      for (const event of SERVICE_EVENTS) {
        for (const answers of ANSWERS) {
          const rows = SERVICE_TABLE.filter(
            ({ from, on, when = {} }) =>
              from.includes(state) &&
              on.includes(event) &&
              Object.entries(when).every(([q, wanted]) => answers[q as ServiceQuestion] === wanted),
          );
          expect({ state, event, rows: rows.length }).toEqual({
            state,
            event,
            rows: rows.length > 0 ? 1 : 0,
          });
        }
      }
    }
  });

  test('every state knows what to do when the service is seen alive or dead', () => {
    for (const state of SERVICE_STATES) {
      for (const answers of ANSWERS) {
        for (const event of ['Alive', 'Dead'] as const) {
          expect(serviceRowFor(state, event, (q) => answers[q])).toBeDefined();
        }
      }
    }
  });

  test('a dead service is advertised in no state but FALLING, until it has fallen', () => {
    for (const state of SERVICE_STATES) {
      const row = serviceRowFor(state, 'Dead', (q) => q === 'fallen');
      const to = row?.to === 'same' ? state : row?.to;
      expect(ADVERTISED_STATES).not.toContain(to);
    }
  });

  test('routers are told whenever a row crosses between advertised and silent', () => {
    for (const { from, to, act } of SERVICE_TABLE) {
      for (const state of from) {
        const wasSaid = ADVERTISED_STATES.includes(state);
        const isSaid = to === 'same' ? wasSaid : ADVERTISED_STATES.includes(to);
        const standsBy = to === 'STANDBY';
        const wasTold = wasSaid || state === 'STANDBY';
        const isTold = isSaid || standsBy || (to === 'same' && state === 'STANDBY');
        expect({ state, to, withdraw: act.includes('withdraw') }).toEqual({
          state,
          to,
          withdraw: wasTold && !isTold,
        });
        expect({ state, to, standBy: act.includes('standBy') }).toEqual({
          state,
          to,
          standBy: standsBy,
        });
        expect({ state, to, announce: act.includes('announce') }).toEqual({
          state,
          to,
          announce: !wasSaid && isSaid,
        });
      }
    }
  });

  test('every state can be reached from INIT', () => {
    const reached = new Set(['INIT']);
    for (const state of reached) {
      for (const row of SERVICE_TABLE) {
        if (row.to !== 'same' && (row.from as readonly string[]).includes(state)) {
          reached.add(row.to);
        }
      }
    }
    expect([...reached].sort()).toEqual([...SERVICE_STATES].sort());
  });

  test('disable and drain lead every state out of service, and enable back', () => {
    const no = () => false;
    for (const state of SERVICE_STATES.filter((one) => one !== 'DISABLED')) {
      expect(serviceRowFor(state, 'Disable', no)?.to).toBe('DISABLED');
      if (state === 'DRAINING' || state === 'DRAINED') continue;
      expect(['DRAINING', 'DRAINED']).toContain(serviceRowFor(state, 'Drain', no)?.to);
    }
    expect(serviceRowFor('DRAINED', 'Enable', no)?.to).toBe('INIT');
    expect(serviceRowFor('DISABLED', 'Enable', no)?.to).toBe('INIT');
    expect(serviceRowFor('DISABLED', 'Undrain', no)).toBeUndefined();
  });
});
