/**
 * A set of small numbers that is filled and emptied again and again, such as the vertices or the
 * prefixes that need another look.
 * @module
 */
import { FIRST_LENGTH, grownOctets, grownWords, newOctets, newWords } from './words.ts';

/** Indices in the order in which they came, each once. */
export class IndexSet {
  /** How many there are, unless there are {@link all}. */
  size = 0;
  #all = false;
  #members = newWords(0);
  #has = newOctets(0);

  /** Whether it has every index there may be; `at` and `size` tell nothing then. */
  get all(): boolean {
    return this.#all;
  }

  at(place: number): number {
    return this.#members[place]!;
  }

  has(index: number): boolean {
    return this.#all || this.#has[index] === 1;
  }

  /** Makes room for indices up to one. */
  reserve(indices: number): void {
    if (indices > this.#has.length) this.#has = grownOctets(this.#has, indices);
    if (indices > this.#members.length) this.#members = grownWords(this.#members, indices);
  }

  add(index: number): void {
    if (this.#all) return;
    if (index >= this.#has.length) this.#has = grownOctets(this.#has, FIRST_LENGTH + 2 * index);
    if (this.#has[index] === 1) return;
    this.#has[index] = 1;
    if (this.size === this.#members.length) {
      this.#members = grownWords(this.#members, FIRST_LENGTH + 2 * this.size);
    }
    this.#members[this.size++] = index;
  }

  /** Adds every index there may be: they need not be told one by one. */
  addAll(): void {
    this.clear();
    this.#all = true;
  }

  clear(): void {
    for (let i = 0; i < this.size; i++) this.#has[this.#members[i]!] = 0;
    this.size = 0;
    this.#all = false;
  }
}
