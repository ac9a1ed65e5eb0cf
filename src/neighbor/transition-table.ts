/**
 * State machines as data: a row says from which states, on which events, under which answers, to
 * which state and with which actions. An unlisted pair is an illegal transition: it changes
 * nothing, and the owner counts it.
 * @module
 */

/** One row; `to: 'same'` leaves the state as it is. */
export interface Row<State extends string, Event extends string, Question extends string, Action> {
  readonly from: readonly State[];
  readonly on: readonly Event[];
  /** Every question named must have the answer given. */
  readonly when?: Readonly<Partial<Record<Question, boolean>>>;
  readonly to: State | 'same';
  /** In the order in which they are carried out, after the state has changed. */
  readonly act: readonly Action[];
}

/**
 * The row for an event in a state, or `undefined` when the transition is illegal.
 * @param ask - answers a question of the table; asked only where a row depends on it.
 */
export function rowFor<S extends string, E extends string, Q extends string, A>(
  table: readonly Row<S, E, Q, A>[],
  state: S,
  event: E,
  ask: (question: Q) => boolean,
): Row<S, E, Q, A> | undefined {
  return table.find(
    (row) =>
      row.from.includes(state) &&
      row.on.includes(event) &&
      (Object.entries(row.when ?? {}) as [Q, boolean][]).every(([q, answer]) => ask(q) === answer),
  );
}
