/**
 * A binary heap of vertices by any key, for incremental runs, whose queues are short.
 * @module
 */

export class VertexHeap {
  readonly #keys: number[] = [];
  readonly #vertices: number[] = [];

  /** The least key; `Infinity` when the heap is empty. */
  get leastKey(): number {
    return this.#keys[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Puts a vertex in, even when it is there already. */
  push(vertex: number, key: number): void {
    const keys = this.#keys;
    const vertices = this.#vertices;
    let at = keys.length;
    keys.push(key);
    vertices.push(vertex);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (keys[parent]! <= key) break;
      keys[at] = keys[parent]!;
      vertices[at] = vertices[parent]!;
      at = parent;
    }
    keys[at] = key;
    vertices[at] = vertex;
  }

  /** Takes the vertex with the least key. @returns -1 when the heap is empty. */
  pop(): number {
    const first = this.#vertices[0];
    if (first === undefined) return -1;
    const key = this.#keys.pop()!;
    const vertex = this.#vertices.pop()!;
    if (this.#keys.length > 0) this.#sink(key, vertex);
    return first;
  }

  #sink(key: number, vertex: number): void {
    const keys = this.#keys;
    const vertices = this.#vertices;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= keys.length) break;
      if (child + 1 < keys.length && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= key) break;
      keys[at] = keys[child]!;
      vertices[at] = vertices[child]!;
      at = child;
    }
    keys[at] = key;
    vertices[at] = vertex;
  }
}
