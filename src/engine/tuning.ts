/**
 * Every threshold of the engine: what it is, in which unit, and which benchmark shows it. `npm run bench:tuning` measures both
 * sides of those that are marked so, on the machine at hand; others name a row of `npm run bench` (bench/README.md).
 */

// Whether to compile.

/** Steps. Calls of fewer are too short to be looked at: tracing alone takes as long as two of them. bench:tuning, "compile". */
export const MIN_STEPS_TO_COMPILE = 10;

/** Steps of such short calls, all alike, after which another is looked at, too. bench:tuning, "compile". */
export const SHORT_STEPS_BEFORE_LOOKING = 20;

/** Milliseconds that building and loading a graph takes, whatever is in it: 60 to 110 of processors. bench:tuning, "compile". */
export const BUILD_MILLISECONDS = 80;

/** Milliseconds that each operation of a step adds to it: 0.3 to 0.4 from 10 layers to 1,000. bench:tuning, "compile"; bench:growth. */
export const BUILD_MILLISECONDS_PER_OPERATION = 0.4;

/**
 * Milliseconds that an operation takes on its way through JavaScript at least, which a compiled step saves. bench, Boston MLP one operation after the
 * other: 0.03 to 0.06; GRU over words, which has 30,000 in a step: 0.02. bench:tuning, "compile": more before V8 has compiled what runs.
 */
export const OVERHEAD_MILLISECONDS_PER_OPERATION = 0.02;

/**
 * Floating-point operations of products and convolutions that a millisecond is taken to do in an eager step. bench, MNIST MLP and convnet: 60 to
 * 100 million on two cores.
 */
export const EAGER_FLOPS_PER_MILLISECOND = 8e7;

/** Milliseconds that an operation takes in an eager step on TensorFlow's side, however few its numbers. bench:tuning, "compile". */
export const EAGER_MILLISECONDS_PER_OPERATION = 0.004;

/**
 * Elements. Elementwise operations on fewer, of which none comes of something that was left out, are computed while a step is traced: how many
 * nonzeros a sparse batch has, for one, depends on their values, which are in vectors. A million takes a millisecond.
 */
export const MIN_STAND_IN_ELEMENTS = 4096;
export const MIN_STAND_IN_VECTOR_ELEMENTS = 2 ** 20;

/**
 * Elements. Rows of tables that ids name are taken while a step is traced, if they have fewer: an id that is not there is told at once then. bench:latency,
 * first calls.
 */
export const MIN_GATHER_STAND_IN_ELEMENTS = 4096;

/** The fraction of an eager step's time that a compiled step saves at least, however large the operations. bench, MNIST MLP. */
export const SAVED_FRACTION = 0.4;

/** Calls with inputs of one shape, after which their prediction is compiled. bench:predict: building pays after 20 to 100. */
export const CALLS_BEFORE_COMPILING = 20;

/**
 * Milliseconds. Where a batch takes longer, one operation after the other, a `predict` of its shape is compiled from then on, which
 * leaves the event loop free. bench:latency, GRU and RNN over words.
 */
export const MAX_EAGER_MILLISECONDS = 20;

/**
 * Milliseconds that a time step of a recurrent layer is taken to need at least in a prediction, one operation after the other: of an LSTM, which
 * is one operation for all of them, 0.06 and more; others need ten times as much. bench:latency, predictions of the LSTM over 500 words.
 */
export const EAGER_MILLISECONDS_PER_TIME_STEP = 0.05;

/**
 * Shapes of inputs whose predictions are kept compiled for a model: each has a graph and a copy of the weights. For small models one
 * more takes about 1 MB and 15 ms, and saves four fifths of a call or more. bench:tuning, "shapes".
 */
export const MAX_COMPILED_SHAPES = 8;

// Whether XLA compiles a loop of small steps.

/** Milliseconds of processors that XLA takes for a loop, whatever is in it: 250 with the first loop of a process. bench:tuning, "xla". */
export const XLA_BUILD_MILLISECONDS = 250;

/** Milliseconds that each operation of a step adds to it: 2 to 9. bench:tuning, "xla". */
export const XLA_BUILD_MILLISECONDS_PER_OPERATION = 8;

/** Milliseconds that a compiled step saves for each operation: 0.0006 to 0.003. bench:tuning, "xla". */
export const XLA_SAVED_MILLISECONDS_PER_OPERATION = 0.0005;

/** How many times as much must be saved as compiling takes, for which the first step waits. */
export const MIN_XLA_GAIN = 1.5;

/**
 * Steps in one execution of a loop that XLA has compiled, at most: what is another number in each step is fed as so many numbers, since
 * another length would be compiled anew. An execution of the smallest steps has 2,500. bench, Boston MLP.
 */
export const MAX_XLA_STEPS = 4096;

// How much to run at a time.

/**
 * Milliseconds that one execution of compiled steps should take: the progress bar, `stopTraining` and who looks at the weights
 * meanwhile wait as long. Below 10, what an execution costs by itself shows (bench, Boston MLP).
 */
export const EXECUTION_MILLISECONDS = 25;

/**
 * Milliseconds that timers may wait until an execution of compiled steps in the caller's thread ends; others go to another thread, which leaves
 * the event loop free. Before a batch of a prediction that would end later, one operation after the other, timers run. Short ones, which are the whole epoch of a small model, are quicker in the caller's thread. bench, Boston MLP, an epoch of 16 ms:
 * a fifth less of the processors' time; embedding-sgd, one of 10 ms; bench:latency, MNIST MLP and IMDB sparse.
 */
export const MIN_THREAD_MILLISECONDS = 12;

/** Bytes of weights from which on they stay in the graph until somebody looks, and another thread reads them then. bench, embedding-sgd; bench:latency. */
export const MIN_THREAD_BYTES = 2 ** 23;

/** The same for a batch of a prediction, which has other batches behind it. bench:latency, predictions of the MNIST MLP. */
export const MIN_PREDICTION_THREAD_MILLISECONDS = 2;

/** The fraction of it that a step is taken to need at most after the first execution, which also optimizes the graph. */
export const FIRST_COST_FRACTION = 0.25;

// Streams of batches.

/** Bytes. Batches that wait for their steps take no more than that, or are one. */
export const MAX_QUEUE_BYTES = 64 * 2 ** 20;

/** Milliseconds that steps wait for batches to be run with, at most, while these come one soon after the other. */
export const MAX_FILL_MILLISECONDS = 250;

/** Batches that are made ahead while steps run one by one: one that is next, and one that is being made. */
export const MIN_QUEUED_BATCHES = 2;

/** Steps that a stream of unknown length is taken to have at least. */
export const ASSUMED_STREAM_STEPS = 200;

/** Kinds of batches of a stream whose steps are kept compiled for a model: each has a graph and a copy of the weights. */
export const MAX_STREAM_KINDS = 4;

// Which operation to take.

/** Elements. Logarithms of so few probabilities take a seventh to a half of the time of oneDNN's softmax. bench:tuning, "operations". */
export const MAX_LOG_SOFTMAX_ELEMENTS = 2 ** 14;

/** Elements. Sums of fewer over all axes but the last are as quick as a bias gradient; of more they take up to five times as long. bench:tuning, "operations". */
export const MIN_BIAS_GRADIENT_ELEMENTS = 2 ** 15;

// How to run it.

/**
 * Elements of an output. Operations of at most so many take less time than to hand them to another thread: a graph of such
 * runs in sequence. bench, Boston MLP: 0.038 ms a step in sequence, 0.053 side by side; bench:tuning, "sequence".
 */
export const MAX_SEQUENTIAL_ELEMENTS = 8192;

/**
 * Floating-point operations of a step, and the fraction of them that wait for each other, from which on one operation is run after the other
 * where oneDNN multiplies matrices: each product takes all processors, and others beside it only hold it up. An element of another operation's
 * output counts as so many. bench, MNIST MLP and IMDB dense on TensorFlow 2.21: 0.91 and 0.86 of a step's time.
 */
export const MIN_CHAIN_FLOPS = 6e7;
export const MIN_CHAIN_SHARE = 0.9;
export const ELEMENT_FLOPS = 64;

/**
 * Operations of a step. TensorFlow optimizes graphs of at most so many before it runs them, which takes 0.7 ms for each of them
 * and as much for what comes with them. It saves convolutional models some hundredths of a step. bench:tuning, "optimize".
 */
export const MAX_OPTIMIZED_OPERATIONS = 1000;

/**
 * The same for graphs of small operations, on TensorFlow 1: a tenth of a step, a twentieth with the updates of the Boston MLP. On
 * TensorFlow 2 steps take longer when they are optimized, by a fifth to two fifths. bench:tuning, "optimize".
 */
export const MAX_OPTIMIZED_SMALL_OPERATIONS = 100;

/**
 * Elements that a step takes of the data. Of so many, or of a sparse matrix, the next step's are taken during a step. bench, MNIST MLP and
 * IMDB sparse.
 */
export const MIN_ELEMENTS_AHEAD = 2 ** 15;

// How to rewrite it.

/**
 * Elements. Constants of more are made anew in each step, instead of lying in the graph as 4 bytes each. Of so many, a step that adds
 * one takes 10 µs instead of 13; of more there is no gain, and 4 MB take 14 ms to load. bench:tuning, "fold".
 */
export const MAX_FOLDED_ELEMENTS = 16_384;

/**
 * Bytes. Constants of up to so many become one node where their values are the same: all those that are folded. To look takes a
 * third of what a node more does, whatever the size. bench:tuning, "share".
 */
export const MAX_SHARED_CONSTANT_BYTES = 65_536;

/**
 * Channels of a convolution's input, and rows of the batch, from which on the filter's gradient is quicker as a convolution
 * of its own, but where oneDNN does it: there never. bench, convnet: a step takes a twelfth less; on TensorFlow 2.21 it would take half
 * as long again. bench:tuning, "filter".
 */
export const MIN_FILTER_GRADIENT_CHANNELS = 16;
export const MIN_FILTER_GRADIENT_ROWS = 8;

/**
 * Rows and columns of the product of a transposed matrix with another, from which and up to which on it is the transpose of the product in the other
 * order, but where oneDNN does it. bench, IMDB dense on TensorFlow 1.15: 10,000 × 16 takes 0.4 of the time, 784 × 16 0.6; 784 × 64 would take 1.3.
 */
export const MIN_TRANSPOSED_PRODUCT_ROWS = 512;
export const MAX_TRANSPOSED_PRODUCT_COLUMNS = 32;

/**
 * Elements of a table, and its rows for each id of a batch, from which on its gradient is kept as those of the rows that the ids
 * name: the whole one then costs more than the rows. bench, embedding-sgd and embedding-adam, far above it.
 */
export const MIN_TABLE_ELEMENTS = 2 ** 16;
export const MIN_TABLE_ROWS_PER_ID = 2;

/**
 * Elements of the rows of a table that a step updates, of which more are cut into parts, and into how many at most: TensorFlow hands an operation on some
 * more to another thread, which costs more than it saves until there are many. bench, embedding-sgd.
 */
export const MAX_PART_ELEMENTS = 2 ** 16;
export const MAX_PARTS = 8;

/**
 * Elements of a table all rows of which change in each step, from which on what a step does to rows that it does not name is made up for later,
 * by XLA. To compile it takes 0.4 s. A step takes as long without it of 70,000 × 64, and 1.4 and 2.4 times as long of 130,000 × 64 and 250,000 × 64.
 * bench, embedding-adam.
 */
export const MIN_ELEMENTS_BY_ROWS = 2 ** 23;

/** Steps after which rows that lag behind are brought up to date: an execution has no more. bench, embedding-adam. */
export const MAX_LAGGING_STEPS = 16;

/** Elements of the rows that are brought up to date at a time: these and their slots are to stay in a processor's cache. */
export const LAGGING_ELEMENTS_AT_ONCE = 2 ** 16;

/**
 * The fraction of a table's rows from which on all of it is gone through instead, so many steps at a time; the last of them one by one, where they are
 * fewer than the second number. On 500 000 × 64 a step takes 15 ms of processors then, instead of 26; one by one 33 and more.
 */
export const MIN_WHOLE_SWEEP = 0.5;
export const SWEPT_STEPS = 8;
export const MIN_SWEPT_STEPS = 3;

// Whether rows that are nearly all zeros become sparse ones.

/** Elements of a batch, from which on rows are looked at. */
export const MIN_SPARSE_BATCH_ELEMENTS = 2 ** 18;

/** The fraction of a matrix's numbers that may be other than zeros: what is made of it takes a tenth of its memory at most. */
export const MAX_NONZERO_FRACTION = 1 / 64;

/** Milliseconds to look at a number of a matrix, and to keep what is not zero. bench:tuning, "sparse". */
export const SPARSE_SCAN_MILLISECONDS_PER_ELEMENT = 1.5e-6;

/** How many times as much must be saved as that takes. */
export const MIN_SPARSE_GAIN = 1.5;

/** Milliseconds that a step takes for each element of a dense batch, and for each unit of the layer in each of its products. bench:tuning, "sparse". */
export const DENSE_MILLISECONDS_PER_ELEMENT = 1.2e-6;
export const DENSE_MILLISECONDS_PER_UNIT = 2e-8;

/** The same for each nonzero of sparse rows, and what they take besides in each product. bench:tuning, "sparse". */
export const SPARSE_MILLISECONDS = 0.05;
export const SPARSE_MILLISECONDS_PER_NONZERO = 5e-5;
export const SPARSE_MILLISECONDS_PER_UNIT = 4e-7;

// How weights come and go.

/**
 * Elements. Variables of at most so many are packed into one tensor to be written or read: one name for all of them, at the cost
 * of a copy, 4 MB each at most. bench:growth, deep stacks of small layers; larger ones go without a copy.
 */
export const MAX_PACKED_ELEMENTS = 2 ** 20;
