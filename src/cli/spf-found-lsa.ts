/**
 * An LSA out of a database that is not ours, with where it belongs.
 * @module
 */
import type { Lsa } from '../lsa/lsa.ts';

/** Links are told apart by any name. */
export interface FoundLsa {
  readonly kind: 'link' | 'area' | 'as';
  /** Of a link, what it is called; of an area, its Area ID in dotted quads. */
  readonly name: string;
  readonly lsa: Lsa;
}
