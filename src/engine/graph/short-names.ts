/**
 * Short names for a graph's nodes. tfjs-node's binding never frees the names that it is given for a run, and copies the whole
 * list of them for each: what that takes grows with the names' lengths.
 */
export class ShortNames {
  private readonly short = new Map<string, string>();
  private readonly long = new Map<string, string>();

  /** The short name of a node; one of an output, `name:1`, or of a control input, `^name`, keeps what marks it so. */
  of(name: string): string {
    const [, control = '', node = '', output = ''] = /^(\^?)(.*?)((?::\d+)?)$/.exec(name) ?? [];
    const known = this.short.get(node);
    if (known !== undefined) return `${control}${known}${output}`;
    // A letter comes first: the binding takes a number for one of an output.
    const fresh = `n_${this.short.size.toString(36)}`;
    this.short.set(node, fresh);
    this.long.set(fresh, node);
    return `${control}${fresh}${output}`;
  }

  /** A text with the names that short ones stand for. */
  inFull(text: string): string {
    return text.replace(/\bn_[0-9a-z]+\b/g, (short) => this.long.get(short) ?? short);
  }
}
