/**
 * Seeded random numbers, the only randomness of the core: the same seed gives the same run.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), seeded through splitmix32.
 * @module
 */

/** A stream of pseudo-random numbers. */
export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param seed - any integer; only its low 32 bits count. */
  constructor(seed: number) {
    let state = seed | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** @returns the next integer, 0..2^32-1. */
  u32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** @returns the next number in [0, 1). */
  unit(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** @returns an integer in 0..count-1. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** @returns a number in [low, high). */
  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  /** @returns an exponentially distributed number with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /** A stream of its own, so that one user's draws do not shift another's. */
  fork(): Prng {
    return new Prng(this.u32());
  }
}
