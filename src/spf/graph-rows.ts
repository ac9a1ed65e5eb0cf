/**
 * Where the words of a vertex and of an edge stand in the arrays of the graph. What is looked at
 * together lies together: a vertex is one row; of an edge what a search needs, its target and its
 * cost, and what is looked through for its twin, the neighbor, are apart, as short as can be.
 * @module
 */

/** Of a vertex: where its edges begin and how many there are, bits of `Forwards`, and its room. */
export const VERTEX_WORDS = 4;
export const START = 0;
export const COUNT = 1;
export const FORWARDS = 2;
/** For how many edges there is room where they are. */
export const ROOM = 3;

/** Of an edge: what its LSA says of the two ends. */
export const END_WORDS = 2;
export const INTERFACE_ID = 0;
export const NEIGHBOR_INTERFACE_ID = 1;
