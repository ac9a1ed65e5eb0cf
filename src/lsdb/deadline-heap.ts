/**
 * A binary heap of deadlines, so that a database of any size knows its next one at once.
 * @module
 */

interface Slot<T> {
  readonly atMs: number;
  readonly item: T;
}

/** Items ordered by the time at which each falls due. */
export class DeadlineHeap<T> {
  #slots: Slot<T>[] = [];

  get size(): number {
    return this.#slots.length;
  }

  /** When the earliest item falls due; `Infinity` when there is none. */
  get nextMs(): number {
    return this.#slots[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  push(atMs: number, item: T): void {
    this.#slots.push({ atMs, item });
    this.#siftUp(this.#slots.length - 1);
  }

  /** Takes the earliest item that is due at `nowMs`, or `undefined`. */
  popDue(nowMs: number): T | undefined {
    const first = this.#slots[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = this.#slots.pop()!;
    if (this.#slots.length > 0) {
      this.#slots[0] = last;
      this.#siftDown(0);
    }
    return first.item;
  }

  /** Drops the items that `keep` refuses. */
  retain(keep: (item: T) => boolean): void {
    this.#slots = this.#slots.filter((slot) => keep(slot.item));
    for (let at = (this.#slots.length >>> 1) - 1; at >= 0; at--) this.#siftDown(at);
  }

  #siftUp(from: number): void {
    const slots = this.#slots;
    const slot = slots[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (slots[parent]!.atMs <= slot.atMs) break;
      slots[at] = slots[parent]!;
      at = parent;
    }
    slots[at] = slot;
  }

  #siftDown(from: number): void {
    const slots = this.#slots;
    const slot = slots[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= slots.length) break;
      if (child + 1 < slots.length && slots[child + 1]!.atMs < slots[child]!.atMs) child++;
      if (slots[child]!.atMs >= slot.atMs) break;
      slots[at] = slots[child]!;
      at = child;
    }
    slots[at] = slot;
  }
}
