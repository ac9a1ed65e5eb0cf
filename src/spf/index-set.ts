/**
 * A set of small numbers that is filled and emptied again and again, such as the vertices or the
 * prefixes that need another look.
 * @module
 */
import { FIRST_LENGTH, grown } from './key-table.ts';

/** Indices in the order in which they came, each once. */
export class IndexSet {
  size = 0;
  #members = new Int32Array(FIRST_LENGTH);
  #has = new Uint8Array(FIRST_LENGTH);

  at(place: number): number {
    return this.#members[place]!;
  }

  has(index: number): boolean {
    return this.#has[index] === 1;
  }

  /** Makes room for indices up to one. */
  reserve(indices: number): void {
    if (indices > this.#has.length) this.#has = grown(this.#has, indices);
    if (indices > this.#members.length) this.#members = grown(this.#members, indices);
  }

  add(index: number): void {
    if (index >= this.#has.length) this.#has = grown(this.#has, 2 * index);
    if (this.#has[index] === 1) return;
    this.#has[index] = 1;
    if (this.size === this.#members.length) this.#members = grown(this.#members, 2 * this.size);
    this.#members[this.size++] = index;
  }

  clear(): void {
    for (let i = 0; i < this.size; i++) this.#has[this.#members[i]!] = 0;
    this.size = 0;
  }
}
