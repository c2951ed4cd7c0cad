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

const decoder = ({ format, channels, isAccurate }: Decoding): GraphRun =>
  runFor(`${format} ${channels} ${isAccurate}`, (graph) => {
    const feed = graph.placeholder('bytes', TYPES.string, []);
    const attributes: Record<string, AttrValue> = {};
    // Of BMP as the file has it, which TensorFlow 2 wants to be left open, and 1.15 keeps from the first file on: each has its own run.
    if (format !== 'gif') attributes['channels'] = attr.int(format === 'bmp' ? 0 : channels);
    if (format === 'jpeg') {
      attributes['fancy_upscaling'] = attr.bool(true);
      attributes['dct_method'] = attr.text(isAccurate ? 'INTEGER_ACCURATE' : '');
    }
    if (format === 'png') attributes['dtype'] = attr.type(TYPES.uint8);
    return { feeds: [feed], fetch: graph.node('pixels', DECODERS[format], [feed], attributes) };
  });

/**
 * The pixels of an image; of one that moves, those of the first picture.
 *
 * @throws MalformedError if it is damaged.
 */
export const decode = (bytes: Uint8Array, decoding: Decoding): Promise<Pixels> =>
  withBytes(bytes, async (fed) => {
    try {
      const [decoded] = await decoder(decoding).startReading([fed]).promise;
      // One was asked for, of bytes; a GIF's has its pictures in front.
      const { shape, values } = decoded as { shape: number[]; values: Uint8Array };
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

const float = { T: attr.type(TYPES.float) };

const resizer = (interpolation: Interpolation): GraphRun =>
  runFor(`resize ${interpolation}`, (graph) => {
    const pixels = graph.placeholder('image', TYPES.uint8, [1, -1, -1, -1]);
    const size = graph.placeholder('size', TYPES.int32, [2]);
    const images = graph.node('images', 'Cast', [pixels], {
      SrcT: attr.type(TYPES.uint8),
      DstT: attr.type(TYPES.float),
    });
    const operation = RESIZERS[interpolation];
    if (operation !== undefined) {
      const attributes = {
        ...float,
        align_corners: attr.bool(false),
        ...(interpolation === 'area' ? {} : { half_pixel_centers: attr.bool(true) }),
      };
      return { feeds: [pixels, size], fetch: graph.node('resized', operation, [images, size], attributes) };
    }
    const scale = graph.placeholder('scale', TYPES.float, [2]);
    const shift = graph.constant({ dtype: TYPES.float, shape: [2], values: Float32Array.of(0, 0) });
    return {
      feeds: [pixels, size, scale],
      fetch: graph.node('resized', 'ScaleAndTranslate', [images, size, scale, shift], {
        ...float,
        kernel_type: attr.text(interpolation),
        antialias: attr.bool(false),
      }),
    };
  });

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
  const [resized] = tensorsOf(await resizer(interpolation).start(feeds).promise);
  return resized as Tensor; // one was asked for
};

/** Images of one size, each with a batch axis of one, as one batch; they are freed. */
export const batchOf = (images: readonly Tensor[]): Tensor => {
  try {
    return tf.concat([...images] as Tensor3D[], 0); // of one rank
  } finally {
    tf.dispose([...images]);
  }
};
