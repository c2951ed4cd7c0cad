import { attr, type AttrValue } from './attributes';
import { GraphBuilder } from './builder';
import { Frame, int32, type LoopVariable, type Value } from './frame';
import type { RecordedConstant } from '../trace/recording';

/** What a function is given: its placeholder in the function, and what it is in the frame around. */
interface Argument {
  readonly placeholder: string;
  readonly source: Value;
}

const sourceNames = (all: readonly Argument[]): string[] => all.map(({ source }) => source.name);
const placeholders = (all: readonly Argument[]): string[] => all.map(({ placeholder }) => placeholder);
const typesOf = (all: readonly Argument[]): AttrValue => attr.types(all.map(({ source }) => source.dtype));

/** The frame of a function: what it uses from outside becomes an argument of it. */
export abstract class FunctionFrame extends Frame {
  protected readonly captured: Argument[] = [];

  constructor(
    protected readonly around: Frame,
    name: string,
  ) {
    super(new GraphBuilder(), name, false, around);
  }

  override enter(source: Value): string {
    const known = this.entered.get(source.name);
    if (known !== undefined) return known;
    const placeholder = this.argument(`${this.name}/enter${this.entered.size}`, source.dtype);
    this.entered.set(source.name, placeholder);
    this.captured.push({ placeholder, source });
    return placeholder;
  }

  override enterReference(): string {
    throw new Error('a variable that is changed by reference is not for functions');
  }

  override constant(constant: RecordedConstant): string {
    return this.graph.constant(constant);
  }

  override ints(values: number | readonly number[]): string {
    return this.graph.ints(values);
  }

  /** XLA takes the offset of a `Slice` for a constant, and would compile anew for each. */
  override slice(name: string, source: Value, begin: string, size: readonly number[]): string {
    return this.node(name, 'XlaDynamicSlice', [source.name, begin, this.ints(size)], {
      T: attr.type(source.dtype),
      ...int32('Tindices'),
    });
  }

  override inner(name: string): Frame {
    return new WhileFrame(this, name);
  }

  protected argument(name: string, dtype: number): string {
    return this.graph.node(name, 'Placeholder', [], { dtype: attr.type(dtype) });
  }
}

/**
 * A loop as an operation of its own, whose body and condition are functions: the form that XLA takes. What it uses from outside
 * goes through all iterations unchanged.
 */
class WhileFrame extends FunctionFrame {
  private loopArguments: readonly Argument[] = [];
  private limit = '';

  override get end(): string {
    return `${this.name}/while`;
  }

  override loop(
    iterations: Value,
    zero: string,
    loopVariables: readonly LoopVariable[],
  ): { iteration: string; now: readonly string[] } {
    const { graph, name } = this;
    const all = [{ name: 'iteration', first: { name: zero, dtype: iterations.dtype } }, ...loopVariables];
    this.loopArguments = all.map(({ name: variable, first }) => {
      const placeholder = this.argument(`${name}/${variable}/first`, first.dtype);
      graph.node(`${name}/${variable}/now`, 'Identity', [placeholder], { T: attr.type(first.dtype) });
      return { placeholder, source: first };
    });
    this.limit = this.enter(iterations);
    return {
      iteration: `${name}/iteration/now`,
      now: loopVariables.map(({ name: variable }) => `${name}/${variable}/now`),
    };
  }

  override next(
    loopVariables: readonly LoopVariable[],
    values: readonly string[],
    after: readonly string[] = [],
  ): readonly string[] {
    const { graph, around, name, captured } = this;
    const control = after.map((node) => `^${node}`);
    const inputs = [`${name}/iteration/now`, this.ints(1), ...control];
    const plus = graph.node(`${name}/iteration/plus`, 'Add', inputs, int32());
    const all = [...this.loopArguments, ...captured];
    around.graph.function(`${name}/body`, graph, placeholders(all), [
      plus,
      ...values,
      ...placeholders(captured),
    ]);
    this.addCondition(all);
    around.node(this.end, 'While', sourceNames(all), {
      T: typesOf(all),
      cond: attr.function(`${name}/condition`),
      body: attr.function(`${name}/body`),
    });
    return loopVariables.map((_, index) => `${this.end}:${index + 1}`);
  }

  private addCondition(all: readonly Argument[]): void {
    const { name, around, limit } = this;
    const condition = new GraphBuilder();
    for (const { placeholder, source } of all)
      condition.node(placeholder, 'Placeholder', [], { dtype: attr.type(source.dtype) });
    const more = condition.node(`${name}/more`, 'Less', [`${name}/iteration/first`, limit], int32());
    around.graph.function(`${name}/condition`, condition, placeholders(all), [more]);
  }
}

/** The attribute of a call that says that XLA compiles what is called, or the call fails. */
const MUST_COMPILE = '_XlaMustCompile';

/** A part of a graph as a function, which XLA compiles when it is first called. */
export class CompiledCall extends FunctionFrame {
  /**
   * Calls the function, which gives these values, after others; gives the names of what comes out in the frame around. Where the same was
   * added before under the name `body`, that is called: XLA compiles it once.
   */
  call(values: readonly Value[], body = `${this.name}/compiled`, after: readonly string[] = []): string[] {
    const { around, graph, name, captured } = this;
    const given = placeholders(captured);
    if (!around.graph.hasFunction(body)) {
      around.graph.function(
        body,
        graph,
        given,
        values.map((value) => value.name),
      );
    }
    around.node(name, 'StatefulPartitionedCall', [...sourceNames(captured), ...after], {
      Tin: typesOf(captured),
      Tout: attr.types(values.map(({ dtype }) => dtype)),
      f: attr.function(body),
      config: attr.text(''),
      config_proto: attr.text(''),
      executor_type: attr.text(''),
      [MUST_COMPILE]: attr.bool(true),
    });
    return values.map((_, index) => `${name}:${index}`);
  }
}
