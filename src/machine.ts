/**
 * The contract of every machine of the core (docs/architecture.md): one mutation in, outputs
 * drained, a deadline to wake at. Hosts drive it in real time, the simulator in virtual time.
 * @module
 */
export interface Machine<I, O> {
  /** Takes one input in; it carries the time, which never goes back. */
  handle(input: I): void;
  /** The next output; to be asked until there is none, after every `handle`. */
  poll(): O | undefined;
  /** When it wants to be handed its deadline, milliseconds; Infinity for never. */
  deadlineMs(): number;
}

/**
 * What a machine has to say, in order, until it is asked. A run of a large area says tens of
 * thousands of routes at once: an array that long moves all others for each one that is shifted.
 */
export class OutputQueue<O> {
  #outputs: O[] = [];
  #next = 0;

  put(output: O): void {
    this.#outputs.push(output);
  }

  /** The next output, or `undefined` when everything was said. */
  poll(): O | undefined {
    const output = this.#outputs[this.#next];
    if (output === undefined) {
      this.#outputs = [];
      this.#next = 0;
    } else {
      this.#next++;
    }
    return output;
  }
}

/** Outputs of one drain beyond this mean that a machine never falls silent. */
export const MAX_OUTPUTS_PER_DRAIN = 1_000_000;
