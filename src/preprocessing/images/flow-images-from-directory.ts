import path from 'node:path';
import { callable, type Always, type callForm, type CallForm } from '../../base/call-styles';
import {
  boolean,
  checkOptions,
  oneOf,
  optional,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { KerasArgumentError, KerasFileError } from '../../base/errors';
import { didYouMean } from '../../base/suggestions';
import { orNull } from '../../datasets/options';
import type { Tensor4D } from '../../tfjs/tensorflow';
import { classFolders, filesBelow, type DirectoryListing } from '../directory';
import { pathSubject } from '../files';
import { classTargets, type ClassMode } from './class-targets';
import {
  fileFlowChecks,
  fileSource,
  FLOW_ENDINGS,
  partOfList,
  splitOf,
  type FileFlowOptions,
} from './flow-options';
import { ImageFlow, type FlowBatch } from './image-flow';

/** Options of {@link flowImagesFromDirectory}; `null` switches an option off. */
export interface FlowImagesFromDirectoryOptions extends FileFlowOptions {
  /**
   * What labels are: `'categorical'`, the default, one-hot; `'binary'` and `'sparse'`, float32 numbers `[n]`; `'input'`, the images
   * themselves; null for none.
   */
  classMode?: ClassMode | undefined;
  /** Whether folders are gone through to which links lead; false by default. */
  followLinks?: boolean | undefined;
}

const NAME = 'flowImagesFromDirectory';

const checks = {
  ...fileFlowChecks,
  classMode: optional(orNull(oneOf('categorical', 'binary', 'sparse', 'input')), 'categorical'),
  followLinks: optional(boolean, false),
} satisfies OptionChecks<FlowImagesFromDirectoryOptions>;

type Options = CheckedOptions<typeof checks>;

const classesIn = async (
  listing: DirectoryListing,
  given: readonly string[] | null,
): Promise<readonly string[]> => {
  const folders = await classFolders(listing);
  if (given === null || given.length === 0) return folders;
  const wrong = given.find((name) => !folders.includes(name));
  if (wrong === undefined) return given;
  throw new KerasArgumentError({
    function: NAME,
    argument: 'classes',
    expected: '`classes` must be names of folders',
    received: `'${wrong}'`,
    advice: didYouMean(wrong, folders),
  });
};

const flowOf = async (directory: string, options: Options): Promise<ImageFlow<unknown>> => {
  const { classMode, followLinks } = options;
  const split = splitOf(options);
  const listing: DirectoryListing = {
    functionName: NAME,
    directory,
    labels: 'inferred',
    classNames: undefined,
    seed: undefined,
    followLinks,
    formats: FLOW_ENDINGS,
  };
  const classNames = await classesIn(listing, options.classes);
  const files: string[] = [];
  const classes: number[] = [];
  for (const [label, name] of classNames.entries()) {
    // Each class has its own part for validation.
    const part = partOfList<readonly string[]>(await filesBelow(listing, path.join(directory, name)), split);
    files.push(...part);
    classes.push(...part.map(() => label));
  }
  if (files.length === 0) {
    throw new KerasFileError({
      function: NAME,
      argument: 'directory',
      expected: `the folders of classes must have files of ${FLOW_ENDINGS.join(', ')}`,
      received: `${directory}, in which there are none${options.subset === null ? '' : ` for ${options.subset}`}`,
      advice: 'Give the folder above those in which they are',
    });
  }
  return new ImageFlow({
    ...fileSource(NAME, options, files),
    classNames,
    classes,
    targets: (rows, images) => classTargets(classMode, classes, rows, images, classNames.length),
  });
};

/** The batches of a flow: of images alone, where it is said that there are no labels. */
type BatchOf<Given> = Given extends { readonly classMode: null } ? Tensor4D : FlowBatch;

/** A function of a folder that gives a promise of a flow. */
export interface DirectoryFlowTask {
  <const Given extends FlowImagesFromDirectoryOptions>(
    directory: string,
    options?: Given & FlowImagesFromDirectoryOptions,
  ): Promise<ImageFlow<BatchOf<Given>>>;
  <const Given extends FlowImagesFromDirectoryOptions>(
    options?: Given & FlowImagesFromDirectoryOptions,
  ): (directory: string) => Promise<ImageFlow<BatchOf<Given>>>;
  readonly [callForm]: CallForm<
    ['task', [options?: FlowImagesFromDirectoryOptions], Always<ImageFlow>, string]
  >;
}

/**
 * The images in a folder that has a folder for each class, as batches, each changed at random by `generator`. A promise of an
 * {@link ImageFlow}, of `[images, labels]`: float32 `[n, height, width, channels]`, and labels as `classMode` says.
 *
 * Files are in Keras's order, pixels are those that Keras has from Pillow (see {@link imageLoad}), and with a seed the order of batches
 * and the changes are those of Keras 2.13. Of the parts that the generator's `validationSplit` makes, the first files of each class are
 * those for validation. With `saveToDir` what a model sees is saved, its least number black and its largest white, under Keras's names.
 *
 * @throws KerasArgumentError if a class has no folder, or `subset` has no generator that splits.
 * @throws KerasFileError if the folder cannot be read, or has no folders, or no images; while reading, if a file cannot be read: it is named.
 * @example
 * for (const name of ['dark', 'light'])
 *   for (const level of [0, 10, 20]) await imageArraySave([[name === 'dark' ? level : 255 - level]], `shades/${name}/${level}.png`, { scale: false })
 * const generator = imageDataGenerator({ rescale: 1 / 255, horizontalFlip: true })
 * const flow = await flowImagesFromDirectory('shades', { generator, targetSize: [2, 2], colorMode: 'grayscale', classMode: 'binary' })
 * assert.strictEqual(String(flow), 'ImageFlow: 6 images of 2 classes in 1 batches')
 * assert.deepStrictEqual(flow.classIndices, { dark: 0, light: 1 })
 * for await (const [images, labels] of flow) assert.deepStrictEqual([images.shape, labels.shape], [[6, 2, 2, 1], [6]])
 * @see R keras `flow_images_from_directory`
 */
export const flowImagesFromDirectory: DirectoryFlowTask = callable({
  name: NAME,
  subject: pathSubject('directory'),
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (directory, _, options) => flowOf(directory, options),
  givesPromise: true,
}) as unknown as DirectoryFlowTask; // the call styles are told apart by the arguments
