/**
 * Vertices in the order in which they were reached: the queue of a search in which no vertex comes
 * nearer once it is reached.
 * @module
 */
import { newWords } from './words.ts';

export class VertexLine {
  /** The vertices, each once. */
  order = newWords(0);
  /** How many there are. */
  length = 0;

  /** Begins anew, with room for so many. */
  reset(vertices: number): void {
    this.length = 0;
    if (vertices > this.order.length) this.order = newWords(vertices + (vertices >>> 1));
  }

  push(vertex: number): void {
    this.order[this.length++] = vertex;
  }
}
