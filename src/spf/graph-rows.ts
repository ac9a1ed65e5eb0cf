/**
 * Where the words of a vertex and of an edge stand in the arrays of the graph. What is looked at
 * together lies together: a vertex is one row, and what a search needs of an edge, its target and
 * its cost, is apart from the rest, as short as can be.
 * @module
 */

/** Of a vertex: where its edges begin and how many there are, bits of `Forwards`, and its room. */
export const VERTEX_WORDS = 4;
export const START = 0;
export const COUNT = 1;
export const FORWARDS = 2;
/** For how many edges there is room where they are. */
export const ROOM = 3;

/** Of an edge: what its LSA says beside the cost, and its twin. */
export const END_WORDS = 5;
/** The vertex that the LSA names, twin or not. */
export const NEIGHBOR = 0;
/** The matching edge back, or -1. */
export const TWIN = 1;
export const INTERFACE_ID = 2;
export const NEIGHBOR_INTERFACE_ID = 3;
/** 1 of a virtual link, whose next hops are those through its transit area. */
export const VIRTUAL = 4;
