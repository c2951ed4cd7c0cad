/** TensorFlow's kernels for images, on another thread: this one is free meanwhile. */
import { attr, type AttrValue } from '../../engine/graph/attributes';
import { GraphBuilder } from '../../engine/graph/builder';
import { Session, tensorsOf, type GraphRun } from '../../engine/graph/session';
import { MalformedError } from '../../files/malformed';
import { TensorflowError } from '../../native/index';
import { binding, TYPES, wrap } from '../../tfjs/binding';
import { tf, type Tensor, type Tensor3D } from '../../tfjs/tensorflow';
import type { Interpolation } from '../../ops/resample';
import type { ImageFormat } from './image-format';
import type { Channels, Pixels } from './pixels';

/** Runs of graphs of one kernel each, made when they are first needed. A thread of JavaScript's has its own. */
const runs = new Map<string, GraphRun>();

const runFor = (
  key: string,
  build: (graph: GraphBuilder) => { feeds: string[]; fetch: string },
): GraphRun => {
  let run = runs.get(key);
  if (run === undefined) {
    const graph = new GraphBuilder();
    const { feeds, fetch } = build(graph);
    run = new Session(graph).prepare(feeds, [fetch]);
    runs.set(key, run);
  }
  return run;
};

/** Bytes as a scalar tensor of TensorFlow's strings, for as long as an action takes. */
const withBytes = async <T>(bytes: Uint8Array, action: (tensor: Tensor) => Promise<T>): Promise<T> => {
  const id = binding().createTensor([], TYPES.string, [bytes]);
  const tensor = wrap({ id, shape: [], dtype: TYPES.string });
  try {
    return await action(tensor);
  } finally {
    tensor.dispose();
  }
};

/** What a kernel says of bytes that it cannot read. */
const asMalformed = (error: unknown): unknown =>
  error instanceof TensorflowError
    ? new MalformedError(
        `the image cannot be read (${error.reason.replace(/^\{\{.*?\}\}\s*/, '').slice(0, 160)})`,
        {
          cause: error,
        },
      )
    : error;

const DECODERS: Readonly<Record<ImageFormat, string>> = {
  jpeg: 'DecodeJpeg',
  png: 'DecodePng',
  gif: 'DecodeGif',
  bmp: 'DecodeBmp',
};

/** How an image is decoded. */
export interface Decoding {
  readonly format: ImageFormat;
  /** What the kernel makes of it: of JPEG gray or colors, of PNG those with transparency, too. Else as the file has it. */
  readonly channels: number;
  /** Whether JPEG is decoded as exactly as Pillow does, or as TensorFlow's `decode_image`. */
  readonly isAccurate: boolean;
}

/** The node of a graph that decodes the bytes of an image. */
const decoded = (graph: GraphBuilder, bytes: string, { format, channels, isAccurate }: Decoding): string => {
  const attributes: Record<string, AttrValue> = {};
  // Of BMP as the file has it, which TensorFlow 2 wants to be left open, and 1.15 keeps from the first file on: each has its own run.
  if (format !== 'gif') attributes['channels'] = attr.int(format === 'bmp' ? 0 : channels);
  if (format === 'jpeg') {
    attributes['fancy_upscaling'] = attr.bool(true);
    attributes['dct_method'] = attr.text(isAccurate ? 'INTEGER_ACCURATE' : '');
  }
  if (format === 'png') attributes['dtype'] = attr.type(TYPES.uint8);
  return graph.node('pixels', DECODERS[format], [bytes], attributes);
};

const keyOf = ({ format, channels, isAccurate }: Decoding): string => `${format} ${channels} ${isAccurate}`;

const decoder = (decoding: Decoding): GraphRun =>
  runFor(keyOf(decoding), (graph) => {
    const feed = graph.placeholder('bytes', TYPES.string, []);
    return { feeds: [feed], fetch: decoded(graph, feed, decoding) };
  });

/**
 * The pixels of an image; of one that moves, those of the first picture.
 *
 * @throws MalformedError if it is damaged.
 */
export const decode = (bytes: Uint8Array, decoding: Decoding): Promise<Pixels> =>
  withBytes(bytes, async (fed) => {
    try {
      const [image] = await decoder(decoding).startReading([fed]).promise;
      // One was asked for, of bytes; a GIF's has its pictures in front.
      const { shape, values } = image as { shape: number[]; values: Uint8Array };
      const [height, width, channels] = shape.slice(-3) as [number, number, Channels];
      return { data: values.subarray(0, height * width * channels), height, width, channels };
    } catch (error) {
      throw asMalformed(error);
    }
  });

/** The quality of JPEG files, as Pillow has it by default. */
const QUALITY = 75;

/** An image as the bytes of a file. */
export const encode = async (pixels: Pixels, format: 'png' | 'jpeg'): Promise<Uint8Array> => {
  const { data, height, width, channels } = pixels;
  const run = runFor(`encode ${format}`, (graph) => {
    const feed = graph.placeholder('pixels', TYPES.uint8, [-1, -1, -1]);
    const node =
      format === 'png'
        ? graph.node('bytes', 'EncodePng', [feed], { T: attr.type(TYPES.uint8) })
        : graph.node('bytes', 'EncodeJpeg', [feed], { quality: attr.int(QUALITY) });
    return { feeds: [feed], fetch: node };
  });
  const fed = { shape: [height, width, channels], dtype: TYPES.uint8, values: data };
  const [encoded] = await run.startReading([fed]).promise;
  const [bytes] = (encoded as { values: Uint8Array[] }).values; // one string was asked for
  return bytes as Uint8Array;
};

const RESIZERS: Partial<Readonly<Record<Interpolation, string>>> = {
  bilinear: 'ResizeBilinear',
  nearest: 'ResizeNearestNeighbor',
  bicubic: 'ResizeBicubic',
  area: 'ResizeArea',
};

/** The node of a graph that resizes images of uint8, if it needs nothing but their new size. */
const resized = (
  graph: GraphBuilder,
  images: string,
  size: string,
  interpolation: Interpolation,
): string | undefined => {
  const operation = RESIZERS[interpolation];
  if (operation === undefined) return undefined;
  // The kernels read uint8 themselves: to cast what is decoded takes longer than to resize it.
  const node = graph.node('resized', operation, [images, size], {
    T: attr.type(TYPES.uint8),
    align_corners: attr.bool(false),
    ...(interpolation === 'area' ? {} : { half_pixel_centers: attr.bool(true) }),
  });
  if (interpolation !== 'nearest') return node;
  return graph.node('floats', 'Cast', [node], {
    SrcT: attr.type(TYPES.uint8),
    DstT: attr.type(TYPES.float),
  });
};

const resizer = (interpolation: Interpolation): GraphRun =>
  runFor(`resize ${interpolation}`, (graph) => {
    const images = graph.placeholder('image', TYPES.uint8, [1, -1, -1, -1]);
    const size = graph.placeholder('size', TYPES.int32, [2]);
    const node = resized(graph, images, size, interpolation);
    if (node !== undefined) return { feeds: [images, size], fetch: node };
    const scale = graph.placeholder('scale', TYPES.float, [2]);
    const shift = graph.constant({ dtype: TYPES.float, shape: [2], values: Float32Array.of(0, 0) });
    return {
      feeds: [images, size, scale],
      fetch: graph.node('resized', 'ScaleAndTranslate', [images, size, scale, shift], {
        T: attr.type(TYPES.uint8),
        kernel_type: attr.text(interpolation),
        antialias: attr.bool(false),
      }),
    };
  });

/** Whether {@link decodeResized} knows a format and an interpolation. */
export const canResizeDecoded = (format: ImageFormat, interpolation: Interpolation): boolean =>
  (format === 'jpeg' || format === 'png') && RESIZERS[interpolation] !== undefined;

/**
 * {@link decode} and {@link resizeByKernel} in one, so that the pixels of the file never come to JavaScript.
 *
 * @throws MalformedError if it is damaged.
 */
export const decodeResized = (
  bytes: Uint8Array,
  decoding: Decoding,
  size: readonly [number, number],
  interpolation: Interpolation,
): Promise<Tensor> => {
  const run = runFor(`${keyOf(decoding)} ${interpolation}`, (graph) => {
    const fed = graph.placeholder('bytes', TYPES.string, []);
    const extent = graph.placeholder('size', TYPES.int32, [2]);
    const axis = graph.constant({ dtype: TYPES.int32, shape: [], values: Int32Array.of(0) });
    const images = graph.node('images', 'ExpandDims', [decoded(graph, fed, decoding), axis], {
      T: attr.type(TYPES.uint8),
      Tdim: attr.type(TYPES.int32),
    });
    const node = resized(graph, images, extent, interpolation);
    if (node === undefined) throw new Error(`there is no kernel for ${interpolation}`);
    return { feeds: [fed, extent], fetch: node };
  });
  return withBytes(bytes, async (fed) => {
    const extent = { shape: [2], dtype: TYPES.int32, values: Int32Array.from(size) };
    try {
      const [image] = tensorsOf(await run.start([fed, extent]).promise);
      return image as Tensor; // one was asked for
    } catch (error) {
      throw asMalformed(error);
    }
  });
};

/** An image in another size, as `tf.image.resize` makes it, without antialiasing: float32 `[1, height, width, channels]`. */
export const resizeByKernel = async (
  { data, height, width, channels }: Pixels,
  [rows, columns]: readonly [number, number],
  interpolation: Interpolation,
): Promise<Tensor> => {
  const feeds = [
    { shape: [1, height, width, channels], dtype: TYPES.uint8, values: data },
    { shape: [2], dtype: TYPES.int32, values: Int32Array.of(rows, columns) },
    ...(RESIZERS[interpolation] === undefined
      ? [{ shape: [2], dtype: TYPES.float, values: Float32Array.of(rows / height, columns / width) }]
      : []),
  ];
  const [image] = tensorsOf(await resizer(interpolation).start(feeds).promise);
  return image as Tensor; // one was asked for
};

/** Images of one size, each with a batch axis of one, as one batch; they are freed. */
export const batchOf = (images: readonly Tensor[]): Tensor => {
  try {
    return tf.concat([...images] as Tensor3D[], 0); // of one rank
  } finally {
    tf.dispose([...images]);
  }
};
