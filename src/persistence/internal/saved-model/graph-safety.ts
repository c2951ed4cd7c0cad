/**
 * What a graph may not do that comes from elsewhere: read or write files other than its own folder's, speak to other machines, or run code
 * that is no operation of TensorFlow's. TensorFlow itself runs whatever a graph says.
 */
import { excerpt, MalformedError } from '../../../files/malformed';

/** An operation of a graph, or of a function in it. */
export interface Operation {
  readonly name: string;
  readonly op: string;
  /** Its inputs, as they are named. */
  readonly inputs: readonly string[];
  /** The functions that its attributes name. */
  readonly functions: readonly string[];
  /** Where it prints to, if it says so. */
  readonly stream: string;
}

/** A function of a graph. */
export interface GraphFunction {
  /** The names of what it is given. */
  readonly parameters: readonly string[];
  readonly operations: readonly Operation[];
}

/** Operations that are refused wherever they stand. */
const REFUSED = new RegExp(
  `^(?:${[
    // Files.
    ...['ReadFile', 'WriteFile', 'MatchingFiles\\w*', 'Save\\w*', 'MergeV2Checkpoints', 'DistributedSave'],
    ...['\\w*Reader(?:V2)?', 'ImmutableConst', 'LoadAndRemapMatrix', 'GenerateVocabRemapping'],
    ...['(?:De|En)codeProto\\w*', 'CreateSummary\\w+', 'SummaryWriter', 'Write\\w*Summary'],
    ...['ImportEvent', 'FileSystemSetConfiguration', 'Gcs\\w+', 'CheckpointExists'],
    // Data sets that are files, or become some, or that come with a graph of their own.
    ...[
      '(?:Experimental)?(?:TextLine|TFRecord|FixedLengthRecord|LMDB|Sql|CSV|Cache|MatchingFiles)Dataset(?:V\\d)?',
    ],
    ...['(?:Experimental)?DatasetToTFRecord', '(?:List)?Snapshot\\w*', 'Load\\w*Dataset\\w*'],
    ...['DatasetFromGraph'],
    // Other machines.
    ...['\\w*DataService\\w*', 'RegisterDataset\\w*', '(?:Try)?Rpc\\w*', 'Remote\\w+', 'Debug\\w+'],
    ...['Copy(?:Host)?'],
    ...['_?(?:Host)?(?:Send|Recv)', 'Collective\\w+'],
    // Code, and the end of the process.
    ...['\\w*PyFunc\\w*', 'TRTEngineOp', 'Abort'],
  ].join('|')})$`,
);

/** Operations that read a file, and which of their inputs is its path: one that this library gives, of the graph's own folder. */
const PATHS: Readonly<Record<string, number>> = {
  Restore: 0,
  RestoreSlice: 0,
  RestoreV2: 0,
  InitializeTableFromTextFile: 1,
  InitializeTableFromTextFileV2: 1,
};

/** Operations that give their inputs to a function as they are. */
const CALLS: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall']);

const refused = ({ name, op }: Operation, what: string): MalformedError =>
  new MalformedError(
    `saved_model.pb has an operation '${excerpt(name)}' of the type ${excerpt(op)}, which ${what}: such graphs are not run`,
  );

/** The name of what an input comes from: `a` of `a:0`, `^a` and `a:output:0`. */
const sourceOf = (input: string): string => input.replace(/^\^/, '').replace(/:.*$/s, '');

/** Follows values from operation to operation. */
class Flow {
  /** Which parameters of each function are paths. */
  private readonly paths = new Map<string, Set<number>>();

  constructor(private readonly functions: ReadonlyMap<string, GraphFunction>) {}

  /** Which inputs of an operation are paths. */
  private pathsOf(operation: Operation): readonly number[] {
    const { op, functions } = operation;
    const own = Object.hasOwn(PATHS, op) ? [PATHS[op] as number] : []; // as just seen
    const called = this.functions.has(op) ? [op] : functions;
    const ofCalled = called.flatMap((name) => [...(this.paths.get(name) ?? [])]);
    if (ofCalled.length > 0 && !CALLS.has(op) && !this.functions.has(op))
      throw refused(operation, 'has a function in it that reads a file');
    return [...own, ...ofCalled];
  }

  /** The names that paths of some operations come from, with the operations that use them. */
  sources(operations: readonly Operation[]): (readonly [name: string, user: Operation])[] {
    const byName = new Map(operations.map((one) => [one.name, one]));
    const first = (input: string): string => {
      let name = sourceOf(input);
      // As often as there are operations, at the most: they might go round.
      for (let left = operations.length; left > 0; left--) {
        const from = byName.get(name);
        if (from?.op !== 'Identity') break;
        name = sourceOf(from.inputs[0] ?? '');
      }
      return name;
    };
    return operations.flatMap((operation) =>
      this.pathsOf(operation).map((index) => [first(operation.inputs[index] ?? ''), operation] as const),
    );
  }

  /** Finds out which parameters are paths; what else paths come from in a function is refused. */
  follow(): void {
    for (let changes = true; changes;) {
      changes = false;
      for (const [name, { parameters, operations }] of this.functions) {
        const found = this.paths.get(name) ?? new Set<number>();
        const before = found.size;
        for (const [source, user] of this.sources(operations)) {
          const index = parameters.indexOf(source);
          if (index < 0) throw refused(user, 'reads a file that is not in the folder');
          found.add(index);
        }
        this.paths.set(name, found);
        changes ||= found.size > before;
      }
    }
  }
}

/**
 * Throws if a graph may do what it must not. `fed` are the tensors to which this library gives the places of the folder's files.
 *
 * @throws MalformedError which names the operation.
 */
export const checkGraph = (
  operations: readonly Operation[],
  functions: ReadonlyMap<string, GraphFunction>,
  fed: ReadonlySet<string>,
): void => {
  const all = [...operations, ...[...functions.values()].flatMap((one) => one.operations)];
  for (const operation of all) {
    if (REFUSED.test(operation.op))
      throw refused(operation, 'reads or writes files, speaks to others, or runs code');
    if (operation.op === 'PrintV2' && !/^(?:|stdout|stderr|log\(\w+\))$/.test(operation.stream))
      throw refused(operation, 'prints into a file');
  }
  const flow = new Flow(functions);
  flow.follow();
  for (const [source, user] of flow.sources(operations))
    if (!fed.has(source)) throw refused(user, 'reads a file that is not in the folder');
};
